/**
 * Random releases and rollbacks with the files and the settings edited in between: what runs is always exactly the
 * release that is named live, in its code and in every setting of its frozen configuration.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Release } from '@headgate/model'
import { seed, times } from '../../../test/proving.ts'
import { sharedPlane } from './kit/plane.ts'
import { Shop } from './kit/shop.ts'

const plane = sharedPlane()

test('running code and configuration equal the named release after every random step', async (t) => {
  const rounds = times({ short: 6, long: 200 })
  t.diagnostic(`${rounds} steps, seed ${seed}`)
  const random = generator(seed)
  const shop = new Shop(plane(), 'random')
  const made: { release: Release; code: string; greeting: string; crashes: boolean }[] = []
  let live: string | undefined
  for (let round = 0; round < rounds; round += 1) {
    const back = made.length > 1 && random() < 0.4
    if (back) {
      const goal = made[Math.floor(random() * made.length)]
      assert.ok(goal)
      const deployment = await shop.rollback(`#${goal.release.number}`)
      // Settings that end a process at its start may have been delivered to one that ran; going back to them needs a start.
      assert.ok(deployment.state === 'live' || goal.crashes, deployment.reason)
      if (deployment.state === 'live') live = goal.release.id
    } else {
      const code = `code ${Math.floor(random() * 4)}`
      const greeting = `settings ${round}`
      const crashes = random() < 0.2
      shop.save({ GREETING: greeting, ...(crashes ? { MODE: 'crash' } : {}) })
      const reload = random() < 0.5 ? ('auto' as const) : ('switch' as const)
      const release = await shop.release(code, [{ reload, replicas: 1 + Math.floor(random() * 2) }])
      const deployment = await shop.deploy(release)
      assert.ok(deployment.state === 'live' || (crashes && deployment.state === 'rolled-back'), deployment.reason)
      if (deployment.state === 'live') {
        made.push({ release, code, greeting, crashes })
        live = release.id
      }
    }
    // Whatever is in the folders now must not matter.
    shop.folder('code 0')
    shop.save({ GREETING: `edited after ${round}` })
    const expected = made.find(({ release }) => release.id === live)
    if (expected === undefined) continue
    const { status, body } = await shop.ask()
    assert.deepEqual([status, body.code, body.greeting], [200, expected.code, expected.greeting], `step ${round}, seed ${seed}`)
    const found = await shop.status()
    assert.equal(found.live?.id, live)
    assert.deepEqual(new Set(found.services.flatMap(({ instances }) => instances.map(({ release }) => release))), new Set([live]))
  }
})

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function generator(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
