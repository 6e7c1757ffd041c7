import { ok } from '@headgate/model'
import { verifyAudit as verifyLog } from '@headgate/vault'
import type { UseCase } from '../plane.ts'

/** Recomputes the log and every protected row of the running plane, and names what does not fit. */
export const verifyAudit: UseCase<'verifyAudit'> = async (plane, _caller, { body }) => {
  const checkpoint = body?.checkpoint
  const report = await verifyLog({
    database: plane.database,
    vault: plane.vault,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  })
  return ok({
    answer: { ...report, findings: [...report.findings] },
    details: { ok: report.ok, size: report.size, findings: report.findings.length },
  })
}
