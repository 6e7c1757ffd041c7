/**
 * What a store costs as it grows: the same operations on the same database at rising sizes, each size loaded in bulk,
 * beside bare commits and bare look-ups of that moment. Loaded rows carry the MACs they must have, and events their
 * leaves, tiles and checkpoints; the revisions repeat one text, so their chain is not a real one.
 */
import { performance } from 'node:perf_hooks'
import type { EnvironmentId, Row } from '@headgate/model'
import { type AnyTable, type Connection, columnsOf, tables } from '@headgate/store'
import type { SealedStore } from '@headgate/vault'
import { median } from '../measure.ts'
import type { BenchRow, BenchTable } from '../table.ts'
import type { BenchDatabase } from './databases.ts'
import { type Bare, commit, found, owner, place, time } from './ground.ts'

/** Sizes at which everything is measured. */
export interface Growth {
  readonly revisions: readonly number[]
  readonly events: readonly number[]
  /** How often each operation is done at each size. */
  readonly repeats: number
}

/** Rows made and written at once while loading. */
const STRIDE = 10_000
/** The environment whose revisions grow; others stay small beside it. */
const growing: EnvironmentId = place.environment

export async function measureGrowth({ sealed, bare, load }: BenchDatabase, name: string, growth: Growth): Promise<BenchTable[]> {
  await found(sealed)
  const revisions: BenchRow[] = []
  for (const size of growth.revisions) {
    await loadRevisions(sealed, load, size)
    revisions.push(
      ...(await measure(bare, growth.repeats, `${count(size)} revisions`, {
        'the newest revision, read and checked': async () => void (await sealed.store.revisions.latest(growing)),
        'one revision in the middle': async () => void (await sealed.store.revisions.get(growing, Math.ceil(size / 2))),
        'a page of 100': async () => void (await sealed.store.revisions.list(growing)),
        'a save': () => save(sealed),
      })),
    )
  }
  const events: BenchRow[] = []
  for (const size of growth.events) {
    await loadEvents(sealed, load, size)
    events.push(
      ...(await measure(bare, growth.repeats, `${count(size)} events`, {
        'an audited write': () => commit(sealed, [], 'environment.open'),
        'the newest 100 events of an actor': async () => void (await sealed.store.audit.page({ actor: owner, order: 'newest' })),
        '100 events of a resource': async () =>
          void (await sealed.store.audit.page({ resourcePrefix: 'environment:main/shop/production' })),
        'one event by its number': async () => void (await sealed.store.audit.get(Math.ceil(size / 2))),
      })),
    )
  }
  return [
    { title: `Growth on ${name}: revisions of one environment`, rows: revisions, notes: [note] },
    { title: `Growth on ${name}: events of the log`, rows: events, notes: [note] },
  ]
}

const note =
  'Medians of single operations, one after the other. Reads beside a bare look-up by key, writes beside a bare commit, both of the same minute.'

async function measure(
  bare: Bare,
  repeats: number,
  size: string,
  operations: Readonly<Record<string, () => Promise<void>>>,
): Promise<BenchRow[]> {
  const limits = { read: await each(repeats, () => bare.read()), write: await each(repeats, () => bare.commit()) }
  const rows: BenchRow[] = [
    { name: `${size}: a bare look-up by key`, value: limits.read, unit: 'µs' },
    { name: `${size}: a bare commit`, value: limits.write, unit: 'µs' },
  ]
  for (const [name, operation] of Object.entries(operations)) {
    const writes = name === 'a save' || name === 'an audited write'
    const value = await each(repeats, operation)
    const limit = writes ? limits.write : limits.read
    rows.push({
      name: `${size}: ${name}`,
      value,
      unit: 'µs',
      comparedTo: writes ? 'a bare commit' : 'a bare look-up by key',
      ratio: value / limit,
    })
  }
  return rows
}

