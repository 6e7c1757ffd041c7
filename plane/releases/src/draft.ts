import type { Write } from '@headgate/model'
import { type Fields, type TableName, type Tables, insert, update } from '@headgate/store'

/**
 * Rows about to be written as one Change, together with where they are kept in memory: what is in memory changes when
 * the Change is on disk, and not before. A row is in a draft at most once.
 */
export class Draft {
  readonly #writes: Write[] = []
  readonly #settled: ((change: number) => void)[] = []

  get writes(): readonly Write[] {
    return this.#writes
  }

  insert<T extends TableName>(table: T, fields: Fields<Tables[T]>, keep: (row: Tables[T]) => void): this {
    this.#writes.push(insert(table, fields))
    this.#settled.push((change) => keep(written<T>(fields, change)))
    return this
  }

  update<T extends TableName>(table: T, row: Tables[T], set: Partial<Fields<Tables[T]>>, keep: (row: Tables[T]) => void): this {
    this.#writes.push(update(table, row, set))
    this.#settled.push((change) => keep(written<T>({ ...row, ...set }, change)))
    return this
  }

  /** To be called with the number of the Change once it is committed. */
  settle(change: number): void {
    for (const settled of this.#settled) settled(change)
  }
}

/** A row as it was just written. Its MAC is not known here, and no later write needs it: only the number is compared. */
function written<T extends TableName>(fields: Fields<Tables[T]>, change: number): Tables[T] {
  return { ...fields, change, mac: new Uint8Array() } as unknown as Tables[T]
}
