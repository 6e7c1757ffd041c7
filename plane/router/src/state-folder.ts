import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { replaceDurably } from './durable-file.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { refused } from './router-error.ts'

/**
 * What a router leaves in its state folder so that others find it. Written when it is ready, kept when it is gone: the
 * next one takes the port from it.
 */
export interface RouterRecord extends ProcessIdentity {
  readonly format: 1
  /** The run, a random name. */
  readonly run: string
  readonly startedAt: string
  readonly host: string
  readonly port: number
  /** The control socket. */
  readonly control: string
}

const TOKEN = /^[0-9a-f]{64}$/
/** `sun_path` holds 108 bytes on Linux and 104 on macOS, the final zero included. */
const LONGEST_SOCKET_PATH = 103
const SOCKET = 'control.sock'

export const recordPath = (state: string): string => join(state, 'router.json')
export const tokenPath = (state: string): string => join(state, 'token')
export const logPath = (state: string): string => join(state, 'router.log')

/** Makes the folder, for this user alone. */
export async function openStateFolder(state: string): Promise<void> {
  await mkdir(state, { recursive: true, mode: 0o700 })
  await chmod(state, 0o700)
}

/** The control token of a folder, made when there is none. Whoever reads it commands the router, so nobody else may. */
export async function ensureToken(state: string): Promise<string> {
  const present = await readToken(state)
  if (present !== undefined) return present
  const token = randomBytes(32).toString('hex')
  await replaceDurably(tokenPath(state), `${token}\n`)
  return token
}

/** Undefined when there is none, or only a broken one. */
export async function readToken(state: string): Promise<string | undefined> {
  const text = await readFile(tokenPath(state), 'utf8').catch(() => '')
  return TOKEN.test(text.trim()) ? text.trim() : undefined
}

export async function writeRecord(state: string, record: RouterRecord): Promise<void> {
  await replaceDurably(recordPath(state), `${JSON.stringify(record)}\n`)
}

/** What the last router here left; undefined when there was none, or when its record cannot be read. */
export async function readRecord(state: string): Promise<RouterRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(recordPath(state), 'utf8')) as RouterRecord
    return record.format === 1 && Number.isInteger(record.port) && typeof record.control === 'string' ? record : undefined
  } catch {
    return undefined
  }
}

/**
 * Where the control socket goes: into the state folder, or, where that path is too long for a socket, into a new private folder with a
 * short one, which the record names.
 */
export async function chooseSocketPath(state: string): Promise<string> {
  const direct = join(state, SOCKET)
  if (fits(direct)) return direct
  for (const base of [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/tmp']) {
    // mkdtemp adds six characters and makes the folder for this user alone.
    if (base && fits(join(base, 'hgr-XXXXXX', SOCKET))) return join(await mkdtemp(join(base, 'hgr-')), SOCKET)
  }
  throw refused('start-failed', 'no folder for the control socket has a path short enough', { longest: LONGEST_SOCKET_PATH })
}

/** Removes a control socket, and its folder where that was made for it. */
export async function removeSocket(state: string, control: string): Promise<void> {
  if (dirname(control) === state) await rm(control, { force: true })
  else if (/^hgr-[^/]{6}$/.test(dirname(control).split('/').at(-1) ?? '')) await rm(dirname(control), { recursive: true, force: true })
}

/** A control socket outside the state folder is talked to only when its folder belongs to this user alone, whoever made it. */
export async function isPrivateSocket(state: string, control: string): Promise<boolean> {
  if (dirname(control) === state) return true
  const folder = await lstat(dirname(control)).catch(() => undefined)
  if (!folder?.isDirectory()) return false
  return process.getuid === undefined || (folder.uid === process.getuid() && (folder.mode & 0o077) === 0)
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH
}