/** The median time of one operation, in microseconds. */
async function each(repeats: number, operation: () => void | Promise<void>): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < repeats; n += 1) {
    const began = performance.now()
    await operation()
    times.push((performance.now() - began) * 1000)
  }
  return median(times)
}

async function save(sealed: SealedStore): Promise<void> {
  const row = await sealed.store.environments.get(growing)
  if (!row) throw new Error('the environment is gone')
  await commit(sealed, sealed.vault.newRevision(row, 'values: {}\n', { author: owner, time }).writes, 'environment.write')
}

/** Revisions chained as the vault chains them, without a Change of their own: their text is sealed once and for all. */
async function loadRevisions({ vault, store }: SealedStore, load: Connection, size: number): Promise<void> {
  const newest = await store.revisions.latest(growing)
  const head = await store.environments.get(growing)
  if (!newest || !head) throw new Error('the environment is gone')
  const rows: Row[] = []
  for (let number = newest.number + 1; number <= size; number += 1) {
    const row = { ...(newest as unknown as Row), number }
    rows.push({ ...row, mac: vault.protection.mac('revisions', row) })
    if (rows.length >= STRIDE) await bulk(load, tables.revisions, rows.splice(0))
  }
  await bulk(load, tables.revisions, rows)
  const moved = { ...(head as unknown as Row), head_revision: Math.max(size, newest.number) }
  const mac = vault.protection.mac('environments', moved)
  await load.run(
    `update "environments" set "head_revision" = ${load.placeholder(1)}, "mac" = ${load.placeholder(2)} where "id" = ${load.placeholder(3)}`,
    [moved.head_revision, mac, growing],
  )
}

/** Events with their leaves, tiles and checkpoints, by the same sequencer that goes on with them afterwards. */
async function loadEvents({ vault, store }: SealedStore, load: Connection, size: number): Promise<void> {
  const [last] = await store.audit.page({ order: 'newest', limit: 1 })
  if (!last) throw new Error('there is no event to copy')
  const { leaf: _, mac: __, ...event } = last
  let change = last.change
  while (vault.sequencer.size() < size) {
    const records = Array.from({ length: Math.min(STRIDE, size - vault.sequencer.size()) }, () => ({
      ...event,
      change: (change += 1),
      actor: change % 100 === 0 ? owner : null,
      resource: `environment:main/shop/e${change % 1_000}`,
    }))
    const extension = vault.sequencer.extend(records)
    await bulk(load, tables.audit, extension.records as unknown as readonly Row[])
    await bulk(load, tables.audit_tiles, extension.tiles as unknown as readonly Row[])
    if (extension.replaces !== undefined)
      await load.run(`delete from "checkpoints" where "size" = ${load.placeholder(1)}`, [extension.replaces])
    await bulk(load, tables.checkpoints, [extension.checkpoint as unknown as Row])
    vault.sequencer.settled()
  }
}

/** In one transaction, as many rows to a statement as the dialect likes. */
async function bulk(load: Connection, table: AnyTable, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return
  const columns = columnsOf(table)
  const most = insertionOf(load, table, load.rowsPerInsert)
  await load.script('begin')
  for (let start = 0; start < rows.length; start += load.rowsPerInsert) {
    const some = rows.slice(start, start + load.rowsPerInsert)
    await load.run(
      some.length === load.rowsPerInsert ? most : insertionOf(load, table, some.length),
      some.flatMap((row) => columns.map((column) => row[column] ?? null)),
    )
  }
  await load.script('commit')
}

function insertionOf(load: Connection, table: AnyTable, rows: number): string {
  const columns = columnsOf(table)
  const places = (row: number) => columns.map((_, n) => load.placeholder(row * columns.length + n + 1)).join(', ')
  const values = Array.from({ length: rows }, (_, row) => `(${places(row)})`)
  return `insert into "${table.name}" (${columns.map((column) => `"${column}"`).join(', ')}) values ${values.join(', ')}`
}

function count(size: number): string {
  return size.toLocaleString('en-GB')
}
