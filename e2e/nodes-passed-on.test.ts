/** Two nodes with nothing in common but the database and the root key: each answers for what the other one keeps. */
import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { messageMac } from '@headgate/crypto'
import { Secret, idOf } from '@headgate/model'
import { createPlaneClient } from '@headgate/sdk/http'
import { keyFileSource, openSealedStore } from '@headgate/vault'
import { makeCertificate } from '../test/certificate.ts'
import { eventually } from '../test/eventually.ts'
import { leaveOut } from '../test/left-out.ts'
import { codeOf, need } from '../test/plane/served-plane.ts'
import { postgresDatabase, postgresMissing, sqlOn } from '../test/postgres-kit.ts'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { startRequestBalancer } from './balanced-nodes.ts'
import { type Home, type RunningPlane, makeHome, startPlane } from './plane-process.ts'
import { pythonCommand } from './python-command.ts'
import { Site, applicationText, long, pythonServer, readEvents } from './release-kit.ts'

const target = { organisation: 'main', project: 'notes', environment: 'production' }
const missing = postgresMissing()
const python = pythonCommand()
const reason = missing ?? (python === undefined ? 'no python3' : undefined)
if (reason !== undefined) leaveOut('requests about releases at any of several nodes', reason)
else {
  test('whatever node is asked about a target, the one that keeps it answers, and files find their way to it', long, (t) =>
    anyNode(t, python ?? ''),
  )
  test(
    'the node that keeps a target is killed in the middle of a deployment: the other brings it to its end, watched to there',
    long,
    (t) => keeperKilled(t, python ?? ''),
  )
  test('two nodes that are asked about a new target at once do as one does: one takes it, and answers for both', long, (t) =>
    asOne(t, python ?? ''),
  )
  test('no token goes to an address that a node did not write down itself, or has left, or that another answers at', long, (t) =>
    noTokenAstray(t, python ?? ''),
  )
  test('nodes reach each other by TLS, where they trust each other’s certificates', long, (t) => overTls(t, python ?? ''))
}

async function overTls(t: TestContext, run: string): Promise<void> {
  const made = makeCertificate(temporaryFolder(t), 'nodes')
  if (!made) return leaveOut('TLS between nodes', 'openssl is not here to make a certificate')
  const settings = { HEADGATE_TLS_CERTIFICATE: made.certificate, HEADGATE_TLS_KEY: made.key, NODE_EXTRA_CA_CERTS: made.certificate }
  const { homes, one, two } = await startNodes(t, settings, settings)
  write(one, run, 'one')
  assert.equal((await one.deploy()).code, 0)
  write(two, run, 'two')
  const { code, end, stderr } = await two.deploy()
  assert.deepEqual([code, end?.state], [0, 'live'], stderr)
  assert.equal((await one.served()).code, 'two')

  // A node that does not trust who signed the other's certificate sends nothing there.
  await two.stopPlane()
  delete homes[1].environment['NODE_EXTRA_CA_CERTS']
  await two.startAgain()
  two.plane = { ...two.plane, environment: { ...two.plane.environment, NODE_EXTRA_CA_CERTS: made.certificate } }
  const refused = await two.try(['status', '--environment', 'production'])
  assert.match(refused.stderr, /NODE_UNREACHABLE.*DEPTH_ZERO_SELF_SIGNED_CERT/)
}

interface Nodes {
  readonly database: Secret
  readonly homes: readonly [Home, Home]
  readonly one: Site
  readonly two: Site
}

async function startNodes(t: TestContext, ofOne: NodeJS.ProcessEnv = {}, ofTwo: NodeJS.ProcessEnv = {}): Promise<Nodes> {
  const database = await postgresDatabase(t)
  const homes = [makeHome(t, { database }), makeHome(t, { database })] as const
  Object.assign(homes[0].environment, ofOne)
  Object.assign(homes[1].environment, ofTwo)
  const one = Site.at(t, homes[0], await startPlane(t, homes[0]))
  copyFileSync(join(homes[0].folder, 'root.key'), join(homes[1].folder, 'root.key'))
  const two = Site.at(t, homes[1], await startPlane(t, homes[1], one.plane.token))
  await one.run(['env', 'init', 'notes/production'])
  return { database, homes, one, two }
}

