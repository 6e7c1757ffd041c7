/**
 * Keys, and everything that is done with them over a database: the root key's sources, the keyring, the sealing of
 * secrets and texts, the writer that commits each Change with its sealed audit record, the check of the whole log,
 * and encrypted back-ups.
 */
export { type Anchor } from './anchor.ts'
export { type ChangeWriter, createChangeWriter } from './change-writer.ts'
export { environmentKeySource } from './key-sources/environment.ts'
export { keyFileSource } from './key-sources/key-file.ts'
export { type KeySource, givenKeySource } from './key-sources/key-source.ts'
export { PASSPHRASE_LENGTH, passphraseKeySource } from './key-sources/passphrase.ts'
export { newRootKey, rootKeyId, writeRootKey } from './key-sources/root-key.ts'
export { transitKeySource } from './key-sources/transit.ts'
export { type Keyring } from './keyring.ts'
export type { KeyRotation } from './rotation/key-rotation.ts'
export type { RotationRequest, RotationStep, RotationTarget } from './rotation/plan-rotation.ts'
export type { RotationTargets } from './rotation/source-in-use.ts'
export { type Authorship, type Place, type SealedSecret } from './sealing.ts'
export { type SealedStore, type SealedStoreOptions, openSealedStore, sealedStoreOf } from './sealed-store.ts'
export { type LogExport, type LogIdentity, exportLog, identifyLog, proveGrowth, proveRecord, writtenRecord } from './log-proofs.ts'
export { type Pruned, type RetentionOptions, pruneLog } from './log-retention.ts'
export { type Vault, type VaultOptions, openVault } from './vault.ts'
export type { Finding, FindingCode } from './verify/finding.ts'
export { type VerifyOptions, type VerifyReport, verifyAudit } from './verify/verify-audit.ts'
export { type BackupUnlock, type RestoreOptions, type RestoreReport, restoreBackup } from './restore-backup.ts'
export { type BackupLock, type BackupManifest, type BackupOptions, writeBackup, wrongRecipient } from './write-backup.ts'
