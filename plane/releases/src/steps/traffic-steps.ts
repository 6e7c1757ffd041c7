import { type Release, ok, refuse } from '@headgate/model'
import { type Reading, type Verdict, judge, worstOf } from '@headgate/rollout'
import { Draft } from '../draft.ts'
import { isHealthy } from '../instances.ts'
import type { StepContext, StepHandler, StepOf } from './step-context.ts'

/** Gives releases their shares. A release without a healthy instance is given none: that would be a way to lose requests. */
export const shiftTraffic: StepHandler<'shift-traffic'> = async ({ keeper, signal, tell }, step) => {
  for (const [service, shares] of Object.entries(step.to)) {
    for (const [release, percent] of Object.entries(shares)) {
      const able = keeper.instances.of(service).some((kept) => kept.row.release === release && isHealthy(kept))
      if (percent > 0 && !able) return refuse('RELEASE_NOT_SERVING', { service, release })
    }
  }
  keeper.traffic.shares = { ...keeper.traffic.shares, ...step.to }
  await keeper.traffic.apply(signal)
  tell({ type: 'traffic', traffic: keeper.traffic.shares })
  const traffic = JSON.stringify(keeper.traffic.shares)
  return ok({ draft: new Draft().update('targets', keeper.row, { traffic }, (row) => (keeper.row = row)) })
}

/**
 * From here on a failure does not go back any more. The deployment and its predecessor change with the mark, in one Change.
 * One that stops everything is not stopped before the last process is: nothing of it is told here.
 */
export const markLive: StepHandler<'mark-live'> = async ({ keeper, active, release, signal }, step) => {
  const { store, organisation, clock } = keeper.surroundings
  const wanted = step.release === undefined ? undefined : await release(step.release)
  const missing = wanted && (await serviceNotServing(keeper, wanted, signal))
  if (wanted && missing !== undefined) return refuse('RELEASE_NOT_SERVING', { service: missing, release: wanted.id })
  const live = wanted?.id ?? null
  const draft = new Draft().update('targets', keeper.row, { live }, (row) => (keeper.row = row))
  if (active.run.direction === 'forward') {
    if (live !== null) draft.update('deployments', active.deployment, { state: 'live' }, (row) => (active.deployment = row))
    const superseded = { state: live === null ? ('stopped' as const) : ('superseded' as const), ended_at: clock.now() }
    for (const before of await store.deployments.live(organisation.id, keeper.target)) {
      if (before.id !== active.deployment.id) draft.update('deployments', before, superseded, () => undefined)
    }
  }
  if (live === null) return ok({ draft })
  return ok({ draft, afterwards: async () => active.feed.tell(clock.now(), { type: 'deployment', state: 'live' }) })
}

async function serviceNotServing(
  keeper: StepContext['keeper'],
  { id, content }: Release,
  signal: AbortSignal,
): Promise<string | undefined> {
  const traffic = await keeper.traffic.observe(signal)
  return content.services.find(({ name }) => {
    const healthy = keeper.instances.of(name).some((kept) => kept.row.release === id && isHealthy(kept))
    return !healthy || traffic[name]?.[id] !== 100
  })?.name
}

/** How often traffic and instances are looked at while a release is watched, in milliseconds. */
const LOOK_MS = 250
/** So many windows may pass without enough requests for a verdict; then there is none, and the release goes back. */
const WINDOWS_WITHOUT_DATA = 3

type Readings = Readonly<Record<string, Reading & { readonly all: number }>>

interface WatchMemory {
  readonly until: number
  readonly deadline: number
  readonly first: { readonly time: number; readonly byService: Readings }
}

/**
 * Watches a release at its share of the traffic: every instance stays healthy, and where there are limits, the evidence
 * keeps to them. Too little evidence is waited for, and is never a pass.
 */
