import { type EnvironmentName, type Result, shortName } from '@headgate/model'
import { environmentResource } from '@headgate/model/access'
import { type ScheduleRow, update } from '@headgate/store'
import { heldRoles } from '../access/held-roles.ts'
import { requirePermission } from '../access/authorise.ts'
import { nameOf } from '../environments/find-revision.ts'
import type { Caller, Plane } from '../plane.ts'
import { type RotationOutcome, rotateText } from '../rotation/rotate-text.ts'
import { nextTime, parseCron } from './cron.ts'

const BATCH = 16

/** Does what schedules say is to be done by now, one after another. Answers how many. */
export async function runDueSchedules(plane: Plane): Promise<number> {
  const due = await plane.store.schedules.due(plane.now(), BATCH)
  for (const schedule of due) await runOne(plane, schedule)
  return due.length
}

/** A schedule that failed, or whose author lost the right, leaves a record and comes again at its next time. */
async function runOne(plane: Plane, schedule: ScheduleRow): Promise<void> {
  const time = plane.now()
  const plan = schedule.cron === null ? undefined : parseCron(schedule.cron)
  const next_at = plan && !('reason' in plan) ? (nextTime(plan, time) ?? null) : null
  const moved = { last_at: time, next_at }
  const environment = await plane.store.environments.get(schedule.environment)
  const caller = await authorOf(plane, schedule)
  const name = environment && environment.deleted_at === null ? nameOf(plane, environment) : undefined
  const audit = {
    time,
    organisation: plane.organisation.id,
    actor: schedule.author,
    actorName: caller?.name ?? 'plane',
    action: 'environment.rotate',
    resource: `environment:${plane.organisation.name}/${name ? shortName(name) : schedule.environment}`,
  }
  const rotated = caller && name ? await rotateAs(plane, caller, schedule, name, moved) : undefined
  if (rotated?.ok) {
    const { writes = [], details } = rotated.value
    const done = { ...audit, outcome: 'ok' as const, details: { ...details, schedule: schedule.id } }
    await plane.changes.commit({ expect: [], writes, audit: done })
    return
  }
  const code = rotated?.problem.code ?? 'CHANGE_CONFLICT'
  const failed = { ...audit, outcome: 'failed' as const, details: { schedule: schedule.id, code } }
  // A rotation that began has moved it.
  const standing = await plane.store.schedules.get(schedule.id)
  const writes = standing && standing.last_at !== time ? [update('schedules', standing, moved)] : []
  await plane.changes.commit({ expect: [], writes, audit: failed })
}

/** @param moved when the schedule was and comes next: written with the rotation's beginning, so that it is not begun twice */
async function rotateAs(
  plane: Plane,
  caller: Caller,
  schedule: ScheduleRow,
  name: EnvironmentName,
  moved: Pick<ScheduleRow, 'last_at' | 'next_at'>,
): Promise<Result<RotationOutcome>> {
  const allowed = requirePermission(plane, caller, 'rotate', environmentResource(name))
  if (!allowed.ok) return allowed
  const paths = schedule.path === '' ? [] : [schedule.path]
  return rotateText(plane, caller, name, { paths, schedule: schedule.id, alongside: [update('schedules', schedule, moved)] })
}

/** Whoever made the schedule, with the rights they have now; undefined where they may not sign in any more. */
async function authorOf(plane: Plane, schedule: ScheduleRow): Promise<Caller | undefined> {
  const principal = await plane.store.principals.get(schedule.author)
  if (!principal || principal.disabled_at !== null || principal.deleted_at != null) return undefined
  const held = await heldRoles(plane, plane.organisation.id, principal.id)
  const token = { id: '' as Caller['token']['id'], name: `schedule ${schedule.id}` }
  return { principal: principal.id, name: principal.name, kind: principal.kind, token, held }
}
