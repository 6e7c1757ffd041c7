import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket, WebSocketServer } from 'ws'
import { runProcess, startProcess } from '../../../test/child-process.ts'
import { eventually } from '../../../test/eventually.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { times } from '../../../test/proving.ts'
import { RouterClient, type RouterError, type StartRouterOptions, type StartedRouter, findRouter, startRouter } from '../src/index.ts'
import { LogFile } from '../src/log-file.ts'
import { ownIdentity, stillRuns } from '../src/process-identity.ts'
import { application, ask, routed, upstream } from './routed.ts'

const MAIN = resolve(import.meta.dirname, '../src/router-main.ts')
const linux = process.platform === 'linux'

/** A router in a process of its own, which ends with the test. */
async function started(context: TestContext, state: string, options: Omit<StartRouterOptions, 'state'> = {}): Promise<StartedRouter> {
  const router = await startRouter({ state, ...options })
  context.after(() => end(router))
  return router
}

async function end({ pid, status }: StartedRouter): Promise<void> {
  const identity = { pid, startTime: status.startTime }
  if (stillRuns(identity)) process.kill(pid, 'SIGKILL')
  await eventually(() => !stillRuns(identity))
}

async function kill(router: StartedRouter): Promise<void> {
  process.kill(router.pid, 'SIGKILL')
  await eventually(() => !stillRuns({ pid: router.pid, startTime: router.status.startTime }))
}

const serviceAt = (address: string): { services: [object] } => ({
  services: [{ id: 'web', domains: ['*'], upstreams: [upstream(address)] }],
})

async function put(client: RouterClient, address: string): Promise<void> {
  const { revision } = await client.status()
  await client.putTable({ epoch: 1, expectedRevision: revision, table: serviceAt(address) as never })
}

test('a router is started once, found and adopted after that, and answers as the same run', async (context) => {
  const state = join(temporaryFolder(context), 'router')
  assert.equal(await findRouter(state), undefined)
  const first = await started(context, state)
  const second = await started(context, state)
  assert.deepEqual([first.adopted, second.adopted], [false, true])
  assert.deepEqual([second.pid, second.status.run, second.port], [first.pid, first.status.run, first.port])
  assert.equal((await findRouter(state))?.pid, first.pid)
})

test('callers that start one at the same moment get the same one', async (context) => {
  const state = join(temporaryFolder(context), 'router')
  const outcomes = await Promise.allSettled([started(context, state), started(context, state), started(context, state)])
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : 'started')),
    ['started', 'started', 'started'],
  )
  assert.equal(new Set(outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value.pid)).size, 1)
})

test(
  'it has a session of its own, nothing of our environment, and nobody else may read what commands it',
  { skip: !linux },
  async (context) => {
    const state = join(temporaryFolder(context), 'router')
    const { pid } = await started(context, state)
    const fields = (await readFile(`/proc/${pid}/stat`, 'latin1')).split(') ')[1]?.split(' ') ?? []
    assert.equal(Number(fields[3]), pid)
    assert.equal(await readFile(`/proc/${pid}/environ`, 'utf8'), `NODE_COMPILE_CACHE=${join(state, 'compiled')}\0`)
    for (const name of ['token', 'router.json', 'control.sock', 'router.log'])
      assert.equal((await stat(join(state, name))).mode & 0o777, 0o600, name)
    assert.equal((await stat(state)).mode & 0o777, 0o700)
  },
)

test('a process that is dead and only waits for its parent to notice does not run', { skip: !linux }, async (context) => {
  // The shell becomes a program that never asks after its children.
  const parent = startProcess(context, ['sh', '-c', 'sleep 0.2 & echo $!; exec sleep 60'])
  const pid = Number(await parent.line(/^\d+$/))
  const stat = (): Promise<string[]> => readFile(`/proc/${pid}/stat`, 'latin1').then((text) => text.split(') ')[1]?.split(' ') ?? [])
  await eventually(async () => (await stat())[0] === 'Z')
  const startTime = `${(await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim()}/${(await stat())[19]}`
  assert.equal(stillRuns({ pid, startTime }), false)
  assert.equal(stillRuns({ pid: process.pid, startTime }), false)
  assert.equal(stillRuns(ownIdentity()), true)
})

