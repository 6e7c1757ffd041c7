import { type Load, type LoadReport, startLoad } from '../../test/load/load.ts'
import { eventually } from '../../test/eventually.ts'
import { type Application, breakApplication, changeCode, prepareApplication } from './application.ts'
import { type PlaneAt, PROJECT } from './configuration-journey.ts'
import type { Stage } from './stage.ts'

/** A release takes as long as its file says; somebody's own may say long. */
const PATIENCE_MS = 30 * 60_000

interface DeployEvent {
  readonly type: string
  readonly state?: string
  readonly reason?: string
  readonly release?: { readonly id: string; readonly number: number }
}

/** The release half of the journey: v1, v2 with new configuration, a changed setting, and v3, which has to go back. */
export async function releaseJourney(stage: Stage, plane: PlaneAt, appFolder: string | undefined): Promise<void> {
  const application = await prepareApplication(stage, appFolder)
  const revision = await migrateIfGiven(stage, application, appFolder)
  await deployFirst(stage, application, revision)
  const load = await beginLoad(stage, plane, application)
  try {
    await deploySecond(stage, application)
    await reconfigure(stage, application)
    await deployThird(stage, application)
  } finally {
    tell(stage, await load.stop())
  }
}

/** The revision v1 is deployed with. Somebody's own folder brings its own `.env` for it. */
async function migrateIfGiven(stage: Stage, { folder, configuration }: Application, appFolder: string | undefined): Promise<number> {
  const [project = PROJECT, environment = ''] = configuration.split('/')
  if (appFolder !== undefined) {
    await stage.step('take its .env over', async () => {
      const words = ['--project', project, '--environment', environment, '.env']
      const applied = await stage.headgate(['migrate', 'apply', '--yes', ...words], { cwd: folder })
      if (applied.code !== 0) throw new Error(applied.stderr + applied.stdout)
      return { value: undefined, result: applied.stdout.trimEnd().replaceAll('\n', '\n  ') }
    })
  }
  const { revisions } = await stage.headgateJson<{ revisions: { revision: number }[] }>(['env', 'history', configuration, '--limit', '1'])
  return revisions[0]?.revision ?? 1
}

async function deployFirst(stage: Stage, application: Application, revision: number): Promise<void> {
  await stage.step('release v1', async () => {
    // Pinned to a revision, so that the next one waits for v2 instead of reaching v1 by itself.
    const { events, code } = await deploy(stage, application, ['--version', 'v1', '--config-version', String(revision)])
    return { value: undefined, result: endOf(events), ok: code === 0 }
  })
}

async function beginLoad(stage: Stage, plane: PlaneAt, application: Application): Promise<Load> {
  const { services } = await stage.headgateJson<{ services: { domain: string }[] }>(['status', ...targetWords(application)], {
    cwd: application.folder,
  })
  const host = services.map(({ domain }) => domain)
  const load = startLoad({ target: plane.router, host, pauseMs: 5, maxMs: 4 * PATIENCE_MS, ...trafficOf(application, host.length) })
  stage.onClose(() => load.stop())
  await eventually(() => load.report().requests > 20)
  stage.say(`  from here on, load on ${host.join(', ')} through the router, by a generator that is not our SDK`)
  return load
}

/** Of somebody's own nothing is known but that it answers. */
function trafficOf({ given }: Application, services: number): Pick<Parameters<typeof startLoad>[0], 'workers' | 'paths'> {
  return given
    ? { workers: { keepAlive: 4 * services, connections: services } }
    : { workers: { keepAlive: 4, connections: 1, uploads: 1, events: 2 }, paths: { uploads: '/uploads', events: '/events' } }
}

/** New code (as far as the files are ours) and a new revision, shifted over in steps. */
async function deploySecond(stage: Stage, application: Application): Promise<void> {
  await stage.step('release v2 with new configuration, in steps', async () => {
    await stage.headgateJson(['env', 'set', application.configuration, 'environmentVariables.JOURNEY', 'v2'])
    await changeCode(application, 'v2\n')
    const { events, code } = await deploy(stage, application, ['--version', 'v2'])
    return { value: undefined, result: endOf(events), ok: code === 0 }
  })
}

interface Status {
  readonly live?: {
    readonly number: number
    readonly content: { readonly configuration: { readonly revisions: readonly { readonly revision: number }[] } }
  }
  readonly deployment?: { readonly state: string; readonly kind: string; readonly reason?: string }
  readonly services: readonly { readonly instances: readonly { readonly state: string; readonly pid?: number }[] }[]
}

/** A setting changed while v2 is live: its own release where the services take it without a restart, a command where they cannot. */
async function reconfigure(stage: Stage, application: Application): Promise<void> {
  await stage.step('change one setting of what is live', async () => {
    const before = await statusOf(stage, application)
    const words = ['env', 'set', application.configuration, 'environmentVariables.JOURNEY', 'changed']
    const saved = await stage.headgateJson<{ revision: number }>(words)
    const byItself = Object.values(application.file.services).every(({ reload }) => reload === 'auto')
    if (!byItself) {
      const { events, code } = await deploy(stage, application, ['--version', 'v2-changed'])
      if (code !== 0) return { value: undefined, result: endOf(events), ok: false }
    }
    const after = await changed(stage, application, saved.revision)
    const { live, deployment } = after
    if (deployment?.state !== 'live')
      return { value: undefined, result: `${deployment?.kind}: ${deployment?.state} (${deployment?.reason})`, ok: false }
    const kept = JSON.stringify(pidsOf(after)) === JSON.stringify(pidsOf(before))
    const how = byItself
      ? `a configuration-only release, ${kept ? 'no process restarted' : 'in other processes'}`
      : 'a release of its own, in new processes'
    return {
      value: undefined,
      result: `${how}; revision ${saved.revision} is live as release #${live?.number}`,
      ok: !byItself || kept,
    }
  })
}

