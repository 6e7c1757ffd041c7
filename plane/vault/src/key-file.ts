import { chmod, lstat, mkdir, open, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { KEY_LENGTH, equalBytes, sha256 } from '@headgate/crypto'
import { HeadgateError, Secret } from '@headgate/model'
import type { KeySource } from './key-source.ts'

/** Anybody but the owner. */
const OTHERS = 0o077
const PREFIX = 'headgate-root-key-1:'
const CHECKSUM_LENGTH = 4
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
  const fileOf = (folderId: string) => options.file ?? join(keysFolder(), `${folderId}.key`)
  return {
    place: fileOf,
    anchorFile: (folderId) => `${fileOf(folderId)}.checkpoint`,
    load: (folderId) => readKeyFile(fileOf(folderId)),
    async store(folderId, key) {
      const file = fileOf(folderId)
      const known = await readKeyFile(file)
      if (!known) await writeKeyFile(file, key)
      else if (!equalBytes(known.reveal(), key.reveal())) throw new HeadgateError('KEY_EXISTS', { place: file })
    },
  }
}

function keysFolder(): string {
  const configuration = process.env['XDG_CONFIG_HOME']
  return join(configuration ? configuration : join(homedir(), '.config'), 'headgate', 'keys')
}

async function readKeyFile(file: string): Promise<Secret<Uint8Array> | undefined> {
  let content: string
  try {
    const status = await lstat(file)
    if (!status.isFile()) throw new HeadgateError('KEY_UNREADABLE', { place: file, reason: 'it is not a file' })
    // Windows has no such modes, and says 666 for everything.
    if (process.platform !== 'win32' && (status.mode & OTHERS) !== 0)
      throw new HeadgateError('KEY_EXPOSED', { file, mode: (status.mode & 0o777).toString(8).padStart(3, '0') })
    content = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof HeadgateError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new HeadgateError('KEY_UNREADABLE', { place: file, reason: code ?? 'it cannot be opened' }, { cause: error })
  }
  const key = parseKey(content)
  if (!key) throw new HeadgateError('KEY_UNREADABLE', { place: file, reason: 'it holds no root key, or one with a mistake in it' })
  return key
}

/** The one line that is no comment: prefix, key, checksum. The checksum is for typing mistakes, not against attackers. */
function parseKey(content: string): Secret<Uint8Array> | undefined {
  const lines = content.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const [line = ''] = lines
  if (lines.length !== 1 || !line.startsWith(PREFIX)) return undefined
  const bytes = Buffer.from(line.slice(PREFIX.length), 'base64url')
  if (bytes.length !== KEY_LENGTH + CHECKSUM_LENGTH) return undefined
  const key = bytes.subarray(0, KEY_LENGTH)
  if (!equalBytes(checksumOf(key), bytes.subarray(KEY_LENGTH))) return undefined
  return new Secret(new Uint8Array(key))
}

/** Made under its final name with nobody else's leave to read it, and synced with its folder before it counts. */
async function writeKeyFile(file: string, key: Secret<Uint8Array>): Promise<void> {
  const folder = dirname(file)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const handle = await open(file, 'wx', 0o600)
    try {
      const line = Buffer.concat([key.reveal(), checksumOf(key.reveal())]).toString('base64url')
      await handle.writeFile(`${HEADER}${PREFIX}${line}\n`)
      await chmod(file, 0o600)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await syncFolder(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new HeadgateError('KEY_UNREADABLE', { place: file, reason: `it cannot be written: ${code}` }, { cause: error })
  }
}

/** Makes a new name in a folder durable. Not every platform can open folders; there the name is durable by itself. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

function checksumOf(key: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([Buffer.from(PREFIX), key])).subarray(0, CHECKSUM_LENGTH)
}
