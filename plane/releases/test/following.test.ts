/** Whoever follows a deployment by the numbers of its news, from one plane to the next. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeploymentId } from '@headgate/model'
import type { ReleaseEvent } from '../src/index.ts'
import { type TestPlane, by, ownPlace } from './kit/plane.ts'
import { Shop } from './kit/shop.ts'
import { valueOf } from './kit/upload.ts'

/** Follows as a client does: what has a number it has seen already is not new to it. */
async function follow(plane: TestPlane, id: DeploymentId, shown: ReleaseEvent[], until: (event: ReleaseEvent) => boolean): Promise<void> {
  const stop = new AbortController()
  for await (const event of plane.releases.events(id, stop.signal)) {
    if (event.sequence <= (shown.at(-1)?.sequence ?? 0)) continue
    shown.push(event)
    if (!until(event)) continue
    stop.abort()
    return
  }
}

test('a follower misses no step when another plane goes on, however much else it was told of before', async (t) => {
  const own = ownPlace(t)
  const first = await own.open()
  const shop = new Shop(first, 'followed')
  shop.save({ GREETING: 'hello' })
  const options = { strategy: { steps: [20, 40, 60, 80, 100], stepDurationMs: 300 } }
  assert.equal((await shop.deploy(await shop.release('one', [{ replicas: 2 }], options))).state, 'live')
  const { id } = valueOf(await first.releases.deploy({ release: (await shop.release('two', [{ replicas: 2 }], options)).id, by }))
  const shown: ReleaseEvent[] = []
  let shares = 0
  await follow(first, id, shown, ({ type }) => type === 'traffic' && (shares += 1) === 3)
  await first.close()

  const second = await own.open()
  await follow(second, id, shown, ({ type }) => type === 'deployment')
  assert.equal((await second.releases.settled(id)).state, 'live')
  const [plan, ...others] = shown
  assert.ok(plan?.type === 'plan' && others.every(({ type }) => type !== 'plan'))
  const done = others.flatMap((event) => (event.type === 'step' && event.state === 'done' ? [event.key] : []))
  const live = plan.steps.findIndex(({ key }) => key === done.at(-1))
  assert.deepEqual(
    done,
    plan.steps.slice(0, live + 1).map(({ key }) => key),
    'each once, in order',
  )
  assert.ok(done.length > 10, `${done.length} steps`)
})
