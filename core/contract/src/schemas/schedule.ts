import { z } from 'zod'
import { diagnostic, environmentParams, noBody, noQuery, time } from './shapes.ts'

/** `kept`: rotated outside, and its new state waits in a draft, because the newest text has no place for it. */
const outcome = z.object({
  path: z.string(),
  status: z.enum(['under-way', 'succeeded', 'failed', 'not-evaluated', 'kept']),
  message: z.string().optional(),
})
const rotation = z.object({
  rotation: z.string(),
  started: time,
  /** Absent while it is under way. */
  ended: time.optional(),
  author: z.string(),
  status: z.enum(['under-way', 'succeeded', 'failed']),
  before: z.number().int(),
  after: z.number().int().optional(),
  schedule: z.string().optional(),
  /** The draft that holds new states which are in no revision. */
  draft: z.string().optional(),
  outcome: z.array(outcome),
})
const schedule = z.object({
  schedule: z.string(),
  kind: z.literal('rotation'),
  cron: z.string().optional(),
  once: time.optional(),
  path: z.string(),
  paused: z.boolean(),
  created: time,
  changed: time,
  last: time.optional(),
  next: time.optional(),
})
/** Five fields of cron in UTC, or one time. */
const when = { cron: z.string().max(200).optional(), once: time.optional() }
const oneSchedule = environmentParams.extend({ schedule: z.string() })

export const scheduleSchemas = {
  rotateEnvironment: {
    params: environmentParams,
    query: noQuery,
    /** Paths below `values`; none for every rotator. */
    body: z.object({ paths: z.array(z.string().max(1000)).max(1000).optional() }),
    answer: rotation.extend({ diagnostics: z.array(diagnostic) }),
  },
  listRotations: { params: environmentParams, query: noQuery, body: noBody, answer: z.object({ rotations: z.array(rotation) }) },
  listSchedules: { params: environmentParams, query: noQuery, body: noBody, answer: z.object({ schedules: z.array(schedule) }) },
  createSchedule: {
    params: environmentParams,
    query: noQuery,
    body: z.object({ ...when, path: z.string().max(1000).optional() }),
    answer: schedule,
  },
  changeSchedule: {
    params: oneSchedule,
    query: noQuery,
    body: z.object({ ...when, path: z.string().max(1000).optional(), paused: z.boolean().optional() }),
    answer: schedule,
  },
  deleteSchedule: { params: oneSchedule, query: noQuery, body: noBody, answer: z.object({ schedule: z.string() }) },
  listScheduleRuns: { params: oneSchedule, query: noQuery, body: noBody, answer: z.object({ rotations: z.array(rotation) }) },
}
