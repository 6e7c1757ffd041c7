import type { AuditRecord, Problem } from '@headgate/model'
import type { Plane } from '../plane.ts'

/** How long the same refusal is only counted after it was recorded, in milliseconds. */
const WINDOW = 60_000
/** Different refusals recorded in one window; the others are counted together. So nobody can fill the disk with them. */
const DIFFERENT = 60

/**
 * Keeps refusals on record without letting whoever causes them write as much as they like: the first of each kind is
 * recorded before it is answered, and what follows within a minute is counted and recorded as one with its count.
 */
export interface Refusals {
  /** @param record asked for when it is to be written; `repeated` goes into its details */
  note(key: string, record: (details: { readonly repeated?: number }) => AuditRecord): Promise<void>
}

interface Kind {
  repeated: number
  latest: ((details: { readonly repeated?: number }) => AuditRecord) | undefined
}

const OTHERS = 'others'

export function recordRefusals({ changes }: Pick<Plane, 'changes'>): Refusals {
  let kinds = new Map<string, Kind>()
  let timer: NodeJS.Timeout | undefined

  const endWindow = (): void => {
    timer = undefined
    const counted = [...kinds.values()].filter(({ repeated }) => repeated > 0)
    kinds = new Map()
    for (const { repeated, latest } of counted) {
      // Their first was recorded; that the rest cannot be now is nothing anybody is waiting for.
      if (latest) void changes.commit({ expect: [], writes: [], audit: latest({ repeated }) }).catch(() => undefined)
    }
  }

  return {
    async note(wanted, record) {
      timer ??= setTimeout(endWindow, WINDOW).unref()
      const key = kinds.has(wanted) || kinds.size < DIFFERENT ? wanted : OTHERS
      const known = kinds.get(key)
      if (known) {
        known.repeated += 1
        known.latest = record
        return
      }
      kinds.set(key, { repeated: 0, latest: undefined })
      try {
        await changes.commit({ expect: [], writes: [], audit: record({}) })
      } catch (error) {
        kinds.delete(key)
        throw error
      }
    },
  }
}

/** What is the same refusal: by whom, what, of what, and why. */
export function refusalKey(record: Pick<AuditRecord, 'actor' | 'action' | 'resource' | 'outcome'>, problem: Problem): string {
  return [record.actor, record.action, record.resource, record.outcome, problem.code].join(' ')
}
