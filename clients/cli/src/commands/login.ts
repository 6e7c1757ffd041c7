import { Secret } from '@headgate/model'
import { NO_CREDENTIALS, readCredentials, saveCredentials, setCredentialsAside } from '@headgate/sdk/credentials'
import { createPlaneClient, isToken } from '@headgate/sdk/http'
import type { CommandContext } from '../command.ts'
import { askHidden } from '../input/ask.ts'
import { readValue } from '../input/read-text.ts'
import { end, need } from '../outcome.ts'
import { credentialsFileOf, planeUrl } from '../plane/connection.ts'

/** Takes a token, checks it with the plane, then stores it. A file that cannot be used makes room for a new one, and is kept. */
export async function run(context: CommandContext): Promise<void> {
  const { world, output } = context
  const file = credentialsFileOf(world)
  const known = await readCredentials(file)
  const url = planeUrl(world, context.url, known.ok ? known.value : NO_CREDENTIALS)
  if (travelsOpenly(url)) output.warn(`${url} is not encrypted: whoever is on the way to it can read the token`)
  const token = (await exchanged(context, url)) ?? (await tokenFor(context, url))
  const session = need(await createPlaneClient({ url, token }).call('getSession', {}))
  const { organisation, user } = session
  const aside = known.ok ? undefined : await setCredentialsAside(file)
  if (!known.ok) output.warn(`${known.problem.message}; it is kept as ${aside}, with whatever tokens of other planes it holds`)
  need(await saveCredentials(url, { token, organisation, user }, file))
  const document = { url, organisation, user, kind: session.kind, roles: session.roles, file, ...(aside === undefined ? {} : { aside }) }
  output.answer(document, () => `signed in to ${url} as ${output.paint.bold(user)} of ${organisation}\nthe token is in ${file}\n`)
}

/** The token an identity token is worth, where one is given: a short-lived one, for a workflow that holds no secret. */
async function exchanged({ world, invocation }: CommandContext, url: string): Promise<Secret | undefined> {
  const file = invocation.option('identity-file')
  if (file === undefined) return undefined
  if (invocation.option('token-file') !== undefined)
    end('USAGE', { reason: '--token-file and --identity-file exclude each other', command: 'login' })
  const token = (await readValue(world, file)).trim()
  return new Secret(need(await createPlaneClient({ url }).call('exchangeIdentity', { body: { token } })).token)
}

async function tokenFor({ world, invocation }: CommandContext, url: string): Promise<Secret> {
  const file = invocation.option('token-file')
  const question = { text: `Token for ${url}`, what: 'a token', instead: 'headgate login --token-file FILE, or - for standard input' }
  const text = (file === undefined ? await askHidden(world, question) : await readValue(world, file)).trim()
  if (text === '') end('USAGE', { reason: 'there is no token: what was given is empty', command: 'login' })
  if (!isToken(text)) end('USAGE', { reason: 'what was given is not a token', command: 'login' })
  return new Secret(text)
}

function travelsOpenly(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(localhost|127\..*|\[::1\])$/.test(hostname)
}
