import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Thresholds } from '@headgate/model'
import { type Counts, type Reading, judge, quantile, worstOf } from '../src/index.ts'

const BOUNDS = [10, 50, 100, 500]
const limits: Thresholds = { errorRate: 0.05, latencyP95Ms: 200, windowMs: 1000 }

function counts(requests: number, errors = 0, latency: readonly number[] = [requests, 0, 0, 0, 0]): Counts {
  return { requests, errors, latency }
}

function reading(upstreams: Readonly<Record<string, Counts>>, generation = 'run 1'): Reading {
  return { generation, boundsMs: BOUNDS, upstreams }
}

const nothing = reading({ a: counts(0) })

test('a release that keeps to its limits passes', () => {
  const verdict = judge(limits, nothing, reading({ a: counts(100, 5) }))
  assert.deepEqual([verdict.outcome, verdict.reasons], ['pass', []])
  assert.deepEqual(verdict.evidence, { requests: 100, errors: 5, errorRate: 0.05, latencyP95Ms: 9.5 })
})

test('more errors than the limit fail it, with the figures', () => {
  const verdict = judge(limits, nothing, reading({ a: counts(100, 6) }))
  assert.deepEqual([verdict.outcome, verdict.reasons], ['fail', ['6 of 100 requests failed (6 %), at most 5 % may']])
})

test('a 95th percentile above the limit fails it, beyond the last bound too', () => {
  const slow = judge(limits, nothing, reading({ a: counts(100, 0, [90, 0, 0, 10, 0]) }))
  assert.match(slow.reasons.join(), /95th percentile of latency is 300 ms, at most 200 ms/)
  const endless = judge(limits, nothing, reading({ a: counts(100, 0, [90, 0, 0, 0, 10]) }))
  assert.match(endless.reasons.join(), /beyond the longest that is counted/)
})

test('no data is never a pass', () => {
  const cases: readonly (readonly [string, Reading, Reading])[] = [
    ['no request', nothing, nothing],
    ['no upstream', reading({}), reading({})],
    ['too few requests', nothing, reading({ a: counts(19) })],
    ['another run of the router', nothing, reading({ a: counts(1000) }, 'run 2')],
    ['counters that fell', reading({ a: counts(100) }), reading({ a: counts(50) })],
    ['no latency', nothing, reading({ a: counts(100, 0, [0, 0, 0, 0, 0]) })],
  ]
  for (const [name, before, after] of cases) {
    const verdict = judge(limits, before, after)
    assert.equal(verdict.outcome, 'inconclusive', name)
    assert.equal(verdict.reasons.length, 1, name)
  }
})

test('errors condemn a release before it had the requests a pass needs', () => {
  assert.equal(judge(limits, nothing, reading({ a: counts(2, 2) })).outcome, 'fail')
  assert.equal(judge(limits, nothing, reading({ a: counts(1, 1) })).outcome, 'inconclusive', 'one of twenty is the limit itself')
})

test('only what was counted in between matters, instances that came later included', () => {
  const before = reading({ a: counts(1000, 900) })
  const after = reading({ a: counts(1030, 900, [1030, 0, 0, 0, 0]), b: counts(10) })
  const verdict = judge(limits, before, after)
  assert.deepEqual([verdict.outcome, verdict.evidence.requests, verdict.evidence.errors], ['pass', 40, 0])
})

test('several services are as good as the worst of them, and none is not good', () => {
  const pass = judge(limits, nothing, reading({ a: counts(100) }))
  const fail = judge(limits, nothing, reading({ a: counts(100, 50) }))
  const open = judge(limits, nothing, nothing)
  assert.equal(worstOf([pass, pass]), 'pass')
  assert.equal(worstOf([pass, open]), 'inconclusive')
  assert.equal(worstOf([pass, open, fail]), 'fail')
  assert.equal(worstOf([]), 'inconclusive')
})

test('a quantile lies inside its bucket, in proportion', () => {
  assert.equal(quantile([10, 10, 0, 0, 0], BOUNDS, 0.5), 10)
  assert.equal(quantile([10, 10, 0, 0, 0], BOUNDS, 0.75), 30)
  assert.equal(quantile([0, 0, 0, 0, 0], BOUNDS, 0.5), undefined)
  assert.equal(quantile([0, 0, 0, 0, 1], BOUNDS, 0.5), Number.POSITIVE_INFINITY)
})
