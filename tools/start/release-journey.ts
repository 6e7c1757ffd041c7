import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { type Load, type LoadReport, startLoad } from '../../test/load/load.ts'
import { eventually } from '../../test/eventually.ts'
import { type PlaneAt, PROJECT } from './configuration-journey.ts'
import { type Stage, repository } from './stage.ts'

const shopFolder = join(repository, 'examples', 'shop')
const SHIM = 'failing-shim.mjs'

/** A folder that is deployed from, and what its file says. */
interface Application {
  readonly folder: string
  readonly file: ApplicationFile
  readonly environment: string
  /** `project/environment`, without a version. */
  readonly configuration: string
  /** Where the load goes, by kind of traffic. */
  readonly traffic: Pick<Parameters<typeof startLoad>[0], 'workers' | 'paths'>
}

interface DeployEvent {
  readonly type: string
  readonly state?: string
  readonly reason?: string
  readonly release?: { readonly id: string; readonly number: number }
}

/** The release half of the journey: v1, v2 with new configuration, a changed setting, and v3, which has to go back. */
export async function releaseJourney(stage: Stage, plane: PlaneAt, appFolder: string | undefined): Promise<void> {
  const application = await prepare(stage, appFolder)
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

/** A copy of the application in the stage's folder, because its files change from release to release. */
async function prepare(stage: Stage, appFolder: string | undefined): Promise<Application> {
  const given = appFolder === undefined ? undefined : resolve(process.env['INIT_CWD'] ?? process.cwd(), appFolder)
  return stage.step(given ? `copy ${given}` : 'build the application', async () => {
    const folder = join(stage.folder, 'application')
    if (given) await cp(given, folder, { recursive: true, filter: (path) => !path.endsWith('/.git') })
    else await buildShop(stage, folder)
    const file = await readFileOf(folder)
    const environments = Object.keys(file.environments)
    const environment = environments.includes('production') ? 'production' : environments.length === 1 ? environments[0] : undefined
    if (environment === undefined)
      throw new Error(`${folder}: which environment is meant? There is no production among ${environments.join(', ')}`)
    const configuration = (file.environments[environment]?.configuration ?? '').split('@')[0] ?? ''
    const traffic = given
      ? { workers: { keepAlive: 4, connections: 1 } }
      : { workers: { keepAlive: 4, connections: 1, uploads: 1, events: 2 }, paths: { uploads: '/uploads', events: '/events' } }
    const services = Object.keys(file.services).join(', ')
    return {
      value: { folder, file, environment, configuration, traffic },
      result: `services ${services}, for ${file.project}/${environment} with ${configuration}`,
    }
  })
}

/** The example as it is, but with shorter steps, so that nobody waits half a minute for each release. */
async function buildShop(stage: Stage, folder: string): Promise<void> {
  await mkdir(folder)
  const built = await stage.start(['node', join(shopFolder, 'build.mjs'), join(folder, 'dist')], { cwd: shopFolder }).ended()
  if (built.code !== 0) throw new Error(built.stderr)
  const text = await readFile(join(shopFolder, 'headgate.yaml'), 'utf8')
  const quick = text
    .replace(/^ {4}build:.*\n/m, '')
    .replace('step_duration: 5s', 'step_duration: 2s')
    .replace('window: 10s', 'window: 3s')
    .replace('requests: 30s, connections: 60s', 'requests: 5s, connections: 5s')
  await writeFile(join(folder, 'headgate.yaml'), quick)
}

/** As much of headgate.yaml as the journey needs; what it means is the command's business. */
interface ApplicationFile {
  readonly project: string
  readonly services: Readonly<
    Record<
      string,
      { readonly artifact?: string; readonly run: string; readonly health?: { readonly path?: string }; readonly reload?: string }
    >
  >
  readonly environments: Readonly<Record<string, { readonly configuration: string }>>
}

async function readFileOf(folder: string): Promise<ApplicationFile> {
  return parse(await readFile(join(folder, 'headgate.yaml'), 'utf8')) as ApplicationFile
}

/** Where the health check of a service is when its file does not say. */
const DEFAULT_HEALTH_PATH = '/healthz'

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
  const host = services[0]?.domain ?? ''
  const load = startLoad({ target: plane.router, host, pauseMs: 5, maxMs: 600_000, ...application.traffic })
  stage.onClose(() => load.stop())
  await eventually(() => load.report().requests > 20)
  stage.say(`  from here on, load on ${host} through the router, by a generator that is not our SDK`)
  return load
}

