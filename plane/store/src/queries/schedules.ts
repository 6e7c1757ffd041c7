import type { EnvironmentId, ScheduleId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function scheduleQueries({ read }: Reader) {
  const all = () => read.selectFrom('schedules').selectAll()
  return {
    get: (id: ScheduleId) => all().where('id', '=', id).executeTakeFirst(),
    list: (environment: EnvironmentId) => all().where('environment', '=', environment).orderBy('created_at').orderBy('id').execute(),
    /** What is to be done by now. */
    due: (now: number, limit: number) =>
      all().where('next_at', '<=', now).where('paused', '=', 0).orderBy('next_at').orderBy('id').limit(limit).execute(),
  }
}

export function rotationQueries({ read }: Reader) {
  const all = () => read.selectFrom('rotations').selectAll()
  return {
    get: (id: string) => all().where('id', '=', id).executeTakeFirst(),
    /** Newest first. */
    list: (environment: EnvironmentId, limit: number) =>
      all().where('environment', '=', environment).orderBy('started_at', 'desc').orderBy('id').limit(limit).execute(),
    ofSchedule: (schedule: ScheduleId, limit: number) =>
      all().where('schedule', '=', schedule).orderBy('started_at', 'desc').orderBy('id').limit(limit).execute(),
  }
}
