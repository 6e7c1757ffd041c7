import { copyFile, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { StartedProcess } from '../../test/child-process.ts'
import { eventually } from '../../test/eventually.ts'
import { type Stage, repository } from './stage.ts'

const shopFolder = join(repository, 'examples', 'shop')
export const PROJECT = 'shop'

export interface PlaneAt {
  readonly url: string
  readonly router: string
  readonly process: StartedProcess
}

export interface Shop {
  readonly url: string
  readonly environment: string
}

/** A plane on a fresh data folder, on the embedded store, with no other service. */
export async function startPlane(stage: Stage): Promise<PlaneAt> {
  return stage.step('start the plane', async () => {
    const words = ['serve', '--data', join(stage.folder, 'data'), '--key-file', join(stage.folder, 'root.key'), '--port', '0', '--json']
    const process = stage.startHeadgate(words)
    const ready = (await process.json()) as { url: string; router: string; token: string; organisation: string }
    stage.set({ HEADGATE_URL: ready.url, HEADGATE_TOKEN: ready.token, HEADGATE_PROJECT: PROJECT })
    return {
      value: { url: ready.url, router: ready.router, process },
      result: `${ready.url}, organisation ${ready.organisation}, embedded store`,
    }
  })
}

interface Applied {
  readonly migration: string
  readonly environments: readonly { readonly environment: string; readonly revision: number }[]
}

/** Plans the migration, shows what is secret, what is a placeholder and what is not taken, and applies it. */
export async function migrate(stage: Stage, _plane: PlaneAt, envFile: string | undefined): Promise<string[]> {
  const { cwd, words } = await sources(stage, envFile)
  await stage.step('plan the migration', async () => {
    const plan = await stage.headgate(['migrate', 'plan', ...words], { cwd })
    if (plan.code !== 0) throw new Error(plan.stderr + plan.stdout)
    return { value: undefined, result: plan.stdout.trimEnd().replaceAll('\n', '\n  ') }
  })
  return stage.step('apply it', async () => {
    const applied = await stage.headgateJson<Applied>(['migrate', 'apply', '--yes', ...words], { cwd })
    const written = applied.environments.map(({ environment, revision }) => `${PROJECT}/${environment}@${revision}`)
    return { value: applied.environments.map(({ environment }) => environment), result: `one change wrote ${written.join(', ')}` }
  })
}

/** The example's own files, or a copy of the file given, named so that it becomes `dev`. */
async function sources(stage: Stage, envFile: string | undefined): Promise<{ cwd: string; words: string[] }> {
  if (envFile === undefined) return { cwd: shopFolder, words: ['--project', PROJECT] }
  const cwd = join(stage.folder, 'given')
  await mkdir(cwd, { recursive: true })
  await copyFile(resolve(process.env['INIT_CWD'] ?? process.cwd(), envFile), join(cwd, '.env'))
  return { cwd, words: ['--project', PROJECT, '--environment', 'dev', join(cwd, '.env')] }
}

/** The example application, reading `dev` through the SDK. */
export async function startShop(stage: Stage, _plane: PlaneAt, environments: readonly string[]): Promise<Shop> {
  const environment = environments.includes('dev') ? 'dev' : (environments[0] ?? 'dev')
  return stage.step('start the application', async () => {
    const words = ['node', '--conditions=source', join(shopFolder, 'server.mjs')] as const
    const shop = stage.start([...words], { env: { HEADGATE_ENVIRONMENT: `${PROJECT}/${environment}`, PORT: '0' } })
    const open = JSON.parse(await shop.line(/the shop is open/)) as { port: number }
    const url = `http://127.0.0.1:${open.port}`
    const status = await shopStatus(url)
    return { value: { url, environment }, result: `${url} runs with ${PROJECT}/${environment} at revision ${status.revision}` }
  })
}

/** Changes one setting and waits for the running application to show it, in the same process. */
export async function changeSetting(stage: Stage, _plane: PlaneAt, shop: Shop): Promise<void> {
  const greeting = `Hello again, changed at ${new Date().toISOString()}`
  await stage.step('change one setting', async () => {
    const before = await shopStatus(shop.url)
    const path = 'environmentVariables.SHOP_GREETING'
    await stage.headgateJson(['env', 'set', `${PROJECT}/${shop.environment}`, path, greeting])
    const saved = performance.now()
    const after = await eventually(async () => {
      const status = await shopStatus(shop.url)
      return status.greeting === greeting ? status : undefined
    })
    const ms = Math.round(performance.now() - saved)
    const same = after.pid === before.pid
    return {
      value: undefined,
      result: `the running application showed it ${ms} ms later, revision ${before.revision} → ${after.revision}, ${same ? 'the same process' : 'in another process'}`,
      ok: same,
    }
  })
}

interface ShopStatus {
  readonly revision: number
  readonly greeting: string
  readonly pid: number
}

export async function shopStatus(url: string): Promise<ShopStatus> {
  const response = await fetch(`${url}/status`, { signal: AbortSignal.timeout(5_000) })
  return (await response.json()) as ShopStatus
}

interface Verified {
  readonly ok: boolean
  readonly size: number
  readonly findings: readonly unknown[]
}

/** Recomputes the audit log and every protected row. */
export async function verifyAudit(stage: Stage, _plane: PlaneAt): Promise<void> {
  await stage.step('verify the audit log', async () => {
    const report = await stage.headgateJson<Verified>(['audit', 'verify'])
    return { value: undefined, result: `${report.size} records, ${report.findings.length} findings`, ok: report.ok }
  })
}
