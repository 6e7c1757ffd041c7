import { chmod, lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { equalBytes } from '@headgate/crypto'
import { HeadgateError, type Secret } from '@headgate/model'
import type { KeySource } from './key-source.ts'
import { readRootKey, rootKeyId, wipe, writeRootKey } from './root-key.ts'

/** Anybody but the owner. */
const OTHERS = 0o077
/** More than any key file with its comments; what is longer is something else. */
const SIZE_LIMIT = 64 * 1024
const HEADER = `# The root key of a Headgate data folder. Whoever has this file and the data folder can open every secret in it;
# without this file nobody can. Keep a copy where the data folder's back-ups are not.
`

/**
 * A root key in a file of its own, readable by its owner only.
 *
 * By default the file is outside the data folder, so that a copy of the data is not a copy of the key:
 * `$XDG_CONFIG_HOME/headgate/keys/FOLDER-ID.key`, or below `~/.config`. The log's newest checkpoint is kept beside it.
 *
 * @param options.file another place
 */
export function keyFileSource(options: { readonly file?: string } = {}): KeySource {
  const fileOf = (folderId: string) => options.file ?? defaultKeyFile(folderId)
  return {
    kind: 'file',
    place: fileOf,
    anchorFile: (folderId) => anchorBeside(fileOf(folderId)),
    load: (folderId) => readKeyFile(fileOf(folderId)),
    wrap: async () => undefined,
    async store(folderId, key, replaces) {
      const file = fileOf(folderId)
      const known = await readKeyFile(file)
      try {
        if (!known) return await writeKeyFile(file, key, 'new')
        if (equalBytes(known.reveal(), key.reveal())) return
        if (replaces === undefined || rootKeyId(known) !== replaces) throw new HeadgateError('KEY_EXISTS', { place: file })
        await writeKeyFile(file, key, 'replace')
      } finally {
        if (known) wipe(known)
      }
    },
    async withdraw(folderId, rootId) {
      const file = fileOf(folderId)
      const known = await readKeyFile(file)
      if (!known) return
      const isIt = rootKeyId(known) === rootId
      wipe(known)
      if (!isIt) return
      await rm(file, { force: true })
      await syncFolder(dirname(file))
    },
    close() {},
  }
}

/**
 * A key file stands outside the data folder, or a copy of the data would be a copy of the key.
 *
 * @throws KEY_IN_DATA
 */
export function requireApart(source: KeySource, folderId: string, folder: string): void {
  if (source.kind !== 'file' || folder === '') return
  const file = source.place(folderId)
  const way = relative(resolve(folder), resolve(file))
  if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) throw new HeadgateError('KEY_IN_DATA', { file, folder })
}

/** Where a data folder's key file is when nobody says otherwise. */
function defaultKeyFile(folderId: string): string {
  const configuration = process.env['XDG_CONFIG_HOME']
  return join(configuration ? configuration : join(homedir(), '.config'), 'headgate', 'keys', `${folderId}.key`)
}

function anchorBeside(file: string): string {
  return `${file}.checkpoint`
}

/** Where sources without a file keep the log's newest checkpoint: where it would be beside a key file. */
export function defaultAnchorFile(folderId: string): string {
  return anchorBeside(defaultKeyFile(folderId))
}

async function readKeyFile(file: string): Promise<Secret<Uint8Array> | undefined> {
  const content = Buffer.allocUnsafeSlow(SIZE_LIMIT)
  try {
    const length = await readInto(content, file)
    if (length === undefined) return undefined
    const key = readRootKey(content.subarray(0, length))
    if (!key) throw new HeadgateError('KEY_UNREADABLE', { place: file, reason: 'it holds no root key, or one with a mistake in it' })
    return key
  } finally {
    content.fill(0)
  }
}

/** Reads a file of its owner alone into memory the caller wipes. Undefined where there is none. */
async function readInto(content: Buffer, file: string): Promise<number | undefined> {
  try {
    const status = await lstat(file)
    if (!status.isFile()) throw new HeadgateError('KEY_UNREADABLE', { place: file, reason: 'it is not a file' })
    // Windows has no such modes, and says 666 for everything.
    if (process.platform !== 'win32' && (status.mode & OTHERS) !== 0)
      throw new HeadgateError('KEY_EXPOSED', { file, mode: (status.mode & 0o777).toString(8).padStart(3, '0') })
    await using handle = await open(file, 'r')
    const { bytesRead } = await handle.read(content, 0, content.length, 0)
    return bytesRead
  } catch (error) {
    if (error instanceof HeadgateError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new HeadgateError('KEY_UNREADABLE', { place: file, reason: code ?? 'it cannot be opened' }, { cause: error })
  }
}

/**
 * Made with nobody else's leave to read it, and synced with its folder before it counts. A file that is replaced is
 * the old one or the new one at every moment.
 */
async function writeKeyFile(file: string, key: Secret<Uint8Array>, how: 'new' | 'replace'): Promise<void> {
  const folder = dirname(file)
  const target = how === 'new' ? file : `${file}.new`
  const line = writeRootKey(key)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (how === 'replace') await rm(target, { force: true })
    const handle = await open(target, 'wx', 0o600)
    try {
      await handle.write(HEADER)
      await handle.write(line)
      await handle.write('\n')
      await chmod(target, 0o600)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (how === 'replace') await rename(target, file)
    await syncFolder(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new HeadgateError('KEY_UNREADABLE', { place: file, reason: `it cannot be written: ${code}` }, { cause: error })
  } finally {
    line.fill(0)
  }
}

/** Makes a new name in a folder durable. Not every platform can open folders; there the name is durable by itself. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
