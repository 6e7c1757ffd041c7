import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { diffLines, hunksOf } from '../src/environment/line-diff.ts'

/** Length of the longest common subsequence, by the table everybody knows. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const row = table[i] as number[]
      const above = table[i - 1] as number[]
      row[j] = a[i - 1] === b[j - 1] ? (above[j - 1] ?? 0) + 1 : Math.max(above[j] ?? 0, row[j - 1] ?? 0)
    }
  }
  return table[a.length]?.[b.length] ?? 0
}

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 14 })

test('a comparison gives both sides back and keeps as many lines as can be kept', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const compared = diffLines(before, after)
      assert.deepEqual(
        compared.filter(({ kind }) => kind !== 'added').map(({ text }) => text),
        before,
      )
      assert.deepEqual(
        compared.filter(({ kind }) => kind !== 'removed').map(({ text }) => text),
        after,
      )
      assert.equal(compared.filter(({ kind }) => kind === 'same').length, longestCommon(before, after))
    }),
    { numRuns: 500 },
  )
})

test('line numbers count each side by itself', () => {
  assert.deepEqual(
    diffLines(['a', 'b', 'c'], ['a', 'x', 'y', 'c']).map(({ kind, before, after }) => [kind, before, after]),
    [
      ['same', 1, 1],
      ['removed', 2, undefined],
      ['added', undefined, 2],
      ['added', undefined, 3],
      ['same', 3, 4],
    ],
  )
})

test('changes far from each other come in hunks of their own, near ones share one', () => {
  const before = Array.from({ length: 30 }, (_, i) => `line ${i}`)
  const after = before.map((line, i) => ([2, 4, 25].includes(i) ? `${line} changed` : line))
  const hunks = hunksOf(diffLines(before, after), 1)
  assert.deepEqual(
    hunks.map((hunk) => hunk.filter(({ kind }) => kind === 'added').length),
    [2, 1],
  )
})

test('two long texts that have nothing in common are compared in bounded time', () => {
  const before = Array.from({ length: 6_000 }, (_, i) => `before ${i}`)
  const after = Array.from({ length: 6_000 }, (_, i) => `after ${i}`)
  const compared = diffLines(before, after)
  assert.equal(compared.length, 12_000)
})