/** Twenty files besides, so that a balancer spreads them over the nodes. */
function write(site: Site, run: string, code: string, steps = '[100]'): void {
  const more = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`more/${n}.txt`, `${code} ${n}`]))
  const yaml = applicationText({ web: { run: `exec ${run} server.py` } }, steps)
  site.write({ ...more, 'server.py': pythonServer, 'code.txt': code, 'headgate.yaml': yaml })
}

/** The same plane at another address. */
function at(plane: RunningPlane, url: string): RunningPlane {
  const client = createPlaneClient({ url, token: plane.token })
  return { ...plane, url, client, environment: { ...plane.environment, HEADGATE_URL: url } }
}

async function anyNode(t: TestContext, run: string): Promise<void> {
  const { one, two } = await startNodes(t)
  write(one, run, 'one')
  assert.equal((await one.deploy()).code, 0)
  const served = await one.served()

  // By the other node: what runs, what it printed, and the next release, whose files were uploaded there.
  assert.deepEqual(
    (await two.instances()).map(({ pid }) => pid),
    [served.pid],
  )
  assert.match(await two.run(['logs', '--environment', 'production', '--project', 'notes']), /started/)
  write(two, run, 'two')
  const deployed = await two.deploy()
  assert.deepEqual([deployed.code, deployed.end?.state], [0, 'live'], deployed.stderr)
  assert.ok(
    deployed.events.some(({ type }) => type === 'step'),
    'it was watched from there',
  )
  assert.equal((await one.served()).code, 'two')
  assert.equal((await two.ask()).status, 404, 'nothing runs behind the router of the node that was asked')

  // By a balancer, each request at another node.
  const port = ({ plane }: Site) => Number(new URL(plane.url).port)
  const ports = [port(one), port(two)]
  const direct = two.plane
  two.plane = at(two.plane, await startRequestBalancer(t, () => ports))
  write(two, run, 'three')
  for (const step of [() => two.deploy(), () => two.rollBack('previous'), () => two.deploy()]) {
    const { code, end, stderr } = await step()
    assert.deepEqual([code, end?.state], [0, 'live'], stderr + JSON.stringify(end))
  }
  const third = await one.served()
  assert.equal(third.code, 'three')
  for (let n = 0; n < 4; n += 1) assert.equal((await two.status()).live?.id, third.release)
  await followsLogs(two, one)
  await recordedOnce(one, direct)
  assert.equal((await two.try(['release', 'stop', '--yes', '--environment', 'production'])).code, 0)
  assert.equal((await two.instances()).length, 0)
  assert.equal((await one.ask()).status, 404)
  await refusesWhoMayNot(one, two)
}

/** Lines come while they are printed, and who leaves is left. */
async function followsLogs(asked: Site, keeper: Site): Promise<void> {
  const stop = new AbortController()
  const lines = need(await asked.plane.client.stream('readLogs', { params: target, query: { follow: 'true' } }, { signal: stop.signal }))
  const reader = lines.pipeThrough(new TextDecoderStream()).getReader()
  await keeper.ask('/a-path-of-its-own')
  for (let text = ''; !text.includes('/a-path-of-its-own');) {
    const { value, done } = await reader.read()
    assert.ok(!done, 'it is followed')
    text += value
  }
  stop.abort()
  await assert.rejects(reader.read())
}

