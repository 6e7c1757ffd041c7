/**
 * The file `headgate login` writes and every client reads: one token for each plane, and which plane is meant where
 * none is named. Kept light, because `headgate run` loads it before every program.
 *
 * `credentials.json`: `{"version": 1, "current": URL, "planes": {URL: {"token", "organisation", "user"}}}`, mode 0600,
 * in a folder of mode 0700. It is refused when others can read it: then the tokens in it are no secrets any more.
 */
import { chmod, lstat, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Result, Secret, ok, refuse } from '@headgate/model'
import { exposureOf } from './file-exposure.ts'

export interface PlaneCredentials {
  readonly token: Secret
  readonly organisation: string
  readonly user: string
}

export interface Credentials {
  /** The plane that is meant where none is named. */
  readonly current?: string
  /** By the plane's address, as `normaliseUrl` writes it. */
  readonly planes: ReadonlyMap<string, PlaneCredentials>
}

export const NO_CREDENTIALS: Credentials = { planes: new Map() }

/** Where the file is: `$XDG_CONFIG_HOME/headgate/credentials.json`, otherwise below `~/.config`. */
export function credentialsFile(env: Readonly<Record<string, string | undefined>> = process.env, home: string = homedir()): string {
  return join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'headgate', 'credentials.json')
}

/** The one spelling of a plane's address, so that one plane is not kept twice. */
export function normaliseUrl(url: string): string {
  return (URL.parse(url)?.href ?? url).replace(/\/+$/, '')
}

/** What is in the file; nothing where there is no file. CREDENTIALS_UNUSABLE where it is exposed or is not what it should be. */
export async function readCredentials(file: string = credentialsFile()): Promise<Result<Credentials>> {
  try {
    const exposure = await exposureOf(file)
    if (exposure !== undefined) return refuse('CREDENTIALS_UNUSABLE', { file, reason: exposure })
    const text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '')
    const credentials = parse(text)
    return credentials ? ok(credentials) : refuse('CREDENTIALS_UNUSABLE', { file, reason: faultOf(text) })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === 'ENOENT' ? ok(NO_CREDENTIALS) : refuse('CREDENTIALS_UNUSABLE', { file, reason: code ?? 'it cannot be opened' })
  }
}

/**
 * Moves a file that cannot be used out of the way, and never over another that was. Nobody else can read it there.
 *
 * @returns its new name
 */
export async function setCredentialsAside(file: string = credentialsFile()): Promise<string> {
  for (let n = 1; ; n += 1) {
    const aside = `${file}.unusable${n === 1 ? '' : `-${n}`}`
    if (await isThere(aside)) continue
    await rename(file, aside)
    if ((await lstat(aside)).isFile()) await chmod(aside, 0o600)
    return aside
  }
}

function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  )
}

/** Keeps the credentials of a plane and makes it the current one. What is kept for other planes stays. */
export async function saveCredentials(url: string, credentials: PlaneCredentials, file: string = credentialsFile()): Promise<Result<void>> {
  const known = await readCredentials(file)
  if (!known.ok) return known
  const address = normaliseUrl(url)
  await write(file, { current: address, planes: new Map(known.value.planes).set(address, credentials) })
  return ok(undefined)
}

/**
 * Forgets the credentials of a plane; the current one where none is named. The file goes when nothing is left in it.
 *
 * @returns the address that was forgotten, undefined where there was none
 */
export async function removeCredentials(url?: string, file: string = credentialsFile()): Promise<Result<string | undefined>> {
  const known = await readCredentials(file)
  if (!known.ok) return known
  const address = url === undefined ? known.value.current : normaliseUrl(url)
  if (address === undefined || !known.value.planes.has(address)) return ok(undefined)
  const planes = new Map([...known.value.planes].filter(([other]) => other !== address))
  const current = known.value.current === address ? planes.keys().next().value : known.value.current
  if (planes.size === 0) await rm(file, { force: true })
  else await write(file, { planes, ...(current === undefined ? {} : { current }) })
  return ok(address)
}

/** This file is where tokens rest on purpose; nowhere else are they written in the clear. */
async function write(file: string, { current, planes }: Credentials): Promise<void> {
  const entries: Record<string, { token: string; organisation: string; user: string }> = {}
  for (const [url, { token, organisation, user }] of planes) entries[url] = { token: token.reveal(), organisation, user }
  const { writePrivateFile } = await import('./write-file.ts')
  await writePrivateFile(file, `${JSON.stringify({ version: 1, current, planes: entries }, null, 2)}\n`)
}

/** What is wrong with a text, in words that show nothing of it. */
function faultOf(text: string): string {
  if (text.trim() === '') return 'it is empty'
  try {
    JSON.parse(text)
    return 'it is JSON, but no credentials file of version 1'
  } catch {
    // The error's own words repeat a piece of the text, in which a token may be.
    return 'it is no JSON'
  }
}

function parse(text: string): Credentials | undefined {
  let content: { version?: unknown; current?: unknown; planes?: unknown }
  try {
    content = JSON.parse(text) as typeof content
  } catch {
    return undefined
  }
  const { version, current, planes } = content ?? {}
  if (version !== 1 || typeof planes !== 'object' || planes === null) return undefined
  const read = new Map<string, PlaneCredentials>()
  for (const [url, entry] of Object.entries(planes as Record<string, Record<string, unknown>>)) {
    const { token, organisation, user } = entry ?? {}
    if (typeof token !== 'string' || typeof organisation !== 'string' || typeof user !== 'string') return undefined
    read.set(url, { token: new Secret(token), organisation, user })
  }
  return typeof current === 'string' ? { current, planes: read } : { planes: read }
}
