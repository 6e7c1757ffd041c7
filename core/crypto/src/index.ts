/**
 * Seals and opens bytes with keys it is given, and does the arithmetic of everything that proves something: handles,
 * tokens, row MACs, revision hashes, the Merkle log and its signed checkpoints.
 *
 * Pure: no disk, no network, no clock, and no idea where keys come from. Every byte of every format is written down in
 * FORMAT.md and pinned by the vectors in testdata.
 */
export { EXPORT_FORMAT, type ExportHead, type ExportTail, type ExportVerdict, createExportCheck } from './audit-export.ts'
export {
  type AuditProof,
  type ConsistencyProof,
  type InclusionProof,
  type ProofVerdict,
  type WrittenRecord,
  checkAuditProof,
} from './audit-proof.ts'
export { auditLeafHash } from './audit-record.ts'
export { CanonicalEncoder } from './canonical-encoding.ts'
export { type Checkpoint, type CheckpointSigner, checkpointSigner, openCheckpoint, readVerifierKey, verifierKey } from './checkpoint.ts'
export { HANDLE_VERSION, RECORD_ID_LENGTH, makeHandle, parseHandle } from './handle.ts'
export { HASH_LENGTH, type RevisionContent, contentHash, detailsDigest, equalBytes, hmac, revisionHash, sha256 } from './hash.ts'
export {
  EMPTY_ROOT,
  type Completed,
  type Frontier,
  type SubtreeReader,
  append,
  emptyFrontier,
  frontierAt,
  leafHash,
  nodeHash,
  rangeHash,
  rootOf,
} from './merkle.ts'
export { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './merkle-proof.ts'
export {
  type GrowingTree,
  TILE_BYTES,
  TILE_HEIGHT,
  TILE_WIDTH,
  type Tile,
  type TileReader,
  emptyTree,
  grow,
  perfectRoot,
  subtreesFromTiles,
} from './merkle-tiles.ts'
export { type MemorySeal, createMemorySeal } from './memory-seal.ts'
export { freshRandom } from './random.ts'
export { type Resealing, reseal } from './reseal.ts'
export { ROW_MAC_LENGTH, ROW_MAC_VERSION, leafData, messageMac, messageMacFits, rowMac, rowMacFits, rowMacKeyId } from './row-mac.ts'
export {
  GROUPED_SEAL_OVERHEAD,
  GROUPED_SEAL_VERSION,
  SEAL_GROUP_LIMIT,
  SEAL_OVERHEAD,
  SEAL_VERSION,
  type SealContext,
  SealGroup,
  open,
  seal,
  sealKeyId,
  sealOverhead,
} from './seal.ts'
export { KEY_ID_LENGTH, KEY_LENGTH, type SecretKey, secretKey, wipeableCopy } from './secret-key.ts'
export { type TokenKind, mintToken, parseToken, tokenDigest, tokenKinds } from './token.ts'