/** Waits until a revision is live, or what was to bring it live has gone back. */
function changed(stage: Stage, application: Application, revision: number): Promise<Status> {
  const look = async (): Promise<Status> => {
    const status = await statusOf(stage, application)
    const { live, deployment } = status
    if (deployment?.state === 'live' && live?.content.configuration.revisions[0]?.revision === revision) return status
    if (deployment?.kind === 'configuration' && (deployment.state === 'rolled-back' || deployment.state === 'failed')) return status
    throw new Error(`revision ${revision} is not live: ${JSON.stringify(deployment)}`)
  }
  return eventually(look, { within: PATIENCE_MS, every: 250 })
}

/** The same files behind a shim that answers 500: it has to go back, code and configuration together. */
async function deployThird(stage: Stage, application: Application): Promise<void> {
  await stage.step('release v3, which answers 500', async () => {
    const before = await statusOf(stage, application)
    const unlimited = await breakApplication(application)
    await stage.headgateJson(['env', 'set', application.configuration, 'environmentVariables.JOURNEY_OF_V3', 'yes'])
    await settled(stage, application)
    const live = await statusOf(stage, application)
    const { events } = await deploy(stage, application, ['--version', 'v3'])
    const after = await statusOf(stage, application)
    const back = after.live?.number === live.live?.number
    const revision = after.live?.content.configuration.revisions[0]?.revision
    const limits = unlimited ? 'its file sets no limits: v3 is held to an error rate of 0.05\n  ' : ''
    const result = `${limits}${endOf(events)}\n  live again: release #${after.live?.number} with configuration revision ${revision} (before v3: #${before.live?.number})`
    return { value: undefined, result, ok: back }
  })
}

/** Waits for the configuration-only release that saving a setting may have begun. */
async function settled(stage: Stage, application: Application): Promise<void> {
  let quiet = 0
  await eventually(
    async () => {
      const { deployment } = await statusOf(stage, application)
      quiet = deployment?.state === 'running' ? 0 : quiet + 1
      return quiet > 4
    },
    { within: PATIENCE_MS, every: 250 },
  )
}

async function deploy(
  stage: Stage,
  application: Application,
  words: readonly string[],
): Promise<{ events: DeployEvent[]; code: number | null }> {
  const ended = await stage.headgate(['deploy', ...targetWords(application), ...words, '--json'], {
    cwd: application.folder,
    within: PATIENCE_MS,
  })
  const events = ended.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as DeployEvent)
  if (!events.some(({ type }) => type === 'deployment')) throw new Error(ended.stderr + ended.stdout)
  return { events, code: ended.code }
}

function endOf(events: readonly DeployEvent[]): string {
  const number = events.find(({ type }) => type === 'release')?.release?.number
  const end = events.findLast(({ type }) => type === 'deployment')
  const steps = events.filter(({ type, state }) => type === 'step' && state === 'done').length
  return `release #${number}: ${end?.state}${end?.reason === undefined ? '' : ` (${end.reason})`}, after ${steps} steps`
}

function targetWords({ environment }: Application): string[] {
  return ['--environment', environment]
}

function statusOf(stage: Stage, application: Application): Promise<Status> {
  return stage.headgateJson<Status>(['status', ...targetWords(application)], { cwd: application.folder })
}

function pidsOf({ services }: Status): number[] {
  return services
    .flatMap(({ instances }) => instances.filter(({ state }) => state === 'healthy').map(({ pid }) => pid ?? 0))
    .toSorted((a, b) => a - b)
}

function tell(stage: Stage, report: LoadReport): void {
  const { requests, failed, failures, applicationErrors, latencyMs, tookMs } = report
  const reasons = Object.entries(failures).map(([reason, count]) => `${count} × ${reason}`)
  stage.count({ name: 'requests during the releases', value: requests, ok: true })
  stage.count({ name: 'failed because of a switch', value: failed, ok: failed === 0, detail: reasons.join(', ') })
  stage.count({ name: 'answered 5xx by v3 before it went back', value: applicationErrors, ok: true })
  stage.say(`  ${(tookMs / 1000).toFixed(0)} s of load, p50 ${latencyMs.p50.toFixed(0)} ms, p99 ${latencyMs.p99.toFixed(0)} ms`)
}

/** Ends what outlives the plane, so that nothing is left behind. */
export async function stopEverything(stage: Stage): Promise<void> {
  const asked = { cleaningUp: true, within: 90_000 }
  const { targets } = await stage.headgateJson<{ targets: { project: string; environment: string }[] }>(['release', 'targets'], asked)
  for (const { project, environment } of targets) {
    const words = ['release', 'stop', '--yes', '--project', project, '--environment', environment]
    // A deployment under way holds the target until it has ended.
    await eventually(async () => (await stage.headgate(words, asked)).code === 0, { within: 120_000, every: 1_000 })
  }
}
