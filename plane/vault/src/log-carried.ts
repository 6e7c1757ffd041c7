import type { WrittenRows } from './sealing.ts'

/** Who wrote each row last, for the part of the log that is let go of. A row that was removed is forgotten. */
export interface CarriedWriters {
  note(change: number, rows: WrittenRows): void
  render(): string
}

type Cells = readonly (string | number | null)[]

export function carriedWriters(before: string): CarriedWriters {
  const rows = new Map<string, { readonly table: string; readonly change: number; readonly cells: Cells }>()
  const note = (change: number, written: WrittenRows): void => {
    for (const [table, list] of Object.entries(written)) {
      for (const cells of list) {
        const name = JSON.stringify([table, ...cells.slice(0, -1)])
        if (cells.at(-1) === null) rows.delete(name)
        else rows.set(name, { table, change, cells })
      }
    }
  }
  for (const [change, written] of readCarried(before)) note(change, written)
  return {
    note,
    render() {
      const changes = new Map<number, Record<string, Cells[]>>()
      for (const { table, change, cells } of rows.values()) {
        const written = changes.get(change) ?? {}
        ;(written[table] ??= []).push(cells)
        changes.set(change, written)
      }
      return JSON.stringify([...changes].toSorted(([a], [b]) => a - b))
    },
  }
}

/** What a segment carries, in the order of the Changes. */
export function readCarried(text: string): readonly (readonly [number, WrittenRows])[] {
  return text === '' ? [] : (JSON.parse(text) as [number, WrittenRows][])
}
