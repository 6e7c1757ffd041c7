import { type Expectation, HeadgateError, type Problem, type Result, type Secret, type Write, ok, problemOf, refuse } from '@headgate/model'
import { type Fields, type KeyPurpose, type KeyRecordRow, type KeyRotationRow, type Store, insert, update } from '@headgate/store'
import { environmentKeySource } from '../key-sources/environment.ts'
import type { KeySource } from '../key-sources/key-source.ts'
import { passphraseKeySource, requireStrongPassphrase } from '../key-sources/passphrase.ts'
import { newRootKey, rootKeyId, wipe } from '../key-sources/root-key.ts'
import { newKeyId } from '../keyring.ts'
import { envelopeWrite } from '../open-root-key.ts'
import type { Vault } from '../vault.ts'
import { verifyAudit } from '../verify/verify-audit.ts'
import { expectRotation } from './move-rows.ts'
import { isUnderWay } from './rotation-state.ts'
import { type RotationTargets, requireSourceInUse, sourceInUse } from './source-in-use.ts'

/** Where a new root key is to be: where the old one is, or somewhere else. Files and services are those the plane was started with. */
export type RotationTarget =
  | { readonly to: 'same' }
  | { readonly to: 'file' | 'kms' }
  | { readonly to: 'passphrase'; readonly passphrase: Secret }
  | { readonly to: 'environment'; readonly key: Secret }

export interface RotationRequest {
  readonly what: KeyRotationRow['what']
  /** Where the root key goes; without meaning where only data keys are rotated. */
  readonly target: RotationTarget
  /** Who asks, by name. */
  readonly by: string
}

/** What a use case commits to begin, to undo or to finish a rotation. */
export interface RotationStep {
  readonly number: number
  readonly expect: readonly Expectation[]
  readonly writes: readonly Write[]
  readonly details: Readonly<Record<string, string | number>>
}

export interface PlanningOptions {
  readonly vault: Vault
  readonly store: Store
  readonly targets: RotationTargets
  readonly now: () => number
}

/**
 * Plans the beginning of a rotation. Nothing is changed until its writes are committed: not the database, not a file;
 * only a key service is asked to wrap the new root key.
 */
export async function planStart(options: PlanningOptions, request: RotationRequest): Promise<Result<RotationStep>> {
  const { vault, store, now } = options
  const newest = await store.keyRotations.newest()
  if (newest && isUnderWay(newest)) return refuse('ROTATION_RUNNING', { what: newest.what, state: newest.state })
  if (request.what !== 'root') {
    const problem = await unverified(vault)
    if (problem) return { ok: false, problem }
  }
  const time = now()
  const source = sourceInUse(vault, options.targets, newest).kind
  try {
    const root = request.what === 'data' ? undefined : await planRoot(options, request.target, newest)
    const data = request.what === 'root' ? noKeys : planDataKeys(await store.keyRecords.list())
    const number = (newest?.number ?? 0) + 1
    const current = vault.keyring.rootId()
    const row: Fields<KeyRotationRow> = {
      number,
      what: request.what,
      state: 'moving',
      from_root: current,
      to_root: root?.id ?? current,
      from_source: source,
      to_source: root?.source.kind ?? source,
      old_under_new: root ? vault.keyring.bridge(current, root.id) : null,
      new_under_old: root ? vault.keyring.bridge(root.id, current) : null,
      leaving: JSON.stringify(data.leaving),
      replaced: JSON.stringify(data.replaced),
      arriving: JSON.stringify(data.arriving),
      proof: '',
      started_at: time,
      changed_at: time,
      started_by: request.by,
    }
    const writes = [...(root?.writes ?? []), insert('key_rotations', row)]
    const details = { rotation: number, what: request.what, from: `${source} ${current}`, to: `${row.to_source} ${row.to_root}` }
    return ok({ number, expect: [], writes, details: { ...details, keys: data.arriving.length } })
  } catch (error) {
    if (error instanceof HeadgateError) return { ok: false, problem: error.problem }
    throw error
  }
}

/** Plans to bring everything back under the old keys. */
export async function planUndo({ store, now }: PlanningOptions): Promise<Result<RotationStep>> {
  const rotation = await store.keyRotations.newest()
  if (!rotation || !isUnderWay(rotation)) return refuse('ROTATION_MISSING')
  if (rotation.state !== 'moving' && rotation.state !== 'moved')
    return refuse('ROTATION_NOT_READY', { state: rotation.state, what: 'undoing it' })
  return ok(stepTo(rotation, 'undoing', now()))
}

/** Plans to take the old keys away, which ends the way back. */
export async function planFinish({ store, now }: PlanningOptions): Promise<Result<RotationStep>> {
  const rotation = await store.keyRotations.newest()
  if (!rotation || !isUnderWay(rotation)) return refuse('ROTATION_MISSING')
  if (rotation.state !== 'moved') return refuse('ROTATION_NOT_READY', { state: rotation.state, what: 'finishing it' })
  return ok(stepTo(rotation, 'finishing', now()))
}

