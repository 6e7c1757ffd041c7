/**
 * The model checked over its whole state space: every state that any plan, cut off anywhere, followed by any other
 * plan, with instances dying in between, can lead to. In each of them every plan is played to its end.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DesiredRelease, type DesiredService, type Step, canonicalJson, describeStep, plan } from '../src/index.ts'
import { type World, emptyWorld, isExactly, play, servedBy } from './world.ts'

/** Deaths of instances per history. Two in a row find nothing that one does not, but take long. */
const FAULTS = process.env['HEADGATE_PROVE'] === '1' ? 2 : 1

interface Family {
  readonly name: string
  readonly releases: readonly DesiredRelease[]
}

function service(name: string, code: string, replicas: number, reload: 'auto' | 'switch' = 'switch'): DesiredService {
  return { name, artifact: `artifact-${code}`, code: `${name}-${code}`, replicas, reload }
}

function release(
  id: string,
  configuration: string,
  services: readonly DesiredService[],
  steps: readonly number[] = [50, 100],
): DesiredRelease {
  return { id, configuration, services, strategy: { type: 'blue-green', steps, stepDurationMs: 0 } }
}

const families: readonly Family[] = [
  {
    name: 'new code, one copy',
    releases: [release('r1', 'c1', [service('web', 'a', 1)]), release('r2', 'c1', [service('web', 'b', 1)])],
  },
  {
    name: 'new code and configuration, two copies',
    releases: [release('r1', 'c1', [service('web', 'a', 2)]), release('r2', 'c2', [service('web', 'b', 2)])],
  },
  {
    name: 'configuration alone, delivered',
    releases: [release('r1', 'c1', [service('web', 'a', 2, 'auto')]), release('r2', 'c2', [service('web', 'a', 2, 'auto')])],
  },
  {
    name: 'configuration alone, by a switch',
    releases: [release('r1', 'c1', [service('web', 'a', 2)], [100]), release('r2', 'c2', [service('web', 'a', 2)], [100])],
  },
  {
    name: 'more and fewer copies',
    releases: [release('r1', 'c1', [service('web', 'a', 1)]), release('r2', 'c1', [service('web', 'a', 3)])],
  },
  {
    name: 'two services, one of them unchanged, one delivered',
    releases: [
      release('r1', 'c1', [service('api', 'a', 1, 'auto'), service('web', 'a', 1)]),
      release('r2', 'c2', [service('api', 'a', 1, 'auto'), service('web', 'b', 1)]),
    ],
  },
  {
    name: 'a service comes, a service goes',
    releases: [
      release('r1', 'c1', [service('api', 'a', 1), service('web', 'a', 1)]),
      release('r2', 'c1', [service('web', 'a', 1), service('worker', 'a', 1)]),
    ],
  },
  {
    name: 'three releases, of which two share code and two configuration',
    releases: [
      release('r1', 'c1', [service('web', 'a', 1, 'auto')]),
      release('r2', 'c2', [service('web', 'a', 1, 'auto')]),
      release('r3', 'c1', [service('web', 'b', 1, 'auto')]),
    ],
  },
]

interface State {
  readonly world: World
  readonly faults: number
}

for (const family of families) {
  test(`no plan, cut off anywhere, takes the last healthy copy away: ${family.name}`, (t) => {
    const releases = new Map(family.releases.map((one) => [one.id, one]))
    const seen = new Set<string>()
    const open: State[] = [{ world: emptyWorld, faults: 0 }]
    let steps = 0
    const add = (state: State): void => {
      const key = keyOf(state)
      if (seen.has(key)) return
      seen.add(key)
      open.push(state)
    }
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      for (const next of deaths(state, family)) add(next)
      for (const goal of goalsIn(state.world, releases)) {
        for (const world of playAll(state.world, goal, releases)) {
          steps += 1
          add({ world, faults: state.faults })
        }
      }
    }
    t.diagnostic(`${seen.size} states, ${steps} steps`)
    assert.ok(seen.size > 10)
  })
}

interface Goal {
  readonly release: DesiredRelease | undefined
  readonly direction: 'forward' | 'back'
}

/**
 * Whatever may be wanted next. A release whose instances never get healthy needs no goal of its own: it ends before
 * the step that waits for them, and the way back from there is among the goals of that state.
 */
function goalsIn(world: World, releases: ReadonlyMap<string, DesiredRelease>): Goal[] {
  const live = world.live === undefined ? undefined : releases.get(world.live)
  const forward = [...releases.values()].map((release): Goal => ({ release, direction: 'forward' }))
  return [...forward, { release: live, direction: 'back' }, { release: undefined, direction: 'back' }]
}

/** Plays a plan to its end, checks every step of it, and gives every world it passes through. */
function playAll(from: World, goal: Goal, releases: ReadonlyMap<string, DesiredRelease>): World[] {
  const passed: World[] = []
  let world = from
  for (const step of plan(world, wantedOf(goal))) {
    const next = play(world, step, releases)
    if (next === undefined) assert.fail(`${describeStep(step)} cannot be done in ${canonicalJson(world)}`)
    checkStep(world, step, next, goal)
    passed.push(next)
    world = next
  }
  const difference = isExactly(world, goal.release)
  if (difference !== undefined) assert.fail(`${difference}: ${canonicalJson(goal)} from ${canonicalJson(from)}`)
  assert.equal(plan(world, wantedOf(goal)).length, 0, 'what is as wanted needs no step')
  return passed
}

function wantedOf({ release, direction }: Goal) {
  return { direction, ...(release ? { release } : {}) }
}

function checkStep(before: World, step: Step, after: World, goal: Goal): void {
  const served = servedBy(after)
  for (const service of servedBy(before)) {
    const wanted = goal.release?.services.some((one) => one.name === service)
    if (wanted && !served.has(service))
      assert.fail(`${describeStep(step)} leaves ${service} without a healthy copy: ${canonicalJson(before)}`)
  }
  if (step.kind === 'mark-live' && goal.release) {
    for (const { name } of goal.release.services) {
      assert.ok(served.has(name), `${name} is marked live without serving`)
      assert.deepEqual(after.traffic[name], { [goal.release.id]: 100 })
    }
    if (goal.direction === 'forward') assert.equal(after.pinned, goal.release.id)
  }
}

/** Every way one instance can fall ill or vanish by itself. */
function deaths({ world, faults }: State, family: Family): State[] {
  const most = Math.max(...family.releases.flatMap((release) => release.services.map((one) => one.replicas)))
  if (faults >= FAULTS || world.instances.length > 3 * most) return []
  return world.instances.flatMap((dead) => [
    { faults: faults + 1, world: { ...world, instances: world.instances.filter((one) => one !== dead) } },
    {
      faults: faults + 1,
      world: { ...world, instances: world.instances.map((one) => (one === dead ? { ...one, state: 'unhealthy' as const } : one)) },
    },
  ])
}

/** Two worlds that differ in the names of instances alone are one state. */
function keyOf({ world, faults }: State): string {
  const instances = world.instances.map((one) => `${one.service} ${one.release} ${one.configuration} ${one.state}`).toSorted()
  const traffic = Object.entries(world.traffic).map(
    ([service, shares]) =>
      `${service} ${Object.entries(shares)
        .map((one) => one.join())
        .toSorted()
        .join()}`,
  )
  return [faults, world.live, world.pinned, ...instances, ...traffic.toSorted()].join('; ')
}
