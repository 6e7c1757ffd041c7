import { resolve } from 'node:path'
import { Secret } from '@headgate/model'
import type { CommandContext } from '../command.ts'
import { askHidden } from '../input/ask.ts'
import { keyChoice, keyWords } from '../input/key-choice.ts'
import { exists, readText, readValue } from '../input/read-text.ts'
import { count, localTime } from '../output/time.ts'
import { end, need } from '../outcome.ts'
import { databaseAddress } from '../plane/database-address.ts'

type Unlock = { readonly identities: readonly Secret[] } | { readonly passphrase: Secret }

/** Puts a back-up into an empty folder; all of it is verified first. */
export async function run(context: CommandContext): Promise<void> {
  const { world, output, invocation, spec } = context
  const name = invocation.argument('file') ?? ''
  const folder = invocation.option('data')
  if (folder === undefined) return end('USAGE', { reason: '--data FOLDER says where it goes', command: spec.name })
  if (!(await exists(world, name))) end('FILE_NOT_FOUND', { file: name })
  const unlock = await unlocking(context)
  const data = resolve(world.cwd, folder)
  const database = await databaseAddress(context)
  const key = await keyChoice(context, data, database !== undefined)
  const { restore } = await import('../local-plane.ts')
  const progress = output.progress('verifying and restoring the back-up')
  const into = database ? { database } : {}
  const options = { from: resolve(world.cwd, name), data, unlock, key, takeOver: invocation.flag('take-over'), ...into }
  const { manifest, rootKeyPlace, verified, tookOver } = need(await restore(options).finally(() => progress.done()))
  const document = { data, keyFile: rootKeyPlace, taken: manifest.created, records: verified.size, revisions: verified.checked.revisions }
  output.answer(document, () => {
    const lines = [
      `restored ${name} into ${data}`,
      `  taken     ${localTime(manifest.created)}`,
      `  verified  ${count(verified.size, 'record')}, ${count(verified.checked.revisions, 'revision')}`,
      `  ${key.source === 'file' ? 'key file' : 'root key'}  ${rootKeyPlace}`,
      `start it: headgate serve --data ${folder}${keyWords(context)}${databaseWords(invocation)}`,
    ]
    return `${lines.join('\n')}\n`
  })
  if (tookOver)
    output.warn(
      'a checkpoint was kept here for this plane already, and is that of this copy from now on: no older copy of it starts any more',
    )
}

/** How the database was named, so that the plane is started on it. What came from the environment is there then, too. */
function databaseWords({ option }: CommandContext['invocation']): string {
  return ['database', 'database-file'].map((name) => (option(name) === undefined ? '' : ` --${name} ${option(name)}`)).join('')
}

async function unlocking({ world, invocation, spec }: CommandContext): Promise<Unlock> {
  const identity = invocation.option('identity')
  const passphraseFile = invocation.option('passphrase-file')
  if (identity !== undefined && passphraseFile !== undefined) {
    end('USAGE', { reason: '--identity and --passphrase-file exclude each other', command: spec.name })
  }
  if (identity !== undefined) return { identities: await readIdentities(world, identity, spec.name) }
  if (passphraseFile !== undefined) return { passphrase: new Secret(await readValue(world, passphraseFile)) }
  const instead = 'headgate restore FILE --data FOLDER --identity FILE, or --passphrase-file FILE'
  return { passphrase: new Secret(await askHidden(world, { text: 'Passphrase', what: 'a passphrase', instead })) }
}

/** The identities of an age identity file: one a line, comments left out. */
async function readIdentities(world: CommandContext['world'], file: string, command: string): Promise<Secret[]> {
  const lines = (await readText(world, file)).split('\n').map((line) => line.trim())
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => new Secret(line))
  return identities.length > 0 ? identities : end('USAGE', { reason: `there is no age identity in ${file}`, command })
}