/** One record of each deployment, with the actor, the id and the address of the request that was asked first. */
async function recordedOnce(keeper: Site, asked: RunningPlane): Promise<void> {
  const answer = await fetch(`${asked.url}/api/v1/targets/main/notes/production/rollback`, {
    method: 'POST',
    headers: { authorization: `Bearer ${asked.token.reveal()}` },
    body: JSON.stringify({ to: 'no-such-release' }),
  })
  const problem = (await answer.json()) as { code: string; request: string }
  assert.equal(problem.code, 'RELEASE_NOT_FOUND')
  const { records } = need(await keeper.plane.client.call('listAudit', { query: { limit: 1_000 } })) as unknown as Audit
  const created = records.filter(({ action, outcome }) => action === 'deployment.create' && outcome === 'ok')
  assert.deepEqual([created.length, new Set(created.map(({ actor }) => actor))], [4, new Set(['owner'])])
  const [failed, ...others] = records.filter(({ details }) => details?.['request'] === problem.request)
  assert.deepEqual([failed?.action, failed?.outcome, failed?.details?.['address']], ['deployment.rollback', 'failed', '127.0.0.1'])
  assert.match(String(failed?.details?.['node']), /\/[0-9a-f]{8}$/)
  assert.deepEqual(others, [], 'the node that passed it on left no record of its own')
}

interface Audit {
  readonly records: readonly {
    readonly action: string
    readonly actor: string
    readonly outcome: string
    readonly details?: Readonly<Record<string, unknown>>
  }[]
}

/** Who may not ask is refused where they ask, and what they may not know of is not there, by whatever node. */
async function refusesWhoMayNot(one: Site, two: Site): Promise<void> {
  const body = { name: 'confined', limit: { environments: ['main/other/*'] } }
  const { secret } = need(await one.plane.client.call('createToken', { body })) as unknown as { secret: string }
  for (const { plane } of [one, two]) {
    const client = createPlaneClient({ url: plane.url, token: new Secret(secret) })
    assert.equal(codeOf(await client.call('readStatus', { params: target })), 'ENV_NOT_FOUND')
    assert.equal(codeOf(await client.call('stopTarget', { params: target })), 'ENV_NOT_FOUND')
  }
}

async function keeperKilled(t: TestContext, run: string): Promise<void> {
  const { one, two } = await startNodes(t)
  write(one, run, 'one')
  assert.equal((await one.deploy()).code, 0)
  write(two, run, 'two', '[10, 20, 30, 40, 50, 60, 70, 80, 90, 100]')
  const deploying = two.beginDeploy()
  await eventually(() => deploying.stdout.includes('"type":"traffic"') || deploying.stdout.includes('shift'), { within: 180_000 })
  await one.killPlane()
  assert.equal(codeOf(await two.plane.client.call('stopTarget', { params: target })), 'NODE_UNREACHABLE')

  // Its lease runs out, and what it left is brought to its end by the other, which whoever deployed hears to the end.
  const ended = await deploying.ended()
  const events = readEvents(ended.stdout)
  const last = events.findLast(({ type }) => type === 'deployment')
  const done = events.filter(({ type, state, direction }) => type === 'step' && state === 'done' && direction === 'forward')
  assert.deepEqual(
    done.map(({ key }) => key),
    done.map((_, n) => `forward-${n + 1}`),
    'no step was left out, and none shown twice',
  )
  assert.ok(['live', 'rolled-back', 'failed'].includes(last?.state ?? ''), ended.stdout + ended.stderr)
  assert.equal(ended.code, last?.state === 'live' ? 0 : 1)
  write(two, run, 'three')
  const again = await two.deploy()
  assert.deepEqual([again.code, again.end?.state], [0, 'live'], again.stderr)
  assert.equal((await two.served()).code, 'three')
}

