import { constants } from 'node:fs'
import { open, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { Inputs } from '@headgate/lang'
import { flagOf, recordsOf, textOf } from '../input-values.ts'
import { type OutsideSource, SourceFault } from '../outside-source.ts'
import { parseAnswer } from '../parse-answer.ts'
import { flag, mapOf, record, text } from '../schemas.ts'
import type { Surroundings } from '../surroundings.ts'

/** The largest file that is read, in bytes. */
const FILE_LIMIT = 1024 * 1024

const inputs = record({
  get: mapOf(
    record({ path: text(), encoding: { type: 'string', enum: ['text', 'base64', 'json'] }, secret: flag() }, ['encoding', 'secret']),
  ),
})

/**
 * `file`: files on the plane's machine, inside the folders the operator lists and nowhere else. Links are followed
 * first and judged by where they lead. The plane's own files are refused even inside a listed folder, under any name.
 */
export function file({ folders, ownFiles }: Surroundings): OutsideSource {
  return {
    inputs,
    outputs: mapOf(true),
    async open(given) {
      const value = new Map<string, unknown>()
      const secrets = new Set<string>()
      for (const [key, wanted] of recordsOf(given, 'get')) {
        value.set(key, decoded(await read(textOf(wanted, 'path') ?? '', folders, ownFiles), wanted))
        if (flagOf(wanted, 'secret') ?? true) secrets.add(key)
      }
      return { value, secret: secrets }
    },
  }
}

/** The bytes of a file that a document may name; every refusal reads the same, so that nothing can be searched for. */
async function read(path: string, folders: readonly string[], ownFiles: readonly string[]): Promise<Buffer> {
  const refusal = new SourceFault(
    `${JSON.stringify(path)} is no file that this plane's operator lets environments read (serve --provider-folder)`,
  )
  const real = await firstReal(path, folders)
  if (real === undefined) throw refusal
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined)
  if (!handle) throw refusal
  try {
    const found = await handle.stat()
    if (!found.isFile() || (await isOwn(real, found, ownFiles))) throw refusal
    if (found.size > FILE_LIMIT) throw new SourceFault(`${JSON.stringify(path)} has ${found.size} bytes; ${FILE_LIMIT} are the most`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/** Where the path leads inside one of the folders; undefined where it leads nowhere or outside of all of them. */
async function firstReal(path: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => undefined)
    const real = root && (await realpath(isAbsolute(path) ? path : resolve(root, path)).catch(() => undefined))
    if (root && real && isInside(root, real)) return real
  }
  return undefined
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** Whether it is one of the plane's own files, or in one of its folders, or the same file under another name. */
async function isOwn(real: string, found: { readonly dev: number; readonly ino: number }, ownFiles: readonly string[]): Promise<boolean> {
  for (const own of ownFiles) {
    const place = await realpath(own).catch(() => undefined)
    if (place === undefined) continue
    if (real === place || isInside(place, real)) return true
    const known = await stat(place)
    if (known.dev === found.dev && known.ino === found.ino) return true
  }
  return false
}

function decoded(bytes: Buffer, wanted: Inputs): unknown {
  const encoding = textOf(wanted, 'encoding') ?? 'text'
  if (encoding === 'base64') return bytes.toString('base64')
  const path = JSON.stringify(textOf(wanted, 'path'))
  let content: string
  try {
    content = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new SourceFault(`${path} is not UTF-8 text; encoding: base64 reads any bytes`)
  }
  return encoding === 'json' ? parseAnswer(content, `the file ${path}`) : content
}
