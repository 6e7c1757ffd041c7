/** Checks what was taken out of the audit log, without a plane and without a network: proofs and exports. */
export { type AuditProof, type ExportVerdict, type ProofVerdict, checkAuditProof, createExportCheck } from '@headgate/crypto'
