import type { AuditRecord, Result, Secret } from '@headgate/model'
import { renderResource } from '@headgate/model/access'
import type { Caller, RequestOrigin, RunningPlane } from '../plane.ts'

/**
 * Who a token belongs to; one that is refused leaves a record. A request without a token is no attempt and leaves none.
 * Where nothing can be recorded it is refused all the same: nothing is handed out by that.
 */
export function authenticateOnRecord(
  plane: RunningPlane,
  token: Secret | undefined,
  origin: RequestOrigin | undefined,
): Result<Caller> | Promise<Result<Caller>> {
  const caller = plane.kept.authenticate(token)
  if (!(caller instanceof Promise) && (caller.ok || !token || !origin)) return caller
  return orOnRecord(plane, caller, token, origin)
}

async function orOnRecord(
  plane: RunningPlane,
  looked: Result<Caller> | Promise<Result<Caller>>,
  token: Secret | undefined,
  origin: RequestOrigin | undefined,
): Promise<Result<Caller>> {
  const caller = await looked
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
