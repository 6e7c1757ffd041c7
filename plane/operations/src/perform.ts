import { type Answer, type Input, type Route, type RouteName, routes } from '@headgate/contract'
import { type AuditOutcome, type AuditRecord, type Problem, type Result, errorEntry, ok } from '@headgate/model'
import { renderResource } from '@headgate/model/access'
import { authorise, resourceOf } from './access/authorise.ts'
import type { Caller, Outcome, Plane, RequestOrigin, RunningPlane, UseCase } from './plane.ts'
import { refusalKey } from './audit/refusals.ts'
import type { Rendered } from './kept/rendered.ts'
import { useCases } from './use-cases.ts'
import { messagesOf } from './webhooks/messages.ts'

/**
 * One request from its caller to its answer: decide, run the use case, commit what it wants written together with the
 * audit record, answer. A denial and a failure leave a record of their own where the route leaves one at all.
 */
export async function perform<K extends RouteName>(
  plane: RunningPlane,
  name: K,
  caller: Caller,
  input: Input<K>,
  origin: RequestOrigin,
): Promise<Result<Answer<K> | Rendered>> {
  const route: Route = routes[name]
  const params = input.params as Record<string, string>
  const record = (outcome: AuditOutcome, details: Outcome<unknown>['details']): AuditRecord =>
    recordOf(plane, name, caller, params, outcome, {
      ...details,
      request: origin.request,
      address: origin.address,
      ...(origin.via === undefined ? {} : { node: origin.via }),
    })
  const refused = async (outcome: 'denied' | 'failed', problem: Problem): Promise<Result<Answer<K>>> => {
    plane.counts.note(name, outcome, problem)
    if (outcome === 'denied' || typeof route.audit === 'string') {
      const kept = (details: Outcome<unknown>['details']) => record(outcome, { code: problem.code, ...details })
      await plane.refusals.note(refusalKey(kept({}), problem), kept)
    }
    return { ok: false, problem }
  }

  const allowed = authorise(plane, name, route, params, caller)
  if (!allowed.ok) return refused('denied', allowed.problem)
  // The registry pairs each name with its own shapes; the compiler cannot follow the pairing through `K`.
  const useCase = useCases[name as keyof typeof useCases] as unknown as UseCase<K>
  const outcome = await useCase(plane, caller, input)
  // Another node took the target in this moment: that one answers, and keeps the record.
  if (!outcome.ok && outcome.problem.code === 'NODE_UNREACHABLE') return outcome
  if (!outcome.ok) return refused(errorEntry(outcome.problem.code).status === 403 ? 'denied' : 'failed', outcome.problem)
  const { answer, expect = [], writes = [], details } = outcome.value
  if (typeof route.audit !== 'string') {
    plane.counts.note(name, 'ok', answer)
    return ok(answer)
  }
  const messages = writes.length > 0 ? await messagesOf(plane, caller, writes) : []
  const change = {
    expect,
    writes: messages.length > 0 ? [...writes, ...messages] : writes,
    audit: record('ok', details),
    ...(route.whenFull === undefined ? {} : { whenFull: route.whenFull }),
  }
  const committed = await plane.counts.whileWaiting(plane.changes.commit(change))
  if (!committed.ok) return refused('failed', committed.problem)
  plane.counts.note(name, 'ok', answer)
  return ok(answer)
}

/** What the audit log is to say of a caller who uses a route, and of how that ended. */
export function recordOf(
  plane: Plane,
  name: RouteName,
  caller: Caller,
  params: Readonly<Record<string, string>>,
  outcome: AuditOutcome,
  details: NonNullable<AuditRecord['details']>,
): AuditRecord {
  const route: Route = routes[name]
  return {
    time: plane.now(),
    organisation: plane.organisation.id,
    actor: caller.principal,
    actorName: caller.name,
    action: typeof route.audit === 'string' ? route.audit : `denied.${name}`,
    resource: renderResource(resourceOf(plane, route, params)),
    outcome,
    details: { ...details, token: caller.token.id },
  }
}
