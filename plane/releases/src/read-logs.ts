import { open, stat } from 'node:fs/promises'
import type { ReleaseTarget } from '@headgate/model'
import type { InstanceRow } from '@headgate/store'
import { outputPath } from './process/output-log.ts'
import type { Surroundings } from './surroundings.ts'

export interface ReadLogs {
  readonly target: ReleaseTarget
  readonly service?: string
  readonly instance?: string
  /** So many last lines of each instance; default 100. */
  readonly tail?: number
  readonly follow?: boolean
  readonly signal?: AbortSignal
}

/** A line as an instance printed it, on either of its outputs. */
export interface LogLine {
  readonly service: string
  readonly instance: string
  readonly text: string
}

const DEFAULT_TAIL = 100
/** Instances that have ended and whose logs are still shown. */
export const ENDED_SHOWN = 5
/** How often growing logs are looked at, in milliseconds. */
const LOOK_MS = 250
/** How much is read at once, in bytes. */
const CHUNK = 64 * 1024

/** The output of a target's instances, oldest instance first; with `follow`, everything they and later ones print from then on. */
export async function* readLogs(surroundings: Surroundings, order: ReadLogs): AsyncGenerator<LogLine> {
  const readers = new Map<string, LogReader>()
  const ended = await shown(surroundings, order, 'ended')
  for (const row of ended.toReversed()) yield* new LogReader(surroundings, row).last(order.tail ?? DEFAULT_TAIL)
  for (let first = true; !order.signal?.aborted; first = false) {
    for (const row of await shown(surroundings, order, 'active')) {
      const known = readers.get(row.id)
      const reader = known ?? new LogReader(surroundings, row)
      readers.set(row.id, reader)
      if (first) yield* reader.last(order.tail ?? DEFAULT_TAIL)
      else yield* reader.rest()
    }
    if (order.follow !== true) return
    await surroundings.clock.sleep(LOOK_MS, order.signal).catch(() => undefined)
  }
}

async function shown({ store, organisation }: Surroundings, order: ReadLogs, which: 'active' | 'ended'): Promise<InstanceRow[]> {
  const { target, service, instance } = order
  const rows =
    which === 'active'
      ? await store.instances.active(organisation.id, target)
      : await store.instances.ended(organisation.id, target, ENDED_SHOWN)
  return rows.filter((row) => (service === undefined || row.service === service) && (instance === undefined || row.id.startsWith(instance)))
}

/** Reads one log to its end, and later what was added. A log that became shorter was begun anew. */
class LogReader {
  readonly #path: string
  readonly #row: InstanceRow
  #offset = 0
  #partial = ''

  constructor({ driver }: Surroundings, row: InstanceRow) {
    this.#path = outputPath(driver.folderOf(row.id))
    this.#row = row
  }

  async *last(count: number): AsyncGenerator<LogLine> {
    const lines: string[] = []
    for await (const line of this.#lines()) {
      lines.push(line)
      if (lines.length > count) lines.shift()
    }
    if (this.#partial !== '' && this.#row.ended_at !== null) lines.push(this.#partial)
    for (const text of lines.slice(Math.max(0, lines.length - count))) yield this.#line(text)
  }

  async *rest(): AsyncGenerator<LogLine> {
    for await (const text of this.#lines()) yield this.#line(text)
  }

  #line(text: string): LogLine {
    return { service: this.#row.service, instance: this.#row.id, text }
  }

  async *#lines(): AsyncGenerator<string> {
    const size = await stat(this.#path).then(
      (found) => found.size,
      () => 0,
    )
    if (size < this.#offset) this.#offset = 0
    if (size === this.#offset) return
    const file = await open(this.#path, 'r')
    const decoder = new TextDecoder()
    try {
      const buffer = new Uint8Array(CHUNK)
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, CHUNK, this.#offset)
        if (bytesRead === 0) return
        this.#offset += bytesRead
        const lines = (this.#partial + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split('\n')
        this.#partial = lines.pop() ?? ''
        yield* lines
      }
    } finally {
      await file.close()
    }
  }
}
