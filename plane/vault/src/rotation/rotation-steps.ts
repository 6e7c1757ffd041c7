import { HeadgateError, type Write } from '@headgate/model'
import { type Fields, type KeyRotationRow, type Store, update } from '@headgate/store'
import type { ChangeWriter } from '../change-writer.ts'
import { envelopeSetting } from '../key-sources/root-envelope.ts'
import { takeBothRoots } from '../open-root-key.ts'
import type { Vault } from '../vault.ts'
import { type KeyCount, countKeys, rotatedTables } from './count-keys.ts'
import { type MoveProgress, Overtaken, POSITION_SETTING, auditOf, expectRotation, moveRows } from './move-rows.ts'
import { fileTarget, parseIds, unverified } from './plan-rotation.ts'
import { type ReplaceOptions, makeKeys, reinstateKeys, removeKeys } from './replace-keys.ts'
import { type Resealer, createThreadResealer, onThisThread } from './resealer.ts'
import type { RotationReport } from './rotation-report.ts'
import { isUnderWay } from './rotation-state.ts'
import type { RotationTargets } from './source-in-use.ts'

export interface StepOptions {
  readonly vault: Vault
  readonly store: Store
  readonly changes: ChangeWriter
  readonly targets: RotationTargets
  readonly now: () => number
  /** Rows looked at between two commits. */
  readonly batch: number
  /** From how many rows on a thread is started that seals beside this one. */
  readonly threadFrom: number
  readonly onBatch?: (progress: MoveProgress) => void
  readonly onProgress: (progress: RotationReport['progress']) => void
  readonly isClosed: () => boolean
  /** Whether what is there was verified since this process moves rows: a row that is renewed is vouched for. */
  readonly trust: { verified: boolean }
}

/** How often rows that turn up under old keys behind the work are gone through again. */
const ROUNDS = 5

/**
 * Makes the keyring what the database says, root keys too. Answers the rotation under way.
 *
 * @param known whether the ring has the data keys as they are already
 */
export async function refreshKeys(
  { vault, store }: Pick<StepOptions, 'vault' | 'store'>,
  known: boolean,
): Promise<KeyRotationRow | undefined> {
  const { keyring } = vault
  const newest = await store.keyRotations.newest()
  const rotation = newest && isUnderWay(newest) ? newest : undefined
  if (rotation?.new_under_old) takeBothRoots(keyring, rotation)
  if (!known) keyring.reload(await store.keyRecords.list())
  if (!rotation) keyring.dropOtherRoots()
  return rotation
}

/**
 * Does what a rotation asks for now; each step is safe to do again, because what is done is read from the database and
 * never remembered. `rests` where somebody has to decide.
 *
 * @throws Overtaken where somebody else went on with it meanwhile
 */
export async function takeStep(options: StepOptions, rotation: KeyRotationRow): Promise<'rests' | 'goes on'> {
  const { state, from_root: from, to_root: to } = rotation
  if (state === 'moved') return 'rests'
  if (state === 'moving') {
    await install(options, rotation)
    await makeKeys(rotation, replacing(options))
    await settle(options, rotation, { action: 'keys.moved', count: await moveAll(options, rotation), set: { state: 'moved' } })
    return 'rests'
  }
  const ended = { old_under_new: null, new_under_old: null } as const
  if (state === 'undoing') await reinstateKeys(rotation, replacing(options))
  const count = await moveAll(options, rotation)
  if (state === 'undoing') await uninstall(options, rotation)
  await removeKeys(rotation, replacing(options), parseIds(state === 'finishing' ? rotation.leaving : rotation.arriving))
  const writes = from === to ? [] : await withoutRoot(options.store, state === 'finishing' ? from : to)
  if (state === 'finishing')
    await settle(options, rotation, { action: 'keys.finished', count, writes, set: { state: 'finished', ...ended } })
  else await settle(options, rotation, { action: 'keys.undone', count, writes, set: { state: 'undone', ...ended } })
  return 'goes on'
}

function replacing({ store, changes, vault, now, batch, isClosed }: StepOptions): ReplaceOptions {
  return { store, changes, keyring: vault.keyring, now, batch, isClosed }
}