test('it serves on when the process that started it is gone', async (context) => {
  const state = join(temporaryFolder(context), 'router')
  const app = await application(context, (_request, response) => response.end('still here'))
  const program = `
    const { startRouter } = await import(${JSON.stringify(resolve(import.meta.dirname, '../src/index.ts'))})
    const { client, pid, port, status } = await startRouter({ state: ${JSON.stringify(state)} })
    await client.putTable({ epoch: 1, expectedRevision: 0, table: ${JSON.stringify(serviceAt(app.address))} })
    console.log(JSON.stringify({ pid, port, startTime: status.startTime }))`
  const { stdout } = await runProcess(context, ['node', '--input-type=module', '-e', program])
  const { pid, port, startTime } = JSON.parse(stdout) as { pid: number; port: number; startTime: string }
  context.after(() => process.kill(pid, 'SIGKILL'))
  assert.equal(stillRuns({ pid, startTime }), true)
  assert.equal((await ask(port)).body, 'still here')
})

test('killed and started again it has the same port and the same table, each time', async (context) => {
  const state = join(temporaryFolder(context), 'router')
  const app = await application(context, (_request, response) => response.end('served'))
  let router = await started(context, state)
  const { port } = router
  await put(router.client, app.address)
  for (let n = 0; n < times({ short: 2, long: 50 }); n += 1) {
    await kill(router)
    assert.equal(await findRouter(state), undefined)
    router = await started(context, state)
    assert.deepEqual([router.adopted, router.port, router.status.revision, router.status.tableSource], [false, port, 1, 'stored'])
    assert.equal((await ask(port)).body, 'served')
  }
})

test('killed while a table is put it comes back with that one or the one before, never with none', async (context) => {
  const state = join(temporaryFolder(context), 'router')
  for (let n = 0; n < times({ short: 2, long: 100 }); n += 1) {
    const router = await started(context, state)
    let acknowledged = router.status.revision
    const putNext = async (): Promise<void> => {
      const table = serviceAt(`127.0.0.1:${1_000 + acknowledged}`)
      await router.client.putTable({ epoch: 1, expectedRevision: acknowledged, table: table as never })
      acknowledged += 1
    }
    await putNext()
    const putting = (async () => {
      for (;;) await putNext()
    })()
    await pause(30 + Math.random() * 40)
    const stopped = assert.rejects(putting)
    await kill(router)
    await stopped
    const again = await started(context, state)
    const { revision, table, tableSource } = again.status
    assert.ok(revision === acknowledged || revision === acknowledged + 1, `revision ${revision} after ${acknowledged} was acknowledged`)
    assert.equal(table.services[0]?.upstreams[0]?.address, `127.0.0.1:${999 + revision}`)
    assert.equal(tableSource, 'stored')
    await kill(again)
  }
})

test('a damaged table falls back to the one before when it is started, serves it, and says so', async (context) => {
  const state = join(temporaryFolder(context), 'router')
  const app = await application(context, (_request, response) => response.end('served'))
  const first = await started(context, state)
  await put(first.client, app.address)
  await put(first.client, '127.0.0.1:1')
  await kill(first)
  await writeFile(join(state, 'table.json'), 'half a ta')
  const second = await started(context, state)
  assert.deepEqual([second.status.tableSource, second.status.revision], ['previous', 1])
  assert.match(second.status.damage ?? '', /table\.json is damaged/)
  assert.equal((await ask(second.port)).body, 'served')
  assert.match(await readFile(join(state, 'router.log'), 'utf8'), /"event":"table-damaged"/)
})

