/**
 * A run of neighbouring audit records, taken out of the log so that it can be checked for itself, also long after the
 * log has let go of them. A JSON line each:
 *
 *     {"format":"headgate audit export 1","log":VERIFIER KEY,"first":LEAF,"peaks":[HASH…]}
 *     a record, and every one after it
 *     {"end":LEAF,"hashes":[HASH…],"checkpoint":NOTE}
 *
 * `peaks` is the tree in front of the first record, reduced to what appending needs; with the records behind it, it
 * gives the root at `end`, which `hashes` (a consistency proof) connect with the signed checkpoint.
 */
import { areTexts, bytesOf, isPlace, isWrittenRecord, openNote, recordMistake, writtenLeafHash } from './audit-proof.ts'
import { type Frontier, append, rootOf } from './merkle.ts'
import { verifyConsistency } from './merkle-proof.ts'

export const EXPORT_FORMAT = 'headgate audit export 1'

export interface ExportHead {
  readonly format: typeof EXPORT_FORMAT
  readonly log: string
  readonly first: number
  readonly peaks: readonly string[]
}

export interface ExportTail {
  readonly end: number
  readonly hashes: readonly string[]
  readonly checkpoint: string
}

export interface ExportVerdict {
  /** Why it is not what the log held, the first reason; undefined where it is. */
  readonly mistake: string | undefined
  readonly records: number
  readonly first: number
  readonly end: number
  /** How many records the log had when its checkpoint was signed. */
  readonly size: number
}

/**
 * Checks an export line by line, whatever its length.
 *
 * @param verifierKey the log's own, from whoever keeps it; undefined trusts the one in the export
 */
export function createExportCheck(verifierKey: string | undefined) {
  let key = verifierKey ?? ''
  let frontier: Frontier | undefined
  let first = 0
  let size = 0
  let ended = false
  let mistake: string | undefined
  const fail = (reason: string): void => void (mistake ??= reason)

  const begin = (head: ExportHead): void => {
    if (head.format !== EXPORT_FORMAT || typeof head.log !== 'string' || !areTexts(head.peaks) || !isPlace(head.first))
      return fail('its first line is not that of an export this program knows')
    if (verifierKey !== undefined && head.log !== verifierKey) return fail(`it is of another log: ${head.log}`)
    key = head.log
    first = head.first
    frontier = { size: head.first, peaks: head.peaks.map(bytesOf) }
    if (bitsOf(head.first) !== head.peaks.length) fail('its first line does not fit the place it begins at')
  }
  const take = (record: unknown, known: Frontier): void => {
    if (!isWrittenRecord(record)) return fail(`what stands in the place of record ${known.size} is no record this program knows`)
    if (record.leaf !== known.size) return fail(`record ${known.size} is missing: ${record.leaf} stands in its place`)
    const wrong = recordMistake(record)
    if (wrong !== undefined) fail(wrong)
    frontier = append(known, [writtenLeafHash(record)])
  }
  const finish = (tail: ExportTail, known: Frontier): void => {
    ended = true
    if (!areTexts(tail.hashes) || typeof tail.checkpoint !== 'string') return fail('its last line is not that of an export')
    const checkpoint = openNote(tail.checkpoint, key)
    if (!checkpoint) return fail('its checkpoint is not signed by this log')
    size = checkpoint.size
    if (tail.end !== known.size) return fail(`it says to end in front of record ${tail.end}, and ends in front of ${known.size}`)
    if (known.size === 0) return
    const consistent = verifyConsistency(tail.hashes.map(bytesOf), { size: known.size, root: rootOf(known) }, checkpoint)
    if (!consistent) fail('its records are not those the log held: one was changed, moved, or put in')
  }

  return {
    line(text: string): void {
      if (mistake !== undefined || text.trim() === '') return
      if (ended) return fail('something stands behind its end')
      const content = parsed(text)
      if (content === undefined) return fail('a line of it is not JSON')
      if (!frontier) return begin(content as unknown as ExportHead)
      if ('end' in content) return finish(content as unknown as ExportTail, frontier)
      take(content, frontier)
    },
    verdict(): ExportVerdict {
      if (!ended) fail('it is cut off')
      const end = frontier?.size ?? 0
      return { mistake, records: end - first, first, end, size }
    },
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function bitsOf(size: number): number {
  let bits = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}
