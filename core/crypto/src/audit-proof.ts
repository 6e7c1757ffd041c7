/**
 * Proofs about the audit log that need no plane: that a record is in it, and that it only ever grew. Checked with the
 * log's verifier key alone, by these functions or by any program that knows RFC 6962 and C2SP checkpoints.
 */
import { type AuditLeaf, auditLeafHash } from './audit-record.ts'
import { type Checkpoint, openCheckpoint, readVerifierKey } from './checkpoint.ts'
import { detailsDigest, equalBytes } from './hash.ts'
import { verifyConsistency, verifyInclusion } from './merkle-proof.ts'

/** An audit record as it is handed out: bytes as base64, its details in the open. */
export interface WrittenRecord extends Omit<AuditLeaf, 'digest'> {
  /** Its place in the log, from 0. */
  readonly leaf: number
  readonly digest: string
  /** What the digest was salted with, and what it is of. Absent where the details are not handed out. */
  readonly salt?: string
  readonly content?: unknown
}

/** A record is in the log that a checkpoint speaks of. */
export interface InclusionProof {
  readonly kind: 'inclusion'
  readonly record: WrittenRecord
  /** From the record's neighbour up, as base64. */
  readonly hashes: readonly string[]
  readonly checkpoint: string
}

/** The log of the newer checkpoint begins with the log of the older one. */
export interface ConsistencyProof {
  readonly kind: 'consistency'
  readonly older: string
  readonly hashes: readonly string[]
  readonly checkpoint: string
}

export type AuditProof = InclusionProof | ConsistencyProof

/** What a proof shows, or why it shows nothing. */
export type ProofVerdict = { readonly shows: true; readonly size: number } | { readonly shows: false; readonly reason: string }

/**
 * Checks a proof.
 *
 * @param verifierKey the log's `name+hash+key`, from whoever keeps it; one that came with the proof proves nothing
 */
export function checkAuditProof(proof: AuditProof, verifierKey: string): ProofVerdict {
  if (!areTexts(proof.hashes) || typeof proof.checkpoint !== 'string') return refused('it is no proof this program knows')
  const newer = openNote(proof.checkpoint, verifierKey)
  if (!newer) return refused('its checkpoint is not signed by this log')
  const hashes = proof.hashes.map(bytesOf)
  if (proof.kind === 'inclusion') {
    if (!isWrittenRecord(proof.record)) return refused('it holds no record this program knows')
    const mistake = recordMistake(proof.record)
    if (mistake !== undefined) return refused(mistake)
    const claim = { leaf: proof.record.leaf, leafHash: writtenLeafHash(proof.record), size: newer.size, root: newer.root }
    return verifyInclusion(hashes, claim) ? { shows: true, size: newer.size } : refused('the record is not at this place of the log')
  }
  const older = typeof proof.older === 'string' ? openNote(proof.older, verifierKey) : undefined
  if (!older) return refused('its older checkpoint is not signed by this log')
  return verifyConsistency(hashes, older, newer)
    ? { shows: true, size: newer.size }
    : refused('the newer log does not contain the older one')
}

export function writtenLeafHash(record: WrittenRecord): Uint8Array {
  return auditLeafHash({ ...record, digest: bytesOf(record.digest) })
}

/** Whether each member of a record is of its kind, and none is there that neither leaf nor digest vouches for. */
export function isWrittenRecord(value: unknown): value is WrittenRecord {
  if (typeof value !== 'object' || value === null) return false
  const members = new Map<string, unknown>(Object.entries(value))
  for (const name of members.keys()) if (!memberKinds.has(name)) return false
  return [...memberKinds].every(([name, isKind]) => isKind(members.get(name)))
}

export function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText)
}

export function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isTextOrNull = (value: unknown): boolean => value === null || isText(value)
const memberKinds: ReadonlyMap<string, (value: unknown) => boolean> = new Map<string, (value: unknown) => boolean>([
  ['leaf', isPlace],
  ['change', isPlace],
  ['time', Number.isSafeInteger],
  ['organisation', isTextOrNull],
  ['actor', isTextOrNull],
  ['actor_name', isText],
  ['action', isText],
  ['resource', isText],
  ['outcome', isText],
  ['digest', isText],
  ['salt', (value) => value === undefined || isText(value)],
  ['content', () => true],
])

/** Why a record's details are not those its digest is of; undefined where they are, or are not handed out. */
export function recordMistake({ leaf, digest, salt, content }: WrittenRecord): string | undefined {
  // Without their salt nothing shows whose the details are.
  if (salt === undefined) return content === undefined ? undefined : `the details of record ${leaf} come without what proves them`
  const details = Buffer.from(JSON.stringify(content) ?? '')
  return equalBytes(detailsDigest(bytesOf(salt), details), bytesOf(digest)) ? undefined : `the details of record ${leaf} were changed`
}

/** A checkpoint, where this log has signed it. */
export function openNote(note: string, verifierKey: string): Checkpoint | undefined {
  const log = readVerifierKey(verifierKey)
  return log && openCheckpoint(note, log.name, log.publicKey)
}

export function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64')
}

function refused(reason: string): ProofVerdict {
  return { shows: false, reason }
}
