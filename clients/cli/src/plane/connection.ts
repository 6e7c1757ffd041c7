import { type EnvironmentReference, Secret, parseEnvironmentReference } from '@headgate/model'
import { type Credentials, NO_CREDENTIALS, credentialsFile, normaliseUrl, readCredentials } from '@headgate/sdk/credentials'
import { NO_TOKEN, type PlaneClient, createPlaneClient, isToken } from '@headgate/sdk/http'
import { nodeTransport } from '@headgate/sdk/node-transport'
import { end, need } from '../outcome.ts'
import type { World } from '../world.ts'
import { DEFAULT_URL } from './defaults.ts'

/** A plane and who asks it. */
export interface Connection {
  readonly client: PlaneClient
  readonly url: string
  /** For what speaks to the plane over a socket. */
  readonly token: Secret
  /** The organisation that is meant where none is named. */
  organisation(): Promise<string>
  /** The environment a text names; without a text, HEADGATE_ENVIRONMENT. Ends the command where neither is there. */
  environment(text: string | undefined): Promise<EnvironmentReference>
}

/** Where the credentials of this world's user are. */
export function credentialsFileOf({ env }: World): string {
  return credentialsFile(env, env['HOME'])
}

/** The address of the plane that is meant: what was said, else what is set, else the one signed in to last. */
export function planeUrl({ env }: World, said: string | undefined, credentials: Credentials): string {
  const url = said ?? (env['HEADGATE_URL'] || undefined) ?? credentials.current ?? DEFAULT_URL
  const parsed = URL.parse(url)
  const wrong = (reason: string) => end('USAGE', { reason: `${url} is not the address of a plane: ${reason}`, command: 'login' })
  if (!parsed) return wrong('it is not a URL')
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') return wrong('it does not start with http:// or https://')
  if (parsed.username || parsed.password) {
    return end('USAGE', { reason: 'the address of a plane holds no user and no password', command: 'login' })
  }
  return normaliseUrl(url)
}

/**
 * The plane to speak to, with a token. Sends nothing yet. A token is only ever sent to the plane it was stored for;
 * the one in HEADGATE_TOKEN goes where the user points.
 *
 * @param command what help is about, where something is missing
 */
export async function connect(world: World, said: string | undefined, command = ''): Promise<Connection> {
  const file = credentialsFileOf(world)
  const fromEnvironment = tokenOf(world)
  // Where all is said, nothing is looked for, and a file that cannot be used is nobody's trouble.
  const allSaid = fromEnvironment && (said ?? world.env['HEADGATE_URL'])
  const credentials = allSaid ? NO_CREDENTIALS : need(await readCredentials(file))
  const url = planeUrl(world, said, credentials)
  const stored = credentials.planes.get(url)
  const token = fromEnvironment ?? stored?.token
  if (!token) return end('NOT_LOGGED_IN', { file })
  const client = createPlaneClient({ url, token }, nodeTransport)
  // A token of its own may belong to another organisation than the stored one.
  const known = fromEnvironment ? undefined : stored?.organisation
  const organisation = async () => (world.env['HEADGATE_ORGANISATION'] || known) ?? need(await client.call('getSession', {})).organisation
  return {
    client,
    url,
    token,
    organisation,
    environment: (text) =>
      environmentOf(text ?? world.env['HEADGATE_ENVIRONMENT'], { project: world.env['HEADGATE_PROJECT'], organisation, command }),
  }
}

/** The token HEADGATE_TOKEN says; undefined where it says none. */
function tokenOf({ env }: World): Secret | undefined {
  const said = env['HEADGATE_TOKEN']
  if (!said) return undefined
  // A file with the line ends of Windows leaves one behind it.
  const token = said.trim()
  if (isToken(token)) return new Secret(token)
  return end('CONFIG_SETTING_INVALID', { name: 'HEADGATE_TOKEN', reason: NO_TOKEN })
}

interface LeftOut {
  readonly project: string | undefined
  readonly organisation: () => Promise<string>
  readonly command: string
}

async function environmentOf(text: string | undefined, { project, organisation, command }: LeftOut): Promise<EnvironmentReference> {
  if (!text) return end('USAGE', { reason: 'no environment: none is named, and HEADGATE_ENVIRONMENT is not set', command })
  // The organisation is asked for only where the text leaves it out; a wrong text is refused before anything is sent.
  const parsed = need(parseEnvironmentReference(text, { organisation: 'unknown', ...(project ? { project } : {}) }))
  const named = text.split('@')[0]?.split('/').length === 3
  return named ? parsed : { ...parsed, organisation: await organisation() }
}
