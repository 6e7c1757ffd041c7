import { createHash } from 'node:crypto'
import { link, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RouterTable } from '@headgate/contract'
import { checkTable } from './check-table.ts'
import { replaceDurably } from './durable-file.ts'

/** What the router must still know after it was killed. */
export interface StoredTable {
  readonly revision: number
  readonly table: RouterTable
  /** The highest epoch seen, by scope. */
  readonly epochs: Readonly<Record<string, number>>
  /** Services that are paused. Times are milliseconds since 1970. */
  readonly pauses: readonly { readonly service: string; readonly holdMs: number; readonly until: number }[]
}

export interface LoadedTable {
  readonly stored: StoredTable
  readonly source: 'none' | 'stored' | 'previous' | 'lost'
  readonly damage?: string
}

const EMPTY: StoredTable = { revision: 0, table: { services: [] }, epochs: {}, pauses: [] }

/**
 * The table on disk: two lines, the checksum of the second and the content. It is replaced atomically and the one before is kept, so a
 * damaged file costs one revision and never the table.
 */
export class TableFile {
  readonly #current: string
  readonly #previous: string
  readonly #damaged: string
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    this.#current = join(folder, 'table.json')
    this.#previous = join(folder, 'table.previous.json')
    this.#damaged = join(folder, 'table.damaged.json')
  }

  /** The table of the last run. A damaged file is set aside under another name, so it is never kept as the previous one. */
  async load(): Promise<LoadedTable> {
    await this.#removeLeftovers()
    const current = await read(this.#current)
    if (current.stored) return { stored: current.stored, source: 'stored' }
    const previous = await read(this.#previous)
    if (current.fault === 'missing' && previous.fault === 'missing') return { stored: EMPTY, source: 'none' }
    const damage = `table.json is ${current.fault}`
    if (current.fault !== 'missing') await rename(this.#current, this.#damaged)
    if (previous.stored) return { stored: previous.stored, source: 'previous', damage }
    return { stored: EMPTY, source: 'lost', damage: `${damage}, and table.previous.json is ${previous.fault}` }
  }

  /** @throws when the disk refuses; what was stored before is then still what `load` finds */
  async save(stored: StoredTable): Promise<void> {
    const content = JSON.stringify(stored)
    await replaceDurably(this.#current, `${JSON.stringify({ format: 1, sha256: digest(content) })}\n${content}\n`, () =>
      this.#keepPrevious(),
    )
  }

  async #keepPrevious(): Promise<void> {
    const aside = `${this.#previous}.${process.pid}.tmp`
    await rm(aside, { force: true })
    try {
      await link(this.#current, aside)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    await rename(aside, this.#previous)
  }

  /** Of a run that was killed while it wrote. */
  async #removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (/^table\..*\.tmp$/.test(name)) await rm(join(this.#folder, name), { force: true })
    }
  }
}

async function read(
  path: string,
): Promise<{ readonly stored: StoredTable; readonly fault?: never } | { readonly stored?: never; readonly fault: string }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    return { fault: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreadable' }
  }
  const [head = '', content = ''] = text.split('\n')
  try {
    const { format, sha256 } = JSON.parse(head) as { format: unknown; sha256: unknown }
    if (format !== 1) return { fault: 'of a format this router does not know' }
    if (sha256 !== digest(content)) return { fault: 'damaged (its checksum does not fit)' }
    const stored = JSON.parse(content) as StoredTable
    const checked = checkTable(stored.table)
    return checked.ok ? { stored: { ...stored, table: checked.table } } : { fault: `damaged (${checked.problems[0]})` }
  } catch {
    return { fault: 'damaged (it cannot be read)' }
  }
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