async function asOne(t: TestContext, run: string): Promise<void> {
  const { database, one, two } = await startNodes(t)
  const stop = async ({ plane }: Site, environment: string) => {
    const answer = await plane.client.call('stopTarget', { params: { ...target, environment } })
    return answer.ok ? undefined : [answer.problem.code, answer.problem.details['holder']].join(' ')
  }
  const asked = Array.from({ length: 40 }, (_, n) => [stop(one, `new-${n}`), stop(two, `new-${n}`)]).flat()
  const refused = (await Promise.all(asked)).filter((answer) => answer !== undefined)
  const recorded = async (action: string): Promise<string[]> => {
    const { records } = need(await one.plane.client.call('listAudit', { query: { action, limit: 1_000 } })) as unknown as Audit
    return records.map(({ outcome }) => outcome).toSorted()
  }
  assert.deepEqual(
    refused,
    refused.map(() => 'RELEASE_LOCKED owner'),
    'by the deployment that is under way, not by a node',
  )
  const outcomes = asked.map((_, n) => (n < refused.length ? 'failed' : 'ok'))
  assert.deepEqual(await recorded('deployment.stop'), outcomes, 'each once')

  for (const [site, code] of [
    [one, 'one'],
    [two, 'two'],
  ] as const)
    write(site, run, code, '[10, 50, 100]')
  const ended = await Promise.all([one.deploy(), two.deploy()])
  const [first, second] = ended.toSorted((a, b) => (a.code ?? 0) - (b.code ?? 0))
  assert.equal(first?.end?.state, 'live', JSON.stringify(ended))
  // Who came second is refused by the deployment that is under way, or followed it.
  if (second?.code !== 0) assert.match(second?.stderr ?? '', /RELEASE_LOCKED .* is under way since .*, by owner/)
  assert.deepEqual(await recorded('deployment.create'), second?.code === 0 ? ['ok', 'ok'] : ['failed', 'ok'])

  // As nodes are that know nothing of addresses yet; these write theirs down again in a while.
  await eventually(async () => {
    await sqlOn(database, 'delete from nodes')
    const answers = await Promise.all([one, two].map(({ plane }) => plane.client.call('readStatus', { params: target })))
    const problems = answers.flatMap((answer) => (answer.ok ? [] : [answer.problem.message]))
    assert.equal(problems.length, 1)
    assert.match(problems[0] ?? '', /runs an older Headgate .* headgate serve --node-address .* ask that node itself/)
    return true
  })
}

/** Somebody who waits where a node is said to be, and what they get to see. */
interface Trap {
  readonly url: string
  readonly seen: () => string
  /** Passes everything on to a node, as who wants to be taken for it. */
  relayTo(port: number): void
}