/** New code (as far as the files are ours) and a new revision, shifted over in steps. */
async function deploySecond(stage: Stage, application: Application): Promise<void> {
  await stage.step('release v2 with new configuration, in steps', async () => {
    await stage.headgateJson(['env', 'set', application.configuration, 'environmentVariables.JOURNEY', 'v2'])
    for (const service of Object.values(application.file.services)) {
      await writeFile(join(application.folder, service.artifact ?? '.', 'journey.txt'), 'v2\n')
    }
    const { events, code } = await deploy(stage, application, ['--version', 'v2'])
    return { value: undefined, result: endOf(events), ok: code === 0 }
  })
}

interface Status {
  readonly live?: {
    readonly number: number
    readonly content: { readonly configuration: { readonly revisions: readonly { readonly revision: number }[] } }
  }
  readonly deployment?: { readonly state: string; readonly kind: string }
  readonly services: readonly { readonly instances: readonly { readonly state: string; readonly pid?: number }[] }[]
}

/** A setting changed while v2 is live: its own release where the services take it without a restart, a command where they cannot. */
async function reconfigure(stage: Stage, application: Application): Promise<void> {
  await stage.step('change one setting of what is live', async () => {
    const before = await statusOf(stage, application)
    const saved = await stage.headgateJson<{ revision: number }>([
      'env',
      'set',
      application.configuration,
      'environmentVariables.JOURNEY',
      'changed',
    ])
    const byItself = Object.values(application.file.services).every(({ reload }) => reload === 'auto')
    if (!byItself) await deploy(stage, application, ['--version', 'v2-changed'])
    const after = await eventually(
      async () => {
        const status = await statusOf(stage, application)
        if (status.live?.content.configuration.revisions[0]?.revision === saved.revision && status.deployment?.state === 'live')
          return status
        throw new Error(`revision ${saved.revision} is not live: ${JSON.stringify(status.deployment)}`)
      },
      { within: 150_000, every: 250 },
    )
    const kept = JSON.stringify(pidsOf(after)) === JSON.stringify(pidsOf(before))
    const how = byItself
      ? `a configuration-only release, ${kept ? 'no process restarted' : 'in other processes'}`
      : 'a release of its own, in new processes'
    return {
      value: undefined,
      result: `${how}; revision ${saved.revision} is live as release #${after.live?.number}`,
      ok: !byItself || kept,
    }
  })
}

/** The same files behind a shim that answers 500: it has to go back, code and configuration together. */
async function deployThird(stage: Stage, application: Application): Promise<void> {
  await stage.step('release v3, which answers 500', async () => {
    const before = await statusOf(stage, application)
    await putShimInFront(application)
    await stage.headgateJson(['env', 'set', application.configuration, 'environmentVariables.JOURNEY_OF_V3', 'yes'])
    await settled(stage, application)
    const live = await statusOf(stage, application)
    const { events } = await deploy(stage, application, ['--version', 'v3'])
    const after = await statusOf(stage, application)
    const back = after.live?.number === live.live?.number
    const revision = after.live?.content.configuration.revisions[0]?.revision
    const result = `${endOf(events)}\n  live again: release #${after.live?.number} with configuration revision ${revision} (before v3: #${before.live?.number})`
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
    { within: 60_000, every: 250 },
  )
}

async function putShimInFront({ folder, file }: Application): Promise<void> {
  const path = join(folder, 'headgate.yaml')
  let text = await readFile(path, 'utf8')
  for (const [name, service] of Object.entries(file.services)) {
    await copyFile(join(repository, 'tools', 'start', SHIM), join(folder, service.artifact ?? '.', SHIM))
    const behind = text.replace(
      service.run,
      `node ${SHIM} ${service.health?.path ?? DEFAULT_HEALTH_PATH} ${Buffer.from(service.run).toString('base64')}`,
    )
    if (behind === text) throw new Error(`cannot put the failing shim in front of ${name}: its run command does not stand in one piece`)
    text = behind
  }
  await writeFile(path, text)
}

async function deploy(
  stage: Stage,
  application: Application,
  words: readonly string[],
): Promise<{ events: DeployEvent[]; code: number | null }> {
  const ended = await stage.headgate(['deploy', ...targetWords(application), ...words, '--json'], {
    cwd: application.folder,
    within: 180_000,
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
  const { targets } = await stage.headgateJson<{ targets: { project: string; environment: string }[] }>(['release', 'targets'])
  for (const { project, environment } of targets) {
    const words = ['release', 'stop', '--yes', '--project', project, '--environment', environment]
    // A deployment under way holds the target until it has ended.
    await eventually(async () => (await stage.headgate(words, { within: 90_000 })).code === 0, { within: 120_000, every: 1_000 })
  }
}
