import type { Problem } from '@headgate/model'
import type { KeyRecordRow, KeyRotationRow } from '@headgate/store'
import type { KeySourceKind } from '../key-sources/key-source.ts'
import type { KeyCount } from './count-keys.ts'
import type { MoveProgress } from './move-rows.ts'

export interface RotationReport {
  readonly number: number
  readonly what: KeyRotationRow['what']
  readonly state: KeyRotationRow['state']
  readonly fromRoot: string
  readonly toRoot: string
  readonly fromSource: string
  readonly toSource: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly startedBy: string
  /** How far it is, while rows are moved: rows looked at and renewed, of how many. */
  readonly progress?: MoveProgress & { readonly total: number }
  /** Counted by reading, once every row was moved. */
  readonly proof?: KeyCount
  /** What it is stopped by. It goes on by itself where that passes, with the next start, or when it is told to. */
  readonly problem?: Problem
}

/** How many data keys of one purpose an organisation, or the installation, has. */
export interface DataKeyCount {
  /** The organisation's id; empty for the installation. */
  readonly organisation: string
  readonly purpose: string
  readonly active: number
  readonly retired: number
  /** When the one in use was made, in milliseconds since 1970. */
  readonly since: number
}

export interface KeysReport {
  readonly source: KeySourceKind
  readonly place: string
  /** Its public id. */
  readonly rootKey: string
  readonly dataKeys: readonly DataKeyCount[]
  /** The last rotation, under way or ended. */
  readonly rotation?: RotationReport
}

export function reportRotation(row: KeyRotationRow, progress: RotationReport['progress'], problem: Problem | undefined): RotationReport {
  const proof = row.proof === '' ? undefined : (JSON.parse(row.proof) as KeyCount)
  return {
    number: row.number,
    what: row.what,
    state: row.state,
    fromRoot: row.from_root,
    toRoot: row.to_root,
    fromSource: row.from_source,
    toSource: row.to_source,
    startedAt: row.started_at,
    startedBy: row.started_by,
    ...(progress ? { progress } : {}),
    ...(proof ? { proof } : {}),
    ...(problem ? { problem } : {}),
  }
}

/** In the order they are shown. */
const purposes: readonly string[] = ['seal', 'mac', 'handle', 'token', 'log']

export function countDataKeys(records: readonly KeyRecordRow[]): DataKeyCount[] {
  const counts = new Map<string, DataKeyCount>()
  for (const { organisation, purpose, state, created_at: created } of records) {
    const name = `${purpose} ${organisation}`
    const { active, retired, since } = counts.get(name) ?? { active: 0, retired: 0, since: created }
    const used = state === 'active'
    counts.set(name, {
      organisation,
      purpose,
      active: active + Number(used),
      retired: retired + Number(!used),
      since: used ? created : since,
    })
  }
  const place = ({ purpose, organisation }: DataKeyCount) => `${purposes.indexOf(purpose)} ${organisation}`
  return [...counts.values()].toSorted((left, right) => place(left).localeCompare(place(right)))
}
