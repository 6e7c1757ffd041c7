import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharesOf, weightsOf } from '../src/index.ts'

const instances = [
  { id: 'a1', release: 'a', healthy: true },
  { id: 'a2', release: 'a', healthy: true },
  { id: 'b1', release: 'b', healthy: true },
]

function weights(shares: Readonly<Record<string, number>>, ill: readonly string[] = []): Record<string, number> {
  const all = instances.map((instance) => ({ ...instance, healthy: !ill.includes(instance.id) }))
  return Object.fromEntries(weightsOf(shares, all).map(({ id, weight }) => [id, weight]))
}

test('every healthy instance of a release carries the share of its release', () => {
  assert.deepEqual(weights({ a: 75, b: 25 }), { a1: 75, a2: 75, b1: 25 })
})

test('an instance that is not healthy gets nothing while another one is', () => {
  assert.deepEqual(weights({ a: 75, b: 25 }, ['a1']), { a1: 0, a2: 75, b1: 25 })
})

test('a release without a healthy instance gets nothing, and the others take its share', () => {
  const left = weights({ a: 75, b: 25 }, ['b1'])
  assert.deepEqual(left, { a1: 75, a2: 75, b1: 0 })
  assert.deepEqual(
    sharesOf([
      { release: 'a', weight: 75 },
      { release: 'b', weight: 0 },
    ]),
    { a: 100 },
  )
})

test('where nothing is healthy everything keeps its weight: a copy that may yet answer is better than a sure refusal', () => {
  assert.deepEqual(weights({ a: 75, b: 25 }, ['a1', 'a2', 'b1']), { a1: 75, a2: 75, b1: 25 })
})

test('the shares that were wanted are read back from the weights in force', () => {
  for (const shares of [{ a: 100 }, { a: 75, b: 25 }, { a: 10, b: 90 }, { a: 1, b: 99 }]) {
    const routed = weightsOf(shares, instances).map(({ id, weight }) => ({ release: id.slice(0, 1), weight }))
    assert.deepEqual(sharesOf(routed), shares)
  }
})
