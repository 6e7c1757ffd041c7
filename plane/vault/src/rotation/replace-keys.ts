import { HeadgateError, type Write } from '@headgate/model'
import { type Fields, type KeyRecordRow, type KeyRotationRow, type Store, insert, remove, update } from '@headgate/store'
import type { ChangeWriter } from '../change-writer.ts'
import type { Keyring } from '../keyring.ts'
import { LAST_ATTEMPT, Overtaken, auditOf, expectRotation } from './move-rows.ts'
import { othersTurn } from './others-turn.ts'
import { parseIds } from './plan-rotation.ts'

export interface ReplaceOptions {
  readonly store: Store
  readonly changes: ChangeWriter
  readonly keyring: Keyring
  readonly now: () => number
  /** Keys of one Change at most. */
  readonly batch: number
  readonly isClosed: () => boolean
}

/** So many that nobody who reads meanwhile notices one Change of them. */
const KEYS_AT_ONCE = 100

/** A key that is replaced, and the one that takes its place. */
interface Pair {
  readonly old: string
  readonly next: string
}

/**
 * Makes the keys that a rotation brings, and retires those they replace, pair by pair in bounded Changes: an organisation
 * has one key in use at any time. What is done already is left alone, so it goes on wherever it was cut off.
 *
 * @throws Overtaken, STORE_UNAVAILABLE
 */
export async function makeKeys(rotation: KeyRotationRow, options: ReplaceOptions): Promise<void> {
  const { keyring, now } = options
  const left = pairsOf(rotation).filter(({ old, next }) => keyring.describe(old)?.active && !keyring.describe(next))
  await changeKeys(rotation, options, { action: 'keys.replace', left }, ({ old, next }, rows) => {
    const row = rows.get(old)
    // One that was rolled meanwhile has made room for another already.
    if (row?.state !== 'active' || rows.has(next)) return []
    return [
      update('key_records', row, { state: 'retired' }),
      insert('key_records', keyring.make(row.purpose, row.organisation, now(), next)),
    ]
  })
}

/** Puts the keys into use again that were replaced, and retires the new ones: the way back from `makeKeys`, made as it is. */
export async function reinstateKeys(rotation: KeyRotationRow, options: ReplaceOptions): Promise<void> {
  const left = pairsOf(rotation).filter(({ next }) => options.keyring.describe(next)?.active)
  await changeKeys(rotation, options, { action: 'keys.replace', left }, ({ old, next }, rows) => {
    const [was, is] = [rows.get(old), rows.get(next)]
    if (!was || is?.state !== 'active') return []
    return [update('key_records', was, { state: 'active' }), update('key_records', is, { state: 'retired' })]
  })
}

/** Takes keys out of the database, under which nothing is any more. */
export async function removeKeys(rotation: KeyRotationRow, options: ReplaceOptions, ids: readonly string[]): Promise<void> {
  await changeKeys(rotation, options, { action: 'keys.remove', left: ids.map((old) => ({ old })) }, ({ old }, rows) => {
    const row = rows.get(old)
    return row ? [remove('key_records', row)] : []
  })
  options.keyring.forget(ids)
}

/** Both lists were made together, a place of the one for a place of the other. */
function pairsOf({ replaced, arriving }: KeyRotationRow): Pair[] {
  const next = parseIds(arriving)
  return parseIds(replaced).map((old, n) => ({ old, next: next[n] ?? '' }))
}

interface Work<P> {
  readonly action: string
  readonly left: readonly P[]
}

type Rows = ReadonlyMap<string, KeyRecordRow>

async function changeKeys<P extends Partial<Pair>>(
  rotation: KeyRotationRow,
  options: ReplaceOptions,
  { action, left }: Work<P>,
  writesOf: (each: P, rows: Rows) => readonly Write[],
): Promise<void> {
  const { store, changes, keyring, now } = options
  const size = Math.min(options.batch, KEYS_AT_ONCE)
  let failed = 0
  for (let start = 0; start < left.length;) {
    if (options.isClosed()) throw new Overtaken()
    const some = left.slice(start, start + size)
    const rows = await store.keyRecords.get(some.flatMap(({ old, next }) => [...(old ? [old] : []), ...(next ? [next] : [])]))
    const writes = some.flatMap((each) => writesOf(each, rows))
    await othersTurn()
    const audit = await auditOf(store, rotation, action, now(), { table: 'key_records', rows: writes.length })
    const result = writes.length === 0 ? undefined : await changes.commit({ expect: [expectRotation(rotation)], writes, audit })
    await othersTurn()
    if (!result || result.ok) {
      keyring.take(writes.flatMap(({ op, row }) => (op === 'delete' ? [] : [row as unknown as Fields<KeyRecordRow>])))
      start += size
      continue
    }
    if ((await store.keyRotations.newest())?.change !== rotation.change) throw new Overtaken()
    failed += 1
    if (failed === LAST_ATTEMPT) throw new HeadgateError(result.problem.code, result.problem.details)
  }
}
