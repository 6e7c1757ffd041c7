import { lstat, readFile, readdir, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { credentialsFileOf } from '../plane/connection.ts'
import type { World } from '../world.ts'
import { type Finding, failed, leftOut, ok, warning } from './finding.ts'

const MIB = 1024 * 1024
const SPACE_WARNING = 1024 * MIB
const SPACE_FAILED = 64 * MIB

/** The data folder of a plane on this machine: who can enter it, whether there is room, and whether a plane and its router run on it. */
export async function lookAtData(data: string): Promise<Finding[]> {
  const status = await stat(data).catch(() => undefined)
  if (!status) return [leftOut('data folder', `there is none at ${data}; a plane on another machine has its own`)]
  if (!status.isDirectory()) return [failed('data folder', `${data} is no folder`, 'name another with --data')]
  return [rights(data, status), await room(data), await lockHolder(data), await router(data)]
}

function rights(data: string, { mode, uid }: { mode: number; uid: number }): Finding {
  const self = process.geteuid?.()
  if (process.platform === 'win32' || self === undefined) return leftOut('data folder', 'this system keeps no such modes')
  if (self !== 0 && uid !== self)
    return failed('data folder', `${data} belongs to another user`, `run the plane as its owner, or chown -R "$USER" '${data}'`)
  if ((mode & 0o077) !== 0) return failed('data folder', `others can enter ${data} (mode ${octal(mode)})`, `chmod 700 '${data}'`)
  return ok('data folder', `${data}, for you alone`)
}

async function room(data: string): Promise<Finding> {
  const { bavail, bsize, ffree, files } = await statfs(data)
  const free = bavail * bsize
  const says = `${Math.floor(free / MIB).toLocaleString('en-GB')} MiB are free`
  const fix = 'make room, or move the data folder to a larger disk while the plane is stopped'
  if (free < SPACE_FAILED) return failed('disk', says, fix)
  if (files > 0 && ffree < 1_000) return failed('disk', `${ffree} files can still be made`, fix)
  return free < SPACE_WARNING ? warning('disk', says, fix) : ok('disk', says)
}

async function lockHolder(data: string): Promise<Finding> {
  const entries = await readdir(data).catch((): string[] => [])
  if (!entries.includes('headgate.db')) return leftOut('database', 'the folder holds none: a first start makes it, or it is on a server')
  const broken = await readFile(join(data, 'headgate.db')).then(
    () => undefined,
    (cause: unknown) => (cause as NodeJS.ErrnoException).code ?? 'unreadable',
  )
  return broken === undefined
    ? ok('database', 'is there and can be read')
    : failed('database', `cannot be read (${broken})`, `chmod 600 '${join(data, 'headgate.db')}'`)
}

async function router(data: string): Promise<Finding> {
  const { routerOf } = await import('../local-plane.ts')
  try {
    const running = await routerOf({ data })
    return running
      ? ok('router', `runs at ${running.url} (process ${running.pid})`)
      : leftOut('router', 'does not run; `headgate serve` starts it')
  } catch (cause) {
    return failed(
      'router',
      cause instanceof Error ? cause.message : String(cause),
      `end its process, then start it again: headgate router start --data '${data}'`,
    )
  }
}

/** Every key file this user has: one that others can read keeps no secret. */
export async function lookAtKeys(world: World, named: string | undefined): Promise<Finding[]> {
  const folder = join(dirname(credentialsFileOf(world)), 'keys')
  const files =
    named === undefined
      ? (await readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith('.key')).map((name) => join(folder, name))
      : [named]
  if (files.length === 0) return [leftOut('key file', `there is none in ${folder}`)]
  return Promise.all(files.map(lookAtKey))
}

async function lookAtKey(file: string): Promise<Finding> {
  const status = await lstat(file).catch(() => undefined)
  if (!status)
    return failed(
      'key file',
      `${file} is not there`,
      'bring it back from where it is backed up: without it nothing in the data can be opened',
    )
  if (!status.isFile()) return failed('key file', `${file} is no regular file`, 'put the file itself there, not a link')
  if (process.platform !== 'win32' && (status.mode & 0o077) !== 0) {
    return failed(
      'key file',
      `others can read ${file} (mode ${octal(status.mode)})`,
      `chmod 600 '${file}', then headgate secrets rotate-keys, as others may have it`,
    )
  }
  return ok('key file', `${file}, readable by you alone`)
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0')
}
