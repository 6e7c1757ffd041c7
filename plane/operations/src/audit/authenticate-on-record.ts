import type { AuditRecord, Result, Secret } from '@headgate/model'
import { renderResource } from '@headgate/model/access'
import type { Caller, RequestOrigin, RunningPlane } from '../plane.ts'

/**
 * Who a token belongs to; one that is refused leaves a record. A request without a token is no attempt and leaves none.
 * Where nothing can be recorded it is refused all the same: nothing is handed out by that.
 */
export async function authenticateOnRecord(
  plane: RunningPlane,
  token: Secret | undefined,
  origin: RequestOrigin | undefined,
): Promise<Result<Caller>> {
  const caller = await plane.kept.authenticate(token)
  if (caller.ok || !token || !origin) return caller
  const { code } = caller.problem
  const record = (details: { readonly repeated?: number }): AuditRecord => ({
    time: plane.now(),
    organisation: plane.organisation.id,
    actor: null,
    actorName: 'somebody',
    action: 'session.refuse',
    resource: renderResource({ kind: 'organisation', organisation: plane.organisation.name }),
    outcome: 'denied',
    details: { code, ...details, address: origin.address, request: origin.request },
  })
  await plane.refusals.note(`session ${origin.address} ${code}`, record).catch(() => undefined)
  return caller
}