async function setTrap(t: TestContext): Promise<Trap> {
  let seen = ''
  let relayed: number | undefined
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    const upstream = relayed === undefined ? undefined : connect(relayed, '127.0.0.1')
    upstream?.on('error', () => socket.destroy())
    upstream?.pipe(socket)
    socket.on('data', (bytes) => {
      seen += bytes.toString('latin1')
      if (upstream) upstream.write(bytes)
      else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
    socket.on('close', () => upstream?.destroy())
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, seen: () => seen, relayTo: (port) => (relayed = port) }
}

async function noTokenAstray(t: TestContext, run: string): Promise<void> {
  const trap = await setTrap(t)
  // Once this node was reached where the trap is now; its row of that time is genuine.
  const { database, homes, one, two } = await startNodes(t, { HEADGATE_NODE_ADDRESS: trap.url })
  write(one, run, 'one')
  assert.equal((await one.deploy()).code, 0)
  const status = async () => codeOf(await two.plane.client.call('readStatus', { params: target })) ?? ''
  const port = () => Number(new URL(one.plane.url).port)
  assert.equal(await status(), 'NODE_UNREACHABLE', 'who is there cannot show that it is the node')
  trap.relayTo(port())
  assert.equal(await status(), '', 'that is where it says it is reached')
  assert.ok(trap.seen().includes(two.plane.token.reveal()))

  const [old] = await sqlOn(database, `select * from nodes where address = '${trap.url}'`)
  await one.stopPlane()
  delete homes[0].environment['HEADGATE_NODE_ADDRESS']
  await one.startAgain()
  trap.relayTo(port())
  const before = trap.seen().length
  await eventually(async () => (await status()) === '', { within: 60_000 })
  const [row] = await sqlOn(database, `select * from nodes where name = '${String(old?.['name'])}'`)
  const put = (address: unknown, change: unknown, mac: unknown) =>
    sqlOn(
      database,
      `update nodes set address = '${String(address)}', announced_at = ${String(old?.['announced_at'])}, change = ${String(change)}, mac = '\\x${Buffer.from(mac as Uint8Array).toString('hex')}' where name = '${String(old?.['name'])}'`,
    )
  await put(old?.['address'], row?.['change'], row?.['mac'])
  assert.equal(await status(), 'ROW_TAMPERED')
  await put(old?.['address'], old?.['change'], old?.['mac'])
  // The node puts its row right by itself in a while; until then the older one leads nowhere.
  const led = await status()
  assert.ok(['NODE_UNREACHABLE', ''].includes(led), led)
  const since = trap.seen().slice(before)
  assert.ok(!since.includes(two.plane.token.reveal()), 'no token was seen at the address of old')
  assert.equal(led === '' || since.includes('/nodes/proof'), true, 'it was asked there who it is')
  await eventually(async () => (await status()) === '', { within: 120_000, every: 500 })
  await refusesFalseHops(t, database, homes[0], one, two)
}

/** A request that says it was passed on: answered where the target is kept, and nowhere passed on again. */
async function refusesFalseHops(t: TestContext, address: Secret, home: Home, one: Site, two: Site): Promise<void> {
  const path = '/api/v1/targets/main/notes/production/status'
  const ask = async (site: Site, hop: string) => {
    const authorization = `Bearer ${site.plane.token.reveal()}`
    const answer = await fetch(`${site.plane.url}${path}`, { headers: { authorization, 'headgate-hop': hop } })
    return { hop: answer.headers.get('headgate-hop'), ...((await answer.json()) as { code?: string; request?: string }) }
  }
  assert.equal((await ask(two, 'made.up')).code, 'REQUEST_INVALID')
  // What nodes ask each other is not there for anybody else, whatever their rights.
  for (const asked of [`files/${'0'.repeat(64)}`, `artifacts/${'0'.repeat(64)}`, 'proof?node=x&address=y&challenge=z']) {
    const headers = { authorization: `Bearer ${one.plane.token.reveal()}`, 'headgate-hop': 'made.up' }
    const answer = await fetch(`${one.plane.url}/api/v1/nodes/${asked}`, { headers })
    assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [404, 'ROUTE_UNKNOWN'])
  }
  const sealed = await openSealedStore({
    folder: join(temporaryFolder(t), 'data'),
    address,
    keySource: keyFileSource({ file: join(home.folder, 'root.key') }),
    create: false,
  })
  const rows = await sealed.store.nodes.list((await sealed.store.organisations.list())[0]?.id ?? idOf(''))
  const nameOf = (site: Site) => rows.find((row) => row.address === site.plane.url)?.name ?? ''
  const hop = { from: nameOf(one), request: 'first-asked', client: '192.0.2.1', method: 'GET', url: path, time: Date.now() }
  const columns = (to: string) => ({ ...hop, to })
  const write = (to: string) => {
    const mac = messageMac(sealed.vault.keyring.active('mac'), 'hop', columns(to))
    return `${Buffer.from(JSON.stringify(columns(to))).toString('base64url')}.${Buffer.from(mac).toString('base64url')}`
  }
  const looped = await ask(two, write(nameOf(two)))
  assert.deepEqual([looped.code, looped.hop, looped.request], ['NODE_UNREACHABLE', 'refused', 'first-asked'])
  assert.equal((await ask(two, write(nameOf(one)))).code, 'REQUEST_INVALID', 'it is meant for the other')
  assert.equal((await ask(one, write(nameOf(one)))).code, undefined)
  await sealed.close()
}
