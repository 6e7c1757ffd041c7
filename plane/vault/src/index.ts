/**
 * Keys, and everything that is done with them over a database: the root key's sources, the keyring, the sealing of
 * secrets and texts, the writer that commits each Change with its sealed audit record, the check of the whole log,
 * and encrypted back-ups.
 */
export { type Anchor } from './anchor.ts'
export { type ChangeWriter, createChangeWriter } from './change-writer.ts'
export { keyFileSource } from './key-file.ts'
export { type KeySource, givenKeySource } from './key-source.ts'
export { type Keyring, rootKeyId } from './keyring.ts'
export { type Authorship, type Place, type SealedSecret } from './sealing.ts'
export { type SealedStore, type SealedStoreOptions, openSealedStore, sealedStoreOf } from './sealed-store.ts'
export { type Vault, type VaultOptions, openVault } from './vault.ts'
export type { Finding, FindingCode } from './verify/finding.ts'
export { type VerifyOptions, type VerifyReport, verifyAudit } from './verify/verify-audit.ts'
export { type BackupUnlock, type RestoreOptions, type RestoreReport, restoreBackup } from './restore-backup.ts'
export { type BackupLock, type BackupManifest, type BackupOptions, writeBackup } from './write-backup.ts'
