import type { EnvironmentId, OrganisationId, PrincipalId, ScheduleId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { defineTable } from './table.ts'

/** When something is done to an environment by itself. What it may do is decided anew each time, as its author. */
export interface ScheduleRow {
  readonly id: ScheduleId
  readonly organisation: OrganisationId
  readonly environment: EnvironmentId
  readonly kind: 'rotation'
  /** Five fields, in UTC; null where it happens once. */
  readonly cron: string | null
  readonly once_at: number | null
  /** What is rotated: a path below `values`; empty for everything. */
  readonly path: string
  readonly paused: number
  readonly author: PrincipalId
  readonly created_at: number
  readonly changed_at: number
  readonly last_at: number | null
  /** Null where it never happens again. */
  readonly next_at: number | null
}

export const schedules = defineTable<ScheduleRow>({
  name: 'schedules',
  protected: false,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    environment: 'text',
    kind: 'text',
    cron: 'text?',
    once_at: 'integer?',
    path: 'text',
    paused: 'integer',
    author: 'text',
    created_at: 'integer',
    changed_at: 'integer',
    last_at: 'integer?',
    next_at: 'integer?',
  },
})

/** One rotation of an environment's secrets, asked for by somebody or by a schedule. */
export interface RotationRow {
  readonly id: string
  readonly environment: EnvironmentId
  readonly schedule: ScheduleId | null
  readonly author: PrincipalId
  readonly started_at: number
  /** While it is under way, when it began. */
  readonly ended_at: number
  readonly status: 'under-way' | 'succeeded' | 'failed'
  readonly before: number
  /** Null where no revision came of it. */
  readonly after: number | null
  /** JSON: what became of each path, in words without values. */
  readonly outcome: string
}

export const rotations = defineTable<RotationRow>({
  name: 'rotations',
  protected: false,
  key: ['id'],
  columns: {
    id: 'text',
    environment: 'text',
    schedule: 'text?',
    author: 'text',
    started_at: 'integer',
    ended_at: 'integer',
    status: 'text',
    before: 'integer',
    after: 'integer?',
    outcome: 'text',
  },
})

export const createSchedules: Migration = {
  name: '0016-schedules',
  up: ({ table, index }) => [
    table(schedules, { references: { environment: 'environments.id' } }),
    index('schedules_next', 'schedules', ['next_at']),
    table(rotations, { references: { environment: 'environments.id' } }),
    index('rotations_environment', 'rotations', ['environment', 'started_at']),
  ],
}