test('a folder with a long path has its control socket in a short private folder, which goes with the router', async (context) => {
  const state = join(temporaryFolder(context), 'a'.repeat(100), 'router')
  const router = await started(context, state)
  const { control } = JSON.parse(await readFile(join(state, 'router.json'), 'utf8')) as { control: string }
  assert.ok(control.length < 104 && !control.startsWith(state))
  assert.equal((await stat(dirname(control))).mode & 0o777, 0o700)
  // A folder others can enter is not trusted, whoever made it.
  await chmod(dirname(control), 0o755)
  await assert.rejects(router.client.status(), (error: RouterError) => error.code === 'unreachable')
  await chmod(dirname(control), 0o700)
  await kill(router)
  const again = await started(context, state)
  await assert.rejects(stat(dirname(control)))
  await again.client.stop({ graceMs: 0 })
  await eventually(() => !stillRuns({ pid: again.pid, startTime: again.status.startTime }))
  const last = JSON.parse(await readFile(join(state, 'router.json'), 'utf8')) as { control: string }
  await assert.rejects(stat(dirname(last.control)))
})

test('without the token nothing is told and nothing done', async (context) => {
  const { client, state } = await routed(context)
  await writeFile(join(state, 'token'), `${'0'.repeat(64)}\n`)
  await assert.rejects(client.status(), (error: RouterError) => error.code === 'unauthorised')
  await assert.rejects(client.stop(), (error: RouterError) => error.code === 'unauthorised')
})

test('orders that are not as the contract has them are refused', async (context) => {
  const { client } = await routed(context)
  const invalid = (error: RouterError): boolean => error.code === 'request-invalid'
  await assert.rejects(client.putTable({ epoch: -1, expectedRevision: 0, table: { services: [] } }), invalid)
  await assert.rejects(client.putTable({ epoch: 1.5, expectedRevision: 0, table: { services: [] } }), invalid)
  await assert.rejects(client.putTable({ epoch: 1, expectedRevision: '0' as never, table: { services: [] } }), invalid)
  await assert.rejects(client.drain({ epoch: 1, upstream: '', requestsMs: 0, connectionsMs: 0 }), invalid)
  await assert.rejects(client.drain({ epoch: 1, upstream: 'a', requestsMs: 0, connectionsMs: 0, closeCode: 1000 as never }), invalid)
  await assert.rejects(
    client.putTable({ epoch: 1, expectedRevision: 0, table: 'none' as never }),
    (error: RouterError) => error.code === 'table-invalid',
  )
})

test('a log is set aside before it grows without bounds, and never costs a request', async (context) => {
  const folder = temporaryFolder(context)
  const log = new LogFile(join(folder, 'router.log'))
  const line = `${'x'.repeat(99_999)}\n`
  for (let n = 0; n < 230; n += 1) log.write(line)
  const sizes = await Promise.all(['router.log', 'router.log.1'].map(async (name) => (await stat(join(folder, name))).size))
  assert.ok(
    sizes.every((size) => size > 0 && size < 11 * 1024 * 1024),
    String(sizes),
  )
  new LogFile(join(folder, 'missing', 'router.log')).write(line)
})

test('a second router on a folder is refused, and so is a port somebody has', async (context) => {
  const folder = temporaryFolder(context)
  const router = await started(context, join(folder, 'one'))
  const second = await runProcess(context, ['node', MAIN, '--state', join(folder, 'one'), '--json'])
  assert.equal(second.code, 3)
  assert.match(second.stderr, /"code":"already-running"/)
  await assert.rejects(startRouter({ state: join(folder, 'two'), port: router.port }), (error: RouterError) => error.code === 'port-taken')
  await assert.rejects(
    startRouter({ state: join(folder, 'one'), port: router.port + 1 }),
    (error: RouterError) => error.code === 'port-differs',
  )
})

