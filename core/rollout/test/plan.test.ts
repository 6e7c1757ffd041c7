import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DesiredRelease, type DesiredService, type Observed, describeInverse, describeStep, inverseOf, plan } from '../src/index.ts'
import { type World, emptyWorld, isExactly, play, servedBy } from './world.ts'

interface ServiceOptions {
  readonly code?: string
  readonly replicas?: number
  readonly reload?: 'auto' | 'switch'
}

function service(name: string, { code = `${name}-a`, replicas = 2, reload = 'switch' }: ServiceOptions = {}): DesiredService {
  return { name, artifact: `artifact-${code}`, code, replicas, reload }
}

function release(id: string, configuration: string, services: readonly DesiredService[], steps: readonly number[] = [100]): DesiredRelease {
  return { id, configuration, services, strategy: { type: 'blue-green', steps, stepDurationMs: 1000 } }
}

function running(wanted: DesiredRelease): World {
  return follow(emptyWorld, wanted, [wanted])
}

function follow(world: World, wanted: DesiredRelease, all: readonly DesiredRelease[], direction: 'forward' | 'back' = 'forward'): World {
  const releases = new Map(all.map((one) => [one.id, one]))
  let current = world
  for (const step of plan(current, { release: wanted, direction })) {
    const next = play(current, step, releases)
    assert.ok(next, describeStep(step))
    current = next
  }
  return current
}

function kinds(observed: Observed, wanted: DesiredRelease | undefined, direction: 'forward' | 'back' = 'forward'): string[] {
  return plan(observed, { ...(wanted ? { release: wanted } : {}), direction }).map((step) => step.kind)
}

test('a first release takes all the traffic at once, whatever its steps', () => {
  assert.deepEqual(kinds(emptyWorld, release('r1', 'c1', [service('web')], [10, 50, 100])), [
    'check-configuration',
    'pin-configuration',
    'verify-configuration',
    'place-artifact',
    'start-instances',
    'await-healthy',
    'shift-traffic',
    'mark-live',
  ])
})

test('configuration comes first, then new instances, then the traffic share by share, and the old ones last', () => {
  const before = release('r1', 'c1', [service('web')])
  const after = release('r2', 'c2', [service('web', { code: 'web-b' })], [10, 50, 100])
  const steps = plan(running(before), { release: after, direction: 'forward' })
  assert.deepEqual(
    steps.map((step) => describeStep(step)),
    [
      'check the configuration of r2',
      'back up the configuration that r2 replaces',
      'pin the configuration of r2',
      'verify that the configuration of r2 opens as it was frozen',
      'place artifact artifact-web for web',
      'start 2 instances of web from r2',
      'wait until 2 instances of web from r2 are healthy',
      'shift traffic: web 10 % to r2, 90 % to r1',
      'watch r2 at 10 % for 1 s: every instance healthy',
      'shift traffic: web 50 % to r2, 50 % to r1',
      'watch r2 at 50 % for 1 s: every instance healthy',
      'shift traffic: web 100 % to r2',
      'watch r2 at 100 % for 1 s: every instance healthy',
      'mark r2 live',
      'drain every instance of web but the 2 of r2',
      'stop every instance of web but the 2 of r2',
    ],
  )
})

test('every step says what undoes it', () => {
  const before = release('r1', 'c1', [service('web')])
  const after = release('r2', 'c2', [service('web', { code: 'web-b', replicas: 1 })], [25, 100])
  const inverses = plan(running(before), { release: after, direction: 'forward' }).map((step) => describeInverse(step))
  assert.deepEqual(inverses, [
    'nothing to undo',
    'nothing to undo',
    'pin the configuration of r1',
    'nothing to undo',
    'nothing to undo',
    'stop the 1 instance of web from r2',
    'nothing to undo',
    'shift traffic: web 100 % to r1',
    'nothing to undo',
    'shift traffic: web 25 % to r2, 75 % to r1',
    'nothing to undo',
    'mark r1 live',
    'give every instance of web but the one of r2 its traffic again',
    'start every instance of web but the one of r2 again, from its kept artifact',
  ])
})

test('the inverse of an inverse is the step itself', () => {
  const before = release('r1', 'c1', [service('web'), service('api', { reload: 'auto' })])
  const after = release('r2', 'c2', [service('web', { code: 'web-b' }), service('api', { reload: 'auto' })], [25, 100])
  const twice = plan(running(before), { release: after, direction: 'forward' }).flatMap((step) => {
    const inverse = inverseOf(step)
    const back = inverse === undefined ? undefined : inverseOf(inverse)
    return back === undefined ? [] : [[step, back]]
  })
  assert.ok(twice.length >= 4)
  for (const [step, back] of twice) assert.deepEqual(back, step)
})

