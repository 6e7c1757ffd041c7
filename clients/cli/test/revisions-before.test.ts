import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok } from '@headgate/model'
import type { PlaneClient } from '@headgate/sdk/http'
import { revisionsBefore } from '../src/environment/revisions-before.ts'

/** A plane that has so many revisions, lists at most a thousand of them, and remembers what it was asked. */
function planeWith(newest: number) {
  const asked: object[] = []
  const call = async (_route: string, { query }: { query: { limit: number; before?: number } }) => {
    asked.push(query)
    const first = Math.min(newest, (query.before ?? newest + 1) - 1)
    assert.ok(query.limit <= 1_000, 'a plane refuses more')
    const revisions = Array.from({ length: Math.min(query.limit, first) }, (_, i) => ({ revision: first - i }))
    return ok({ environment: 'shop/dev', revisions })
  }
  return { client: { call } as unknown as PlaneClient, asked }
}

test('more revisions than the plane lists at once come a page at a time, and no more than were asked for', async () => {
  const name = { organisation: 'main', project: 'shop', environment: 'dev' }
  for (const [limit, before, found, asked] of [
    [20, undefined, [2500, 20], 1],
    [1_000, 2_000, [1999, 1_000], 1],
    [1_200, undefined, [2500, 1_200], 2],
    [9_999, undefined, [2500, 2_500], 3],
    [9_999, 3, [2, 2], 1],
  ] as const) {
    const plane = planeWith(2_500)
    const listed = await revisionsBefore(plane.client, name, before, limit)
    assert.ok(listed.ok)
    const numbers = listed.value.revisions.map(({ revision }) => revision)
    assert.deepEqual([[numbers[0], numbers.length], plane.asked.length], [found, asked])
    assert.equal(new Set(numbers).size, numbers.length)
  }
})
