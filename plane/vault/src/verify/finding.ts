import { HeadgateError } from '@headgate/model'

/** What `verify` can find. Each names the row or the record it is about. */
export type FindingCode =
  /** A protected row does not fit its MAC: it was edited, moved, or written by somebody without the key. */
  | 'ROW_TAMPERED'
  /** A row is genuine but not the newest: an older state of it was put back. */
  | 'ROW_REPLAYED'
  /** A genuine row that the log does not know, or knows as removed. */
  | 'ROW_UNKNOWN'
  /** The log knows a row that is not there. */
  | 'ROW_DELETED'
  /** An audit record does not fit its MAC, its details, or its leaf. */
  | 'RECORD_TAMPERED'
  /** A place in the log without its record. */
  | 'RECORD_MISSING'
  /** Records stand in another order than they were written. */
  | 'RECORD_MOVED'
  /** A record that never got a place in the log. */
  | 'RECORD_UNSEQUENCED'
  /** A stored hash of the Merkle tree is not what its records give. */
  | 'TILE_DIFFERS'
  /** A signed checkpoint does not fit the log, or its signature is wrong. */
  | 'CHECKPOINT_DIFFERS'
  /** The log is shorter than a signed checkpoint says: records were cut off, or an older database was put back. */
  | 'LOG_CUT'
  /** A revision does not follow from the one before, or its text is not what its hash says. */
  | 'REVISION_BROKEN'
  /** A sealed value is none, or does not open although its row is intact. */
  | 'SEAL_UNREADABLE'
  /** A data key that sealed values need is not in the keyring. */
  | 'KEY_MISSING'

/** One thing that is not as Headgate wrote it. */
export interface Finding {
  readonly code: FindingCode
  readonly message: string
  readonly table?: string
  /** The row's key, its columns joined by `/`. */
  readonly key?: string
  /** The place in the Merkle log. */
  readonly leaf?: number
  /** The number of the Change. */
  readonly change?: number
}

/** How many findings are listed; a database that is all wrong is reported as such, not row by row. */
export const FINDING_LIMIT = 1_000

export interface Findings {
  readonly list: Finding[]
  add(finding: Finding): void
  /** How many there were, listed or not. */
  count(): number
}

export function collectFindings(): Findings {
  const list: Finding[] = []
  let count = 0
  return {
    list,
    add(finding) {
      count += 1
      if (list.length < FINDING_LIMIT) list.push(finding)
    },
    count: () => count,
  }
}

/** A data key that is not there, told once however many values need it. Anything else is told as given. */
export function addUnopened(
  findings: Findings,
  error: unknown,
  finding: Omit<Finding, 'code' | 'message'> & { readonly what: string },
): void {
  const { what, ...place } = finding
  if (!(error instanceof HeadgateError && error.code === 'KEY_UNKNOWN')) {
    findings.add({ code: 'SEAL_UNREADABLE', message: `${what} does not open`, ...place })
    return
  }
  const key = String(error.problem.details['key'])
  if (findings.list.some((known) => known.code === 'KEY_MISSING' && known.key === key)) return
  findings.add({ code: 'KEY_MISSING', message: `the data key ${key} is gone; ${what} needs it, and maybe more`, table: 'key_records', key })
}

/** Rows between pauses in which a running plane gets on with its work. */
const STRIDE = 500

/** Counts the rows gone through, and gives way to other work every so often. */
export function createPacer(onProgress?: (rows: number) => void): () => Promise<void> | undefined {
  let rows = 0
  return () => {
    rows += 1
    if (rows % STRIDE !== 0) return undefined
    onProgress?.(rows)
    return new Promise<void>((resolve) => setImmediate(resolve))
  }
}