export const watch: StepHandler<'watch'> = async (context, step) => {
  const { keeper, signal } = context
  const { clock } = keeper.surroundings
  const memory = await begin(context, step)
  const told = new Map<string, string>()
  for (;;) {
    const ill = await illInstance(context, step)
    if (ill !== undefined) return refuse('RELEASE_UNHEALTHY', { release: step.release, ...ill })
    const now = clock.now()
    const found = step.thresholds === undefined ? undefined : await verdicts(context, step, told)
    if (found?.outcome === 'fail') return refuse('RELEASE_FAILED_ITS_LIMITS', { release: step.release, reason: reasonsOf(found.byService) })
    if (now >= memory.until) {
      if (found === undefined) return ok({})
      if (found.outcome === 'pass') return ok({ detail: evidenceOf(found.byService) })
      if (now >= memory.deadline) return refuse('RELEASE_UNPROVEN', { release: step.release, reason: reasonsOf(found.byService) })
    }
    const next = now < memory.until ? memory.until - now : LOOK_MS
    await keeper.bell.wait(clock, Math.max(1, Math.min(LOOK_MS, next)), signal)
  }
}

async function begin(context: StepContext, step: StepOf<'watch'>): Promise<WatchMemory> {
  const { keeper, active, memory, signal } = context
  const known = memory as WatchMemory | undefined
  if (known !== undefined) {
    active.readings.unshift(known.first)
    return known
  }
  const time = keeper.surroundings.clock.now()
  const until = time + step.durationMs
  const first = { time, byService: step.thresholds ? await keeper.traffic.read(step.release, step.services, signal) : {} }
  const begun = { until, deadline: until + WINDOWS_WITHOUT_DATA * (step.thresholds?.windowMs ?? 0), first }
  await context.remember(begun)
  active.readings.push(first)
  return begun
}

async function illInstance(context: StepContext, step: StepOf<'watch'>): Promise<Record<string, string> | undefined> {
  for (const service of step.services) {
    const instances = context.keeper.instances.of(service).filter(({ row }) => row.release === step.release)
    const ill = instances.find((kept) => !isHealthy(kept))
    if (ill) return { service, instance: ill.row.id, reason: await context.keeper.instances.explain(ill) }
    if (instances.length === 0) return { service, instance: 'none', reason: 'it has no instance' }
  }
  return undefined
}

interface Verdicts {
  readonly outcome: Verdict['outcome']
  readonly byService: Readonly<Record<string, Verdict>>
}

/**
 * Judges each service over the last window, or since the release began to take traffic where that is shorter. A service
 * that got no request in any release is judged by its health alone, as long as another one of the unit was judged.
 */
async function verdicts(context: StepContext, step: StepOf<'watch'>, told: Map<string, string>): Promise<Verdicts> {
  const { keeper, active, signal } = context
  const { thresholds } = step
  const time = keeper.surroundings.clock.now()
  const byService = await keeper.traffic.read(step.release, step.services, signal)
  active.readings.push({ time, byService })
  const before = active.readings.findLast((reading) => reading.time <= time - (thresholds?.windowMs ?? 0)) ?? active.readings[0]
  while (active.readings.length > 1 && active.readings[1] && active.readings[1].time < (before?.time ?? 0)) active.readings.shift()

  const judged: Record<string, Verdict> = {}
  const busy: Verdict[] = []
  for (const [service, after] of Object.entries(byService)) {
    const start = before?.byService[service]
    if (start === undefined || thresholds === undefined) continue
    const verdict = judge(thresholds, start, after)
    judged[service] = verdict
    if (after.all > start.all || verdict.outcome === 'fail') busy.push(verdict)
  }
  for (const [service, verdict] of Object.entries(judged)) {
    // Looked at often, told only when it becomes another one.
    if (told.get(service) === verdict.outcome) continue
    told.set(service, verdict.outcome)
    context.tell({ type: 'verdict', service, verdict })
  }
  return { outcome: worstOf(busy), byService: judged }
}

function reasonsOf(verdictsByService: Readonly<Record<string, Verdict>>): string {
  return Object.entries(verdictsByService)
    .flatMap(([service, { reasons }]) => reasons.map((reason) => `${service}: ${reason}`))
    .join('; ')
}

function evidenceOf(verdictsByService: Readonly<Record<string, Verdict>>): string {
  return Object.entries(verdictsByService)
    .map(([service, { evidence, outcome }]) =>
      outcome === 'pass'
        ? `${service}: ${evidence.requests} requests, ${evidence.errors} failed`
        : `${service}: no requests, judged by its health`,
    )
    .join('; ')
}