test('a folder it cannot have is a clear error, and nothing is left running', async (context) => {
  const folder = temporaryFolder(context)
  await mkdir(join(folder, 'router', 'token'), { recursive: true })
  await assert.rejects(
    startRouter({ state: join(folder, 'router') }),
    (error: RouterError) => error.code === 'start-failed' && /token/.test(error.message),
  )
  assert.equal(await findRouter(join(folder, 'router')), undefined)
})

test('the command says what it takes, and prints one line when it is ready', async (context) => {
  const usage = await runProcess(context, ['node', MAIN])
  assert.deepEqual([usage.code, /usage: --state FOLDER/.test(usage.stderr)], [2, true])
  const router = startProcess(context, ['node', MAIN, '--state', join(temporaryFolder(context), 'router'), '--json'])
  const ready = await router.json()
  assert.deepEqual([ready['router'], ready['pid'], ready['revision']], [`http://127.0.0.1:${String(ready['port'])}`, router.pid, 0])
  router.kill('SIGINT')
  assert.equal((await router.ended()).code, 0)
})

test('told to end it accepts nothing new, lets requests finish, closes WebSockets with 1001, and ends with 0', async (context) => {
  const gate = Promise.withResolvers<void>()
  const server = createServer((_request, response) => void gate.promise.then(() => response.end('finished'))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new WebSocketServer({ server })
  context.after(() => {
    sockets.clients.forEach((socket) => socket.terminate())
    server.closeAllConnections()
    server.close()
  })
  const state = join(temporaryFolder(context), 'router')
  const child = startProcess(context, ['node', MAIN, '--state', state, '--json'])
  const { port } = (await child.json()) as { port: number }
  const client = new RouterClient(state)
  await put(client, `127.0.0.1:${(server.address() as AddressInfo).port}`)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
  await once(socket, 'open')
  const closed = once(socket, 'close') as Promise<[number]>
  const inFlight = ask(port)
  await eventually(async () => (await client.status()).upstreams[0]?.inFlight === 1)
  child.kill('SIGTERM')
  assert.equal((await closed)[0], 1001)
  await eventually(async () => {
    const late = connect({ port, host: '127.0.0.1' })
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException]
    return error.code === 'ECONNREFUSED'
  })
  gate.resolve()
  const answer = await inFlight
  assert.deepEqual([answer.status, answer.body, answer.headers['connection']], [200, 'finished', 'close'])
  const ended = await child.ended()
  assert.equal(ended.code, 0)
  assert.match(ended.stderr, /"event":"stopped"/)
  await assert.rejects(stat(join(state, 'control.sock')))
  // The port is kept for the next one.
  assert.equal((await started(context, state)).port, port)
})

test('one that is started while another goes down waits for it, and has its port', async (context) => {
  const state = join(temporaryFolder(context), 'router')
  const gate = Promise.withResolvers<void>()
  const app = await application(context, (_request, response) => void gate.promise.then(() => response.end('finished')))
  const first = await started(context, state)
  await put(first.client, app.address)
  const inFlight = ask(first.port)
  await eventually(async () => (await first.client.status()).upstreams[0]?.inFlight === 1)
  await first.client.stop({ graceMs: 60_000 })
  const starting = started(context, state, { startTimeoutMs: 60_000 })
  // Time to find out that it has to wait; less only makes this test easier.
  await pause(300)
  gate.resolve()
  const second = await starting
  assert.deepEqual([second.adopted, second.port, second.pid === first.pid], [false, first.port, false])
  assert.equal((await inFlight).body, 'finished')
})

test('at the end of its grace it cuts what is left', async (context) => {
  const app = await application(context, () => {})
  const { client, port, router } = await routed(context)
  await put(client, app.address)
  const inFlight = ask(port)
  await eventually(async () => (await client.status()).upstreams[0]?.inFlight === 1)
  await client.stop({ graceMs: 100 })
  assert.equal((await inFlight).status, 504)
  await router.ended
})