/** What speaks against renewing rows: a finding, because a row that is renewed is vouched for. */
export async function unverified(vault: Vault): Promise<Problem | undefined> {
  const report = await verifyAudit({ database: vault.database, vault })
  if (report.ok) return undefined
  const count = report.found === 1 ? '1 finding' : `${report.found} findings`
  return problemOf('ROTATION_UNVERIFIED', { count, first: report.findings[0]?.message ?? '' })
}

export function parseIds(text: string): string[] {
  return text === '' ? [] : (JSON.parse(text) as string[])
}

/** The key file a plane moves its root key to: the one it opened with, or the one it was started with beside another source. */
export function fileTarget(vault: Vault, targets: RotationTargets): KeySource {
  return present(vault.keySource.kind === 'file' ? vault.keySource : targets.file, 'a key file')
}

function present(source: KeySource | undefined, name: string): KeySource {
  if (!source) throw new HeadgateError('KEY_SOURCE_ABSENT', { source: name })
  return source
}

function stepTo(rotation: KeyRotationRow, state: KeyRotationRow['state'], time: number): RotationStep {
  return {
    number: rotation.number,
    expect: [expectRotation(rotation)],
    writes: [update('key_rotations', rotation, { state, changed_at: time })],
    details: { rotation: rotation.number, what: rotation.what, was: rotation.state },
  }
}

interface PlannedRoot {
  readonly id: string
  readonly source: KeySource
  readonly writes: readonly Write[]
}

/** The new root key, in the ring from now on beside the old one, and what its source wants kept. */
async function planRoot(
  { vault, targets }: PlanningOptions,
  target: RotationTarget,
  newest: KeyRotationRow | undefined,
): Promise<PlannedRoot> {
  const { database, keyring } = vault
  const source = target.to === 'same' ? await requireSourceInUse(vault, targets, newest) : sourceOf(vault, targets, target)
  const key = await newKeyOf(source, vault)
  try {
    const envelope = await source.wrap(database.id, key)
    keyring.addRoot(key)
    return { id: rootKeyId(key), source, writes: envelope ? [envelopeWrite(envelope)] : [] }
  } finally {
    wipe(key)
    if (source !== vault.keySource && source !== targets.file && source !== targets.kms) source.close()
  }
}

function sourceOf(vault: Vault, targets: RotationTargets, target: Exclude<RotationTarget, { readonly to: 'same' }>): KeySource {
  switch (target.to) {
    case 'file':
      return fileTarget(vault, targets)
    case 'kms':
      return present(vault.keySource.kind === 'kms' ? vault.keySource : targets.kms, 'a key service')
    case 'environment':
      return environmentKeySource(target.key)
    case 'passphrase':
      requireStrongPassphrase(target.passphrase)
      return passphraseKeySource(target.passphrase)
  }
}

/** A random key, or the one a variable stands for. What stands in a file already is not taken: it may be an old one. */
async function newKeyOf(source: KeySource, vault: Vault): Promise<Secret<Uint8Array>> {
  if (source.kind !== 'file' && source.kind !== 'environment') return newRootKey()
  const { database, keyring } = vault
  const there = await source.load(database.id, [])
  const isCurrent = there !== undefined && rootKeyId(there) === keyring.rootId()
  if (source.kind === 'environment' && there) {
    if (!isCurrent) return there
    wipe(there)
    throw new HeadgateError('KEY_UNCHANGED')
  }
  if (there) wipe(there)
  if (there && !isCurrent) throw new HeadgateError('KEY_EXISTS', { place: source.place(database.id) })
  return newRootKey()
}

interface PlannedKeys {
  readonly leaving: readonly string[]
  readonly replaced: readonly string[]
  readonly arriving: readonly string[]
}

const noKeys: PlannedKeys = { leaving: [], replaced: [], arriving: [] }

/**
 * A new key for each that seals or makes row MACs; all that were before go, retired ones too. Handles, token digests
 * and the log's signatures keep theirs: they cannot be made anew without those who hold them. The new ones have names
 * here and nothing else yet: making many thousands takes a while, and is done beside everything else.
 */
function planDataKeys(records: readonly KeyRecordRow[]): PlannedKeys {
  const of = (purpose: KeyPurpose) => records.filter((record) => record.purpose === purpose)
  // The key of MACs first: what is written to make the others has the new one already, and is not written again for that.
  const leaving = [...of('mac'), ...of('seal')]
  const replaced = leaving.filter(({ state }) => state === 'active')
  return {
    leaving: leaving.map(({ id }) => id),
    replaced: replaced.map(({ id }) => id),
    arriving: replaced.map(newKeyId),
  }
}
