import { HeadgateError, type Row } from '@headgate/model'
import type { Database } from '@headgate/store'
import type { Keyring } from './keyring.ts'
import { readStoredKeys, takeBothRoots } from './open-root-key.ts'
import { othersTurn } from './rotation/others-turn.ts'
import { rowFits, rowKey } from './row-protection.ts'

/** The tables whose writing by another process makes the ring of this one old. */
const KEY_TABLES: ReadonlySet<string> = new Set(['key_records', 'key_rotations'])

export function concernsKeys(tables: readonly string[]): boolean {
  return tables.some((table) => KEY_TABLES.has(table))
}

/**
 * Makes a keyring what the database says, where other processes make, roll and rotate keys too. Whoever asks while a
 * refresh is under way waits for one that begins after it.
 */
export function keyRefresher(database: Database, keyring: Keyring): () => Promise<void> {
  let under: Promise<void> | undefined
  let next: Promise<void> | undefined
  const begin = (): Promise<void> => {
    under = refresh(database, keyring).finally(() => (under = undefined))
    return under
  }
  return () => {
    if (!under) return begin()
    next ??= under
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return begin()
      })
    return next
  }
}

/** Records checked before others get their turn: there may be tens of thousands. */
const STRIDE = 500

async function refresh(database: Database, keyring: Keyring): Promise<void> {
  const { records, rotation } = await readStoredKeys(database)
  if (rotation?.new_under_old) takeBothRoots(keyring, rotation)
  keyring.reload(records)
  for (const [n, record] of records.entries()) {
    if (n % STRIDE === STRIDE - 1) await othersTurn()
    const row = record as unknown as Row
    if (!rowFits(keyring, 'key_records', row))
      throw new HeadgateError('ROW_TAMPERED', { table: 'key_records', key: rowKey('key_records', row) })
  }
  const root = records.at(-1)?.root
  if (rotation || root === undefined) return
  keyring.wrapWith(root)
  keyring.dropOtherRoots()
}
