import type { Answer } from '@headgate/contract'
import { type Result, refuse } from '@headgate/model'
import { ENVIRONMENT } from './environment-routes.ts'
import { wireDiagnostic } from './wire-error.ts'
import {
  type WireAnswer,
  type WireRequest,
  type WireRoute,
  answerWith,
  json,
  nameOf,
  nothing,
  objectOf,
  present,
  timeText,
} from './wire-route.ts'

const SCHEDULES = `${ENVIRONMENT}/schedules`

/** Rotation of secrets, asked for or planned. */
export const rotationRoutes: readonly WireRoute[] = [
  { method: 'POST', path: `${ENVIRONMENT}/rotate`, answer: rotate },
  {
    method: 'GET',
    path: `${ENVIRONMENT}/rotate/history`,
    answer: async (request) =>
      answerWith(await request.ask('listRotations', { params: nameOf(request) }), ({ rotations }) =>
        json({ events: rotations.map((rotation) => eventOf(request, rotation)) }),
      ),
  },
  {
    method: 'GET',
    path: SCHEDULES,
    answer: async (request) =>
      answerWith(await request.ask('listSchedules', { params: nameOf(request) }), ({ schedules }) =>
        json({ schedules: schedules.map((schedule) => shown(request, schedule)) }),
      ),
  },
  { method: 'POST', path: SCHEDULES, answer: create },
  { method: 'GET', path: `${SCHEDULES}/:schedule`, answer: read },
  { method: 'PATCH', path: `${SCHEDULES}/:schedule`, answer: change },
  {
    method: 'DELETE',
    path: `${SCHEDULES}/:schedule`,
    answer: async (request) => answerWith(await request.ask('deleteSchedule', { params: oneOf(request) }), () => nothing),
  },
  { method: 'GET', path: `${SCHEDULES}/:schedule/history`, answer: history },
  { method: 'POST', path: `${SCHEDULES}/:schedule/pause`, answer: (request) => pause(request, true) },
  { method: 'POST', path: `${SCHEDULES}/:schedule/resume`, answer: (request) => pause(request, false) },
]

/** The protocol has no word for a state that waits in a draft: it is in no revision, which the message explains. */
const STATUS = {
  'under-way': 'in_progress',
  succeeded: 'succeeded',
  failed: 'failed',
  'not-evaluated': 'failed',
  kept: 'failed',
} as const

type Rotation = Answer<'listRotations'>['rotations'][number]
type Schedule = Answer<'createSchedule'>

/** The command line writes `Paths`, everybody else `paths`; none is all of them. */
async function rotate(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const paths = body.value['Paths'] ?? body.value['paths'] ?? []
  return answerWith(
    await request.ask('rotateEnvironment', { params: nameOf(request), body: { paths } }),
    ({ diagnostics, ...rotation }) => {
      const found = diagnostics.length > 0 ? { diagnostics: diagnostics.map(wireDiagnostic) } : {}
      return json({ id: rotation.rotation, secretRotationEvent: eventOf(request, rotation), ...found })
    },
  )
}

function eventOf({ params }: WireRequest, rotation: Rotation) {
  return {
    id: rotation.rotation,
    environmentId: `${params['org']}/${params['project']}/${params['env']}`,
    created: timeText(rotation.started),
    ...(rotation.ended === undefined ? {} : { completed: timeText(rotation.ended) }),
    preRotationRevision: rotation.before,
    ...(rotation.after === undefined ? {} : { postRotationRevision: rotation.after }),
    userID: rotation.author,
    status: STATUS[rotation.status],
    ...(rotation.schedule === undefined ? {} : { scheduledActionID: rotation.schedule }),
    rotations: rotation.outcome.map(({ path, status, message }, index) => ({
      id: `${rotation.rotation}-${index + 1}`,
      environmentPath: path,
      status: STATUS[status],
      ...(message === undefined ? {} : { errorMessage: message }),
    })),
  }
}

function shown({ params }: WireRequest, schedule: Schedule) {
  return {
    id: schedule.schedule,
    orgID: params['org'],
    kind: 'environment_rotation',
    paused: schedule.paused,
    created: timeText(schedule.created),
    modified: timeText(schedule.changed),
    lastExecuted: schedule.last === undefined ? '' : timeText(schedule.last),
    nextExecution: schedule.next === undefined ? '' : shortTime(schedule.next),
    definition: { environmentPath: schedule.path },
    ...(schedule.cron === undefined ? {} : { scheduleCron: schedule.cron }),
    ...(schedule.once === undefined ? {} : { scheduleOnce: timeText(schedule.once) }),
  }
}

/** A time of a plan is a whole minute; clients print it as it stands. */
function shortTime(milliseconds: number): string {
  return timeText(milliseconds).replace('.000Z', 'Z')
}

function oneOf(request: WireRequest) {
  return { ...nameOf(request), schedule: request.params['schedule'] }
}

/** What a schedule is asked to be. */
function readSchedule(request: WireRequest): Result<Record<string, unknown>> {
  const body = objectOf(request)
  if (!body.ok) return body
  const { scheduleCron, scheduleOnce, secretRotationRequest } = body.value
  const once = typeof scheduleOnce === 'string' && scheduleOnce !== '' ? Date.parse(scheduleOnce) : undefined
  if (Number.isNaN(once)) return refuse('SCHEDULE_INVALID', { reason: 'scheduleOnce is not a time' })
  const cron = scheduleCron === '' ? undefined : scheduleCron
  const path = (secretRotationRequest as { environmentPath?: unknown } | null | undefined)?.environmentPath
  return { ok: true, value: present({ cron, once, path }) }
}

async function create(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = readSchedule(request)
  if (!body.ok) return body
  return answerWith(await request.ask('createSchedule', { params: nameOf(request), body: body.value }), (schedule) =>
    json(shown(request, schedule)),
  )
}

async function read(request: WireRequest): Promise<Result<WireAnswer>> {
  return answerWith(await request.ask('listSchedules', { params: nameOf(request) }), ({ schedules }) => {
    const id = request.params['schedule'] ?? ''
    const found = schedules.find(({ schedule }) => schedule === id)
    const { project, environment } = nameOf(request)
    return found ? json(shown(request, found)) : refuse('SCHEDULE_NOT_FOUND', { environment: `${project}/${environment}`, schedule: id })
  })
}

async function change(request: WireRequest): Promise<Result<WireAnswer>> {
  const body = readSchedule(request)
  if (!body.ok) return body
  return answerWith(await request.ask('changeSchedule', { params: oneOf(request), body: body.value }), (schedule) =>
    json(shown(request, schedule)),
  )
}

async function pause(request: WireRequest, paused: boolean): Promise<Result<WireAnswer>> {
  return answerWith(await request.ask('changeSchedule', { params: oneOf(request), body: { paused } }), (schedule) =>
    json(shown(request, schedule)),
  )
}

async function history(request: WireRequest): Promise<Result<WireAnswer>> {
  return answerWith(await request.ask('listScheduleRuns', { params: oneOf(request) }), ({ rotations }) =>
    json({
      scheduleHistoryEvents: rotations.map(({ rotation, started, status, after, before }) => ({
        id: rotation,
        scheduledActionID: request.params['schedule'],
        executed: timeText(started),
        version: after ?? before,
        result: STATUS[status],
      })),
    }),
  )
}
