import { PLANE_ACTOR, type OrganisationId } from '@headgate/model'
import { type Fields, type KeyRecordRow, type Store, insert, update } from '@headgate/store'
import type { ChangeWriter } from '../change-writer.ts'
import type { Keyring, RingKey } from '../keyring.ts'
import { isUnderWay } from './rotation-state.ts'

/** When a data key makes room for the next. */
export interface KeyLimits {
  /** Values sealed. */
  readonly seals: number
  /** Its age, in milliseconds. */
  readonly age: number
}

/**
 * No seal needs this: each has a key of its own (FORMAT.md). It bounds what one data key opens, should it get out.
 */
export const defaultLimits: KeyLimits = { seals: 2 ** 20, age: 90 * 24 * 3_600_000 }

/** Where the counts of uses are kept, which are written now and then. */
export const USES_SETTING = 'key-uses'
/** Uses between two notes of them. What a sudden end loses is less than this for each key. */
const NOTE_EVERY = 4_096
/** Seals at least, and milliseconds at most, between two looks at what is due. */
const LOOK_EVERY = 256
const LOOK_AFTER = 60_000

export interface KeyRolling {
  /** Called after a commit that sealed something; what is due happens beside it. */
  consider(): void
  /** Waits for what is under way. */
  settled(): Promise<void>
}

export interface RollingOptions {
  readonly keyring: Keyring
  readonly store: Store
  readonly changes: ChangeWriter
  readonly limits: KeyLimits
  readonly now: () => number
}

/** Gives an organisation a new data key when the one in use has sealed enough or is old enough. The old one stays to open. */
export function createKeyRolling(options: RollingOptions): KeyRolling {
  const { keyring, store, limits, now } = options
  let working: Promise<void> | undefined
  const stride = Math.min(LOOK_EVERY, limits.seals)
  // How many values may be sealed, whichever keys seal them, until one of them can be due.
  let looked = { sealed: 0, at: now(), room: stride }
  let noted = 0

  const work = async () => {
    const time = now()
    if (keyring.sealed() - noted >= NOTE_EVERY) {
      noted = keyring.sealed()
      await store.settings.put(USES_SETTING, writeUses(keyring))
    }
    const due: RingKey[] = []
    let most = 0
    for (const ring of keyring.all()) {
      if (!ring.active || ring.purpose !== 'seal') continue
      most = Math.max(most, ring.uses)
      if (ring.uses >= limits.seals || time - ring.created >= limits.age) due.push(ring)
    }
    looked = { ...looked, room: Math.max(stride, Math.min(limits.seals - most, NOTE_EVERY - (keyring.sealed() - noted))) }
    if (due.length > 0) await rollKeys(options, due)
  }
  return {
    consider() {
      if (working || (keyring.sealed() - looked.sealed < looked.room && now() - looked.at < LOOK_AFTER)) return
      looked = { ...looked, sealed: keyring.sealed(), at: now() }
      // What fails now is due still, and is tried again later.
      working = work()
        .catch(() => undefined)
        .finally(() => (working = undefined))
    },
    async settled() {
      await working
    },
  }
}

async function rollKeys({ keyring, store, changes, now }: RollingOptions, due: readonly RingKey[]): Promise<void> {
  const rotation = await store.keyRotations.newest()
  if (rotation && isUnderWay(rotation)) return
  const time = now()
  const [organisation] = await store.organisations.list()
  const rows = await store.keyRecords.get(due.map(({ id }) => id))
  const writes = due.flatMap(({ id, organisation }) => {
    const row = rows.get(id)
    if (!row || row.state !== 'active') return []
    return [
      update('key_records', row, { state: 'retired' }),
      insert('key_records', keyring.make('seal', organisation as OrganisationId, time)),
    ]
  })
  if (writes.length === 0) return
  const result = await changes.commit({
    expect: [],
    writes,
    audit: {
      time,
      organisation: organisation?.id ?? null,
      ...PLANE_ACTOR,
      action: 'keys.roll',
      resource: `organisation:${organisation?.name ?? ''}`,
      outcome: 'ok',
      details: { retired: due.map(({ id }) => id) },
    },
  })
  if (result.ok) keyring.take(writes.map(({ row }) => row as unknown as Fields<KeyRecordRow>))
}

function writeUses(keyring: Keyring): string {
  return JSON.stringify(Object.fromEntries([...keyring.all()].filter(({ uses }) => uses > 0).map(({ id, uses }) => [id, uses])))
}

/** Takes the counts over that were kept. Nothing is decided by them but when a key is rolled, so what cannot be read is left. */
export function restoreUses(keyring: Keyring, setting: string | undefined): void {
  let kept: Record<string, unknown> = {}
  try {
    kept = JSON.parse(setting ?? '{}') as Record<string, unknown>
  } catch {
    return
  }
  for (const ring of keyring.all()) {
    const uses = kept[ring.id]
    if (typeof uses === 'number' && uses > 0) ring.uses = uses
  }
}
