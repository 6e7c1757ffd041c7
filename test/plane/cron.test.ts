import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextTime, parseCron } from '../../plane/operations/src/schedules/cron.ts'

function next(plan: string, after: string): string | undefined {
  const parsed = parseCron(plan)
  if ('reason' in parsed) throw new Error(parsed.reason)
  const time = nextTime(parsed, Date.parse(after))
  return time === undefined ? undefined : new Date(time).toISOString().replace(':00.000Z', '')
}

const PLANS: readonly (readonly [string, string, string | undefined])[] = [
  ['0 0 * * *', '2026-05-13T12:30:00Z', '2026-05-14T00:00'],
  ['0 0 * * *', '2026-05-14T00:00:00Z', '2026-05-15T00:00'],
  ['30 0 * * *', '2026-05-14T00:29:59Z', '2026-05-14T00:30'],
  ['*/15 9-17 * * mon-fri', '2026-05-15T17:50:00Z', '2026-05-18T09:00'],
  ['5 4 1 jan,jul *', '2026-02-01T00:00:00Z', '2026-07-01T04:05'],
  ['0 12 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T12:00'],
  ['0 0 13 * 5', '2026-05-09T00:00:00Z', '2026-05-13T00:00'],
  ['0 0 * * 7', '2026-05-13T00:00:00Z', '2026-05-17T00:00'],
  ['10/20 * * * *', '2026-05-13T00:31:00Z', '2026-05-13T00:50'],
  ['@weekly', '2026-05-13T00:00:00Z', '2026-05-17T00:00'],
  ['0 0 31 2 *', '2026-01-01T00:00:00Z', undefined],
]

test('a plan comes next when cron says so, in UTC', () => {
  for (const [plan, after, expected] of PLANS) assert.equal(next(plan, after), expected, plan)
})

test('a plan that is none says which field is wrong', () => {
  for (const plan of [
    '',
    '* * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    'x * * * *',
    '5-1 * * * *',
    '*/0 * * * *',
    '1,,2 * * * *',
  ])
    assert.ok('reason' in parseCron(plan), plan)
})