test('a changed setting reaches a service that reloads without a new instance', () => {
  const before = release('r1', 'c1', [service('web', { reload: 'auto' })])
  const after = release('r2', 'c2', [service('web', { reload: 'auto' })])
  assert.deepEqual(kinds(running(before), after), [
    'check-configuration',
    'back-up-configuration',
    'pin-configuration',
    'verify-configuration',
    'deliver-configuration',
    'watch',
    'mark-live',
  ])
})

test('on the way back an instance that never said what it holds is replaced', () => {
  const before = release('r1', 'c1', [service('web', { reload: 'auto' })])
  const after = release('r2', 'c2', [service('web', { reload: 'auto' })])
  const there = follow(running(before), after, [before, after])
  const deaf = { ...there, live: 'r1', instances: there.instances.map((one) => ({ ...one, follows: false })) }
  assert.ok(kinds(there, before, 'back').includes('deliver-configuration'))
  const back = kinds(deaf, before, 'back')
  assert.ok(back.includes('start-instances'))
  assert.ok(!back.includes('deliver-configuration'))
})

test('a changed setting reaches a service that cannot reload by a switch', () => {
  const before = release('r1', 'c1', [service('web')])
  const changes = kinds(running(before), release('r2', 'c2', [service('web')]))
  assert.ok(changes.includes('start-instances'))
  assert.ok(!changes.includes('deliver-configuration'))
})

test('a service that a release does not change runs on', () => {
  const before = release('r1', 'c1', [service('api'), service('web')])
  const after = release('r2', 'c1', [service('api'), service('web', { code: 'web-b' })])
  const steps = plan(running(before), { release: after, direction: 'forward' })
  assert.deepEqual(
    steps.filter((step) => step.kind === 'start-instances').map((step) => step.service),
    ['web'],
  )
  assert.deepEqual(
    steps.filter((step) => step.kind === 'carry-over').map((step) => step.service),
    ['api'],
  )
})

test('a release whose predecessor has no healthy instance takes all the traffic at once', () => {
  const before = release('r1', 'c1', [service('web')])
  const world = running(before)
  const broken: World = { ...world, instances: world.instances.map((one) => ({ ...one, state: 'unhealthy' })) }
  const after = release('r2', 'c1', [service('web', { code: 'web-b' })], [10, 50, 100])
  assert.deepEqual(
    plan(broken, { release: after, direction: 'forward' })
      .filter((step) => step.kind === 'shift-traffic')
      .map((step) => step.to),
    [{ web: { r2: 100 } }],
  )
})

test('going back with the old instances still running moves the traffic before anything else', () => {
  const before = release('r1', 'c1', [service('web')])
  const after = release('r2', 'c2', [service('web', { code: 'web-b' })], [50, 100])
  const all = new Map([before, after].map((one) => [one.id, one]))
  let world = running(before)
  for (const step of plan(world, { release: after, direction: 'forward' })) {
    world = play(world, step, all) ?? world
    if (step.kind === 'watch') break
  }
  assert.deepEqual(kinds(world, before, 'back'), ['shift-traffic', 'pin-configuration', 'drain-instances', 'stop-instances'])
  assert.equal(isExactly(follow(world, before, [before, after], 'back'), before), undefined)
})

test('a target that is where it should be needs no step', () => {
  const wanted = release('r1', 'c1', [service('web'), service('api', { replicas: 1, reload: 'auto' })])
  assert.deepEqual(kinds(running(wanted), wanted), [])
})

test('stopping marks the target stopped before it drains and stops everything', () => {
  const wanted = release('r1', 'c1', [service('web'), service('api')])
  assert.deepEqual(kinds(running(wanted), undefined), [
    'mark-live',
    'drain-instances',
    'stop-instances',
    'drain-instances',
    'stop-instances',
    'pin-configuration',
  ])
})

test('an instance that died is started again by the same plan', () => {
  const wanted = release('r1', 'c1', [service('web')])
  const world = running(wanted)
  const wounded: World = { ...world, instances: world.instances.slice(1) }
  assert.deepEqual(kinds(wounded, wanted), ['verify-configuration', 'place-artifact', 'start-instances', 'await-healthy'])
  assert.equal(isExactly(follow(wounded, wanted, [wanted]), wanted), undefined)
})

test('a service that a release no longer has is stopped only once the release is live', () => {
  const before = release('r1', 'c1', [service('api'), service('web')])
  const after = release('r2', 'c1', [service('web')])
  const steps = plan(running(before), { release: after, direction: 'forward' })
  const live = steps.findIndex((step) => step.kind === 'mark-live')
  const gone = steps.findIndex((step) => step.kind === 'drain-instances' && step.surplus.service === 'api')
  assert.ok(live >= 0 && gone > live)
})

test('a running service is counted as served in the world the tests play in', () => {
  assert.deepEqual([...servedBy(running(release('r1', 'c1', [service('web')])))], ['web'])
})
