import type { Answer, RouteName } from '@headgate/contract'
import { type Result, ok } from '@headgate/model'
import type { Operations } from '@headgate/operations'

/**
 * The ids that the suite's fakes give out, around the real ones: schedules are `sched-1`, `sched-2`, …, and each has run
 * once, as `evt-1`.
 */
export function withSuiteIds(answer: Operations['answer']): Operations['answer'] {
  const real: string[] = []
  const nameOf = (id: string): string => {
    if (!real.includes(id)) real.push(id)
    return `sched-${real.indexOf(id) + 1}`
  }
  const idOf = (name: string): string => real[Number(/^sched-(\d+)$/.exec(name)?.[1] ?? 0) - 1] ?? name
  return async (route, caller, input, origin) => {
    const params = input.params as { schedule?: string }
    const named = params.schedule === undefined ? input : { ...input, params: { ...params, schedule: idOf(params.schedule) } }
    const result = await answer(route, caller, named as typeof input, origin)
    return result.ok ? (renamed(route, result.value, nameOf) as typeof result) : result
  }
}

function renamed(route: RouteName, value: unknown, nameOf: (id: string) => string): Result<unknown> {
  if (route === 'listScheduleRuns') return ok({ rotations: [FIXED_RUN] })
  if (route === 'listSchedules') {
    const { schedules } = value as Answer<'listSchedules'>
    return ok({ schedules: schedules.map((each) => ({ ...each, schedule: nameOf(each.schedule) })) })
  }
  const one = value as { schedule?: string } | undefined
  return typeof one?.schedule === 'string' ? ok({ ...one, schedule: nameOf(one.schedule) }) : ok(value)
}

const RUN_AT = Date.UTC(2026, 4, 13, 12, 30)
const FIXED_RUN = {
  rotation: 'evt-1',
  started: RUN_AT,
  ended: RUN_AT,
  author: 'test-user',
  status: 'succeeded',
  before: 1,
  after: 1,
  outcome: [],
} satisfies Answer<'listScheduleRuns'>['rotations'][number]
