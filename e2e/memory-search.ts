import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'

/** What is looked for. */
export interface Needle {
  readonly name: string
  readonly bytes: Buffer
}

/** Some bytes as they are, and as texts would hold them. */
export function spellings(name: string, bytes: Buffer): Needle[] {
  const texts = [bytes.toString('hex'), bytes.toString('base64').slice(0, -4), bytes.toString('base64url').slice(0, -4)]
  return [bytes, ...texts.map((text) => Buffer.from(text)), Buffer.from(bytes.toString('latin1'), 'utf16le')].map((each) => ({
    name,
    bytes: each,
  }))
}

/**
 * What a core dump of a process would hold: all of its memory that it can write to and nobody else. Undefined where it
 * cannot be read.
 */
export async function memoryOf(pid: number): Promise<Buffer[] | undefined> {
  try {
    process.kill(pid, 'SIGSTOP')
    const maps = readFileSync(`/proc/${pid}/maps`, 'utf8')
    await using memory = await open(`/proc/${pid}/mem`, 'r')
    const regions: Buffer[] = []
    for (const [, begin = '', end = ''] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw.p/gm)) {
      const start = Number.parseInt(begin, 16)
      const content = Buffer.alloc(Number.parseInt(end, 16) - start)
      const { bytesRead } = await memory.read(content, 0, content.length, start).catch(() => ({ bytesRead: 0 }))
      regions.push(content.subarray(0, bytesRead))
    }
    return regions
  } catch {
    return undefined
  } finally {
    process.kill(pid, 'SIGCONT')
  }
}

/** The names of the needles that are in some memory, each once; all of them are looked for in one pass. */
export function within(regions: readonly Buffer[], needles: readonly Needle[]): string[] {
  const beginnings = new Map<number, Needle[]>()
  const known = new Uint8Array(2 ** 16)
  for (const needle of needles) {
    const beginning = needle.bytes.readUInt16LE(0)
    known[beginning] = 1
    beginnings.set(beginning, [...(beginnings.get(beginning) ?? []), needle])
  }
  const found = new Set<Needle>()
  for (const region of regions) {
    let previous = 0
    for (let at = 0; at < region.length; at += 1) {
      const byte = region[at] as number
      const pair = previous | (byte << 8)
      previous = byte
      if (known[pair] === 0) continue
      for (const needle of beginnings.get(pair) ?? []) if (startsAt(region, at - 1, needle.bytes)) found.add(needle)
    }
  }
  return [...found].map(({ name }) => name)
}

function startsAt(region: Buffer, begin: number, bytes: Buffer): boolean {
  return begin >= 0 && region.subarray(begin, begin + bytes.length).equals(bytes)
}

export function megabytes(regions: readonly Buffer[]): number {
  return Math.round(regions.reduce((sum, { length }) => sum + length, 0) / 2 ** 20)
}