interface Settling {
  readonly action: string
  readonly count: KeyCount
  readonly writes?: readonly Write[]
  readonly set: Partial<Fields<KeyRotationRow>>
}

async function settle(
  { store, changes, now }: StepOptions,
  rotation: KeyRotationRow,
  { action, count, writes = [], set }: Settling,
): Promise<void> {
  const time = now()
  const result = await changes.commit({
    expect: [expectRotation(rotation)],
    writes: [...writes, update('key_rotations', rotation, { ...set, proof: JSON.stringify(count), changed_at: time })],
    audit: await auditOf(store, rotation, action, time, { rows: count.rows, underOld: count.underOld }),
  })
  if (!result.ok) throw new Overtaken()
}

/** Moves rows until a count by reading finds none under keys that go. */
async function moveAll(options: StepOptions, rotation: KeyRotationRow): Promise<KeyCount> {
  const { vault, store, changes, now, batch, isClosed } = options
  await requireVerified(options, rotation)
  let total = 0
  for (const table of rotatedTables(rotation.what)) total += await store.rows.count(table)
  const onBatch = (so: MoveProgress) => {
    options.onProgress({ table: so.table, seen: so.seen, renewed: so.renewed, total: Math.max(total, so.seen) })
    options.onBatch?.(so)
  }
  const moving = { store, changes, keyring: vault.keyring, now, batch, onBatch, isClosed }
  for (let round = 1; ; round += 1) {
    // Before the old keys go everything has been moved already; a count shows whether something came behind it.
    if (rotation.state !== 'finishing' || round > 1)
      await withResealer(total >= options.threadFrom, (resealer) => moveRows(rotation, { ...moving, resealer }))
    const count = await countKeys(vault.database, rotation.what, ...leavingOf(rotation))
    if (count.underOld === 0) return count
    if (round === ROUNDS)
      throw new HeadgateError('ROTATION_NOT_READY', { state: rotation.state, what: `moving its last ${count.underOld} rows` })
    await store.settings.put(POSITION_SETTING, '{}')
  }
}

async function withResealer(manyRows: boolean, work: (resealer: Resealer) => Promise<unknown>): Promise<void> {
  const resealer = manyRows ? createThreadResealer() : onThisThread
  try {
    await work(resealer)
  } finally {
    await resealer.close()
  }
}

async function requireVerified({ vault, trust }: StepOptions, { what }: KeyRotationRow): Promise<void> {
  if (trust.verified || what === 'root') return
  const problem = await unverified(vault)
  if (problem) throw new HeadgateError(problem.code, problem.details)
  trust.verified = true
}

/** Whether a data key, and whether a root key, is one of those that go: the old ones, or when it is undone the new ones. */
function leavingOf(rotation: KeyRotationRow): [(id: string) => boolean, (id: string) => boolean] {
  const back = rotation.state === 'undoing'
  const keys = new Set(parseIds(back ? rotation.arriving : rotation.leaving))
  const root = back ? rotation.to_root : rotation.from_root
  return [(id) => keys.has(id), (id) => rotation.from_root !== rotation.to_root && id === root]
}

/** Puts the new root key into its file. Only now: a file with a key the database does not know would lock everybody out. */
async function install({ vault, targets }: StepOptions, rotation: KeyRotationRow): Promise<void> {
  if (rotation.to_source !== 'file' || rotation.from_root === rotation.to_root) return
  const replaces = rotation.from_source === 'file' ? rotation.from_root : undefined
  await fileTarget(vault, targets).store(vault.database.id, vault.keyring.root(), replaces)
}

async function uninstall({ vault, targets }: StepOptions, rotation: KeyRotationRow): Promise<void> {
  if (rotation.to_source !== 'file' || rotation.from_root === rotation.to_root) return
  const file = fileTarget(vault, targets)
  if (rotation.from_source === 'file') await file.store(vault.database.id, vault.keyring.root(), rotation.to_root)
  else await file.withdraw(vault.database.id, rotation.to_root)
}

/** Takes what is kept of a root key that goes out of the database. */
async function withoutRoot(store: Store, root: string): Promise<Write[]> {
  const name = envelopeSetting(root)
  const value = await store.settings.get(name)
  return value === undefined ? [] : [{ op: 'delete', table: 'settings', row: { name, value } }]
}
