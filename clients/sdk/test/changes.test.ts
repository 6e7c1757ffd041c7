import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { changedPaths, sameValue } from '../src/changes.ts'
import { parsePath, renderPath, valueAt } from '../src/path.ts'
import type { Json } from '../src/snapshot.ts'

const { value: json } = fc.letrec<{ value: Json; list: Json[]; map: Record<string, Json> }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, fc.constantFrom(null, true, 0, 1, 'a', 'b.c', ''), tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc.dictionary(fc.constantFrom('a', 'b', 'c.d', '__proto__', '', '0'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
}))

test('paths are told exactly where two values differ', () => {
  assert.deepEqual(changedPaths({ a: 1, b: { c: [1, 2], d: 4 } }, { a: 1, b: { c: [1, 3, 4] }, e: null }), ['b.c[1]', 'b.c[2]', 'b.d', 'e'])
  assert.deepEqual(changedPaths({ a: [1] }, { a: { 0: 1 } }), ['a'])
  assert.deepEqual(changedPaths({ a: {} }, { a: {} }), [])
})

test('two values are the same exactly where no path differs, and each path that is told does differ', () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      const paths = changedPaths({ root: before }, { root: after })
      assert.equal(sameValue(before, after), paths.length === 0)
      for (const path of paths) {
        const segments = parsePath(path)
        assert.equal(sameValue(valueAt({ root: before }, segments), valueAt({ root: after }, segments)), false, path)
      }
    }),
  )
  fc.assert(fc.property(json, (value) => sameValue(value, JSON.parse(JSON.stringify(value)) as Json)))
})

test('every path can be written and read back', () => {
  const segment = fc.oneof(fc.string(), fc.nat(99_999), fc.constantFrom('a.b', '["]', "it's", '\\', '\\"', '\n', 'é'))
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) =>
      assert.deepEqual(parsePath(renderPath(segments)), segments),
    ),
  )
})
