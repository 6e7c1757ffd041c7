import { randomUUID } from 'node:crypto'
import { parsePath } from '@headgate/lang'
import { type EnvironmentName, type Result, idOf, ok, refuse, shortName } from '@headgate/model'
import { type ScheduleRow, insert, remove, update } from '@headgate/store'
import { authorNames } from '../environments/author-names.ts'
import { findEnvironment } from '../environments/find-revision.ts'
import type { Plane, UseCase } from '../plane.ts'
import { rotationAnswer } from '../rotation/rotation-record.ts'
import { nextTime, parseCron } from './cron.ts'

const RUNS = 100

export const listSchedules: UseCase<'listSchedules'> = async (plane, _caller, { params }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  return ok({ answer: { schedules: (await plane.store.schedules.list(environment.value.id)).map(shown) } })
}

/** Has secrets rotated at times. It is done in the name of whoever made it, with the rights they have then. */
export const createSchedule: UseCase<'createSchedule'> = async (plane, caller, { params, body }) => {
  const environment = await findEnvironment(plane, params)
  if (!environment.ok) return environment
  const time = plane.now()
  const when = timesOf(body, time)
  if (!when.ok) return when
  const path = pathOf(body.path ?? '')
  if (!path.ok) return path
  const row: ScheduleRow = {
    id: idOf<'schedule'>(randomUUID()),
    organisation: environment.value.organisation,
    environment: environment.value.id,
    kind: 'rotation',
    ...when.value,
    path: path.value,
    paused: 0,
    author: caller.principal,
    created_at: time,
    changed_at: time,
    last_at: null,
  }
  return ok({ answer: shown(row), writes: [insert('schedules', row)], details: detailsOf(row) })
}

/** Changes what is named. A schedule whose times change, or that is resumed, is planned anew from now on. */
export const changeSchedule: UseCase<'changeSchedule'> = async (plane, _caller, { params, body }) => {
  const found = await findSchedule(plane, params, params.schedule)
  if (!found.ok) return found
  const before = found.value
  const time = plane.now()
  const kept = { cron: before.cron ?? undefined, once: before.once_at ?? undefined }
  const when = timesOf(body.cron === undefined && body.once === undefined ? kept : body, time)
  if (!when.ok) return when
  const path = pathOf(body.path ?? before.path)
  if (!path.ok) return path
  const paused = body.paused === undefined ? before.paused : body.paused ? 1 : 0
  const row: ScheduleRow = { ...before, ...when.value, path: path.value, paused, changed_at: time }
  return ok({ answer: shown(row), writes: [update('schedules', before, row)], details: detailsOf(row) })
}

export const deleteSchedule: UseCase<'deleteSchedule'> = async (plane, _caller, { params }) => {
  const found = await findSchedule(plane, params, params.schedule)
  if (!found.ok) return found
  return ok({ answer: { schedule: params.schedule }, writes: [remove('schedules', found.value)], details: { schedule: params.schedule } })
}

/** When a schedule did its work, newest first. */
export const listScheduleRuns: UseCase<'listScheduleRuns'> = async (plane, _caller, { params }) => {
  const found = await findSchedule(plane, params, params.schedule)
  if (!found.ok) return found
  const [rows, nameOf] = await Promise.all([plane.store.rotations.ofSchedule(found.value.id, RUNS), authorNames(plane)])
  return ok({ answer: { rotations: rows.map((row) => rotationAnswer(row, nameOf(row.author))) } })
}

async function findSchedule(plane: Plane, name: EnvironmentName, id: string): Promise<Result<ScheduleRow>> {
  const environment = await findEnvironment(plane, name)
  if (!environment.ok) return environment
  const row = await plane.store.schedules.get(idOf<'schedule'>(id))
  if (row?.environment === environment.value.id) return ok(row)
  return refuse('SCHEDULE_NOT_FOUND', { environment: shortName(name), schedule: id })
}

/** The times of a schedule: a plan or one moment, and when it comes next. */
function timesOf(
  { cron, once }: { readonly cron?: string | undefined; readonly once?: number | undefined },
  now: number,
): Result<Pick<ScheduleRow, 'cron' | 'once_at' | 'next_at'>> {
  const wrong = (reason: string) => refuse('SCHEDULE_INVALID', { reason })
  if ((cron === undefined) === (once === undefined)) return wrong('it has either a plan or one time')
  if (once !== undefined) return ok({ cron: null, once_at: once, next_at: once > now ? once : null })
  const plan = parseCron(cron ?? '')
  if ('reason' in plan) return wrong(plan.reason)
  const next = nextTime(plan, now)
  return next === undefined ? wrong('its plan means no day that ever comes') : ok({ cron: cron ?? '', once_at: null, next_at: next })
}

function pathOf(path: string): Result<string> {
  const parts = path === '' ? [] : parsePath(path)
  return 'reason' in parts ? refuse('SCHEDULE_INVALID', { reason: `the path \`${path}\`: ${parts.reason}` }) : ok(path)
}

function detailsOf({ id, cron, once_at, path, paused }: ScheduleRow) {
  return { schedule: id as string, cron, once: once_at, path, paused: paused === 1 }
}

function shown(row: ScheduleRow) {
  return {
    schedule: row.id as string,
    kind: row.kind,
    ...(row.cron === null ? {} : { cron: row.cron }),
    ...(row.once_at === null ? {} : { once: row.once_at }),
    path: row.path,
    paused: row.paused === 1,
    created: row.created_at,
    changed: row.changed_at,
    ...(row.last_at === null ? {} : { last: row.last_at }),
    ...(row.next_at === null ? {} : { next: row.next_at }),
  }
}
