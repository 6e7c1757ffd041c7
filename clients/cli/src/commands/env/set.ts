import { Secret, shortName } from '@headgate/model'
import type { CommandContext } from '../../command.ts'
import { changeText } from '../../environment/change-text.ts'
import { setPathEdit } from '../../environment/path-edit.ts'
import { type Json, literalText, typeOf, typedValue } from '../../environment/typed-value.ts'
import { ask, askHidden } from '../../input/ask.ts'
import { readValue } from '../../input/read-text.ts'
import { printable } from '../../output/printable.ts'
import { end } from '../../outcome.ts'
import { withoutVersion } from '../../plane/environment-route.ts'

/** Sets the value at one path and changes no other byte. */
export async function run(context: CommandContext): Promise<void> {
  const { invocation, output, connect, spec } = context
  refuseContradictions(context)
  const connection = await connect()
  const name = withoutVersion(await connection.environment(invocation.argument('environment')), spec.name)
  const path = invocation.argument('path') ?? ''
  const secret = invocation.flag('secret')
  const value = await valueFor(context, `${shortName(name)} ${path}`)
  const content = secret && typeof value === 'string' ? new Secret(value) : value
  const saved = await changeText(connection.client, name, setPathEdit(name, path, content))
  output.diagnostics(saved.diagnostics, saved.sources)
  // What a pipe gives whose first command failed, more often than what somebody meant.
  if (secret && value === '') output.warn(`the secret ${printable(path)} is empty`)
  const { environment, revision, changed } = saved
  const type = typeOf(value)
  output.answer({ environment, revision, path, type, secret, changed }, () => {
    const what = `${printable(path)} ${changed ? 'is now' : 'was already'} ${secret ? 'a secret' : `a ${type}`}`
    return `${what}; ${printable(environment)} is at revision ${revision}\n`
  })
}

function refuseContradictions({ invocation, spec }: CommandContext): void {
  const word = invocation.argument('value')
  const refuse = (reason: string) => end('USAGE', { reason, command: spec.name })
  if (invocation.flag('secret') && invocation.flag('json-value')) refuse('--secret and --json-value exclude each other: a secret is a text')
  if (invocation.flag('string') && invocation.flag('json-value')) refuse('--string and --json-value exclude each other')
  if (word !== undefined && invocation.option('value-file') !== undefined) refuse('a value and --value-file exclude each other')
  if (invocation.flag('secret') && word !== undefined && word !== '-') {
    refuse(
      'a secret never is an argument, where every program of this machine can read it; leave it out to be asked, or use - or --value-file',
    )
  }
}

/** The value from where the command line says it comes from, of the type it says it has. */
async function valueFor(context: CommandContext, place: string): Promise<Json> {
  const { invocation, spec } = context
  const text = await textFor(context, place)
  if (invocation.flag('json-value')) return parseJson(text, spec.name)
  if (invocation.flag('secret')) return text
  return invocation.flag('string') ? literalText(text) : typedValue(text)
}

async function textFor({ world, invocation }: CommandContext, place: string): Promise<string> {
  const word = invocation.argument('value')
  const file = word === '-' ? '-' : invocation.option('value-file')
  if (file !== undefined) return readValue(world, file)
  if (word !== undefined) return word
  const instead = `headgate env set ${place} ${invocation.flag('secret') ? '--secret ' : ''}--value-file FILE, or - for standard input`
  const question = { text: place, what: 'a value', instead }
  return invocation.flag('secret') ? askHidden(world, question) : ask(world, question)
}

/** The message of a JSON error quotes what it read, which may be a secret: only that it is wrong is said. */
function parseJson(text: string, command: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return end('USAGE', { reason: 'the value is not JSON', command })
  }
}
