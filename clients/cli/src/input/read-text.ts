import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { end } from '../outcome.ts'
import type { World } from '../world.ts'

/** The text of a file, or of standard input where the name is `-`. Ends the command where it cannot be read as text. */
export async function readText(world: World, file: string): Promise<string> {
  if (file === '-') return decode(await readStandardInput(world), 'standard input')
  return decode(await readBytes(world, file), file)
}

/** The bytes of a file, or of standard input where the name is `-`: for readers that say themselves what is wrong with them. */
export async function readSource(world: World, file: string): Promise<Buffer> {
  return file === '-' ? readStandardInput(world) : readBytes(world, file)
}

/**
 * A value from a file or standard input: a single line loses its line end, as editors and `echo` add one; several
 * lines are taken as they are, as keys and certificates need theirs.
 */
export async function readValue(world: World, file: string): Promise<string> {
  const text = await readText(world, file)
  const single = text.replace(/\r?\n$/, '')
  return single.includes('\n') ? text : single
}

async function readStandardInput({ stdin }: World): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer | string))
  return Buffer.concat(chunks)
}

async function readBytes({ cwd }: World, file: string): Promise<Buffer> {
  try {
    return await readFile(resolve(cwd, file))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') end('FILE_NOT_FOUND', { file })
    end('FILE_UNREADABLE', { file, reason: code ?? String(cause) })
  }
}

function decode(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return end('FILE_UNREADABLE', { file, reason: 'it is not UTF-8 text' })
  }
}

/** Whether anything is at a path. */
export async function exists({ cwd }: World, file: string): Promise<boolean> {
  return stat(resolve(cwd, file)).then(
    () => true,
    () => false,
  )
}
