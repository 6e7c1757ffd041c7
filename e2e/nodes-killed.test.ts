import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Secret } from '@headgate/model'
import { type Configuration, Headgate } from '@headgate/sdk'
import { keyFileSource, openSealedStore, verifyAudit } from '@headgate/vault'
import { systemClock } from '../clients/sdk/src/surroundings.ts'
import { eventually } from '../test/eventually.ts'
import { leaveOut } from '../test/left-out.ts'
import { main, need } from '../test/plane/served-plane.ts'
import { postgresDatabase, postgresMissing } from '../test/postgres-kit.ts'
import { proving, seed, times } from '../test/proving.ts'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { type Balancer, startBalancer } from './balanced-nodes.ts'
import { type Acknowledged, startLoad } from './nodes-load.ts'
import { type Home, type RunningPlane, makeHome, runHeadgate, startPlane } from './plane-process.ts'

const ROUNDS = times({ short: 2, long: 50 })
/** Saves that must be acknowledged before a node is killed, and again after. */
const SAVES = 10
/** The first is saved by two clients at once. */
const ENVIRONMENTS = ['shared', 'shared', 'one', 'two'] as const

const missing = postgresMissing()
if (missing !== undefined) leaveOut('two nodes on PostgreSQL', missing)
else test('of two nodes on PostgreSQL one is killed under load again and again: nothing acknowledged is lost, and nobody notices', killed)

interface Nodes {
  readonly address: Secret
  readonly homes: readonly Home[]
  readonly running: RunningPlane[]
  readonly balancer: Balancer
  readonly token: Secret
}

async function startNodes(t: TestContext): Promise<Nodes> {
  const address = await postgresDatabase(t)
  const homes = [makeHome(t, { database: address }), makeHome(t, { database: address })]
  const [first, second] = homes as [Home, Home]
  const one = await startPlane(t, first)
  // Every node has the key; how it comes there is the operator's to decide.
  copyFileSync(join(first.folder, 'root.key'), join(second.folder, 'root.key'))
  const running = [one, await startPlane(t, second, one.token)]
  const balancer = await startBalancer(t)
  balancer.nodes = running.map(portOf)
  return { address, homes, running, balancer, token: one.token }
}

const portOf = ({ url }: RunningPlane) => Number(new URL(url).port)

async function killed(t: TestContext): Promise<void> {
  const nodes = await startNodes(t)
  const { homes, running, balancer, token } = nodes
  const [one, two] = running as [RunningPlane, RunningPlane]
  for (const environment of new Set(ENVIRONMENTS))
    need(await one.client.call('createEnvironment', { params: main('shop', environment), body: { text: 'values:\n  count: 1\n' } }))
  assert.equal(need(await two.client.call('readEnvironment', { params: main('shop', 'shared') })).revision, 1)
  const followed = await follow(t, balancer.url, token)
  const load = startLoad(balancer.url, token, ENVIRONMENTS)
  t.after(() => load.stop())
  const { lived } = load
  const acknowledge = async (count: number) => {
    const until = lived.acknowledged.length + count
    await eventually(() => lived.acknowledged.length >= until, { within: 120_000 })
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    await acknowledge(SAVES)
    const victim = (seed >>> (round % 16)) % 2
    await running[victim]?.process.killGroup()
    await acknowledge(SAVES)
    running[victim] = await startPlane(t, homes[victim] as Home, token)
    balancer.nodes = running.map(portOf)
  }
  await acknowledge(SAVES)
  await load.stop()
  const verdict = await judge(t, nodes, lived.acknowledged)
  const final = verdict.heads.get('shared') ?? 0
  for (const [n, { config }] of followed.entries())
    await eventually(() => config.get('count') === final, { within: 60_000 }).catch(() =>
      assert.fail(`follower ${n} stayed at ${String(config.get('count'))}, not ${final}`),
    )
  const backFollowed = followed.flatMap(({ heard }) => heard.filter((count, n) => n > 0 && count < (heard[n - 1] ?? 0))).length
  const counts = {
    rounds: ROUNDS,
    acknowledged: lived.acknowledged.length,
    lost: verdict.lost.length,
    'revision numbers given twice': verdict.twice.length,
    reads: lived.reads,
    'reads back in time': lived.back + backFollowed,
    'requests done again by clients': lived.again,
    conflicts: lived.conflicts,
    'findings of audit verify': verdict.findings,
  }
  const line = Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')
  t.diagnostic(`seed ${seed}: ${line}`)
  assert.deepEqual(lived.unexpected, [], line)
  assert.deepEqual([verdict.lost, verdict.twice, lived.back, backFollowed, verdict.findings], [[], [], 0, 0, 0], line)
  // What `judge` has verified already; through a node it is asked of a small log, as a client waits half a minute at most.
  if (!proving) for (const plane of running) assert.equal((await runHeadgate(t, plane, ['audit', 'verify'])).code, 0)
}

interface Followed {
  readonly config: Configuration
  /** The counts it was told of, in order. */
  readonly heard: number[]
}

/** Programs that follow the environment everybody saves, through the same address. */
async function follow(t: TestContext, url: string, token: Secret): Promise<Followed[]> {
  return Promise.all(
    [1, 2].map(async () => {
      const home = temporaryFolder(t)
      const options = { url, token, environment: 'shop/shared', report: () => undefined }
      const config = await Headgate.connect(options, { env: {}, home, folder: home, clock: systemClock, random: Math.random })
      t.after(() => config.close())
      const heard: number[] = []
      config.onChange('count', (count) => void heard.push(Number(count)))
      return { config, heard }
    }),
  )
}

interface Verdict {
  readonly lost: readonly Acknowledged[]
  readonly twice: readonly string[]
  readonly findings: number
  readonly heads: ReadonlyMap<string, number>
}

/** Holds what clients were told against what the database has in the end. */
async function judge(t: TestContext, { address, homes }: Nodes, acknowledged: readonly Acknowledged[]): Promise<Verdict> {
  const keySource = keyFileSource({ file: join(homes[0]?.folder ?? '', 'root.key') })
  const sealed = await openSealedStore({ folder: join(temporaryFolder(t), 'data'), address, keySource, create: false })
  const { store, vault } = sealed
  const [organisation] = await store.organisations.list()
  const texts = new Map<string, string>()
  const heads = new Map<string, number>()
  for (const row of await store.environments.list(organisation?.id ?? ('' as never))) {
    const place = { organisation: row.organisation, environment: row.id }
    const revisions = await store.revisions.list(row.id, { limit: 100_000 })
    for (const revision of revisions) texts.set(`${row.name}@${revision.number}`, vault.openText(place, revision))
    assert.deepEqual(
      revisions.map(({ number }) => number),
      revisions.map((_, n) => revisions.length - n),
    )
    heads.set(row.name, row.head_revision)
  }
  const nameOf = ({ environment, revision }: Acknowledged) => `${environment}@${revision}`
  const findings = (await verifyAudit(sealed)).found
  await sealed.close()
  return {
    lost: acknowledged.filter((each) => !texts.get(nameOf(each))?.includes(`mark: ${each.mark}\n`)),
    twice: acknowledged.map(nameOf).filter((name, n, all) => all.indexOf(name) !== n),
    findings,
    heads,
  }
}
