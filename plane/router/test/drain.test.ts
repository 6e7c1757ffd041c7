import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket, WebSocketServer } from 'ws'
import { eventually } from '../../../test/eventually.ts'
import type { RouterError } from '../src/router-error.ts'
import { FrameTracker, closeFrame } from '../src/websocket-frames.ts'
import { type Listening, type Routed, application, ask, routed, upstream } from './routed.ts'

interface Serving extends Routed {
  readonly app: Listening
  readonly sockets: WebSocketServer
  /** Lets the application answer what waits at `/`, and from now on at once. */
  readonly finish: () => void
}

/** A router before an application that answers `/` when it is told to, `/events` and `/endless` with streams, and `/socket` with an echo. */
async function serving(context: TestContext): Promise<Serving> {
  const gate = Promise.withResolvers<void>()
  const app = await application(context, (incoming, response) => {
    if (incoming.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: one\n\ndata: tw')
      setTimeout(() => response.write('o\n\ndata: three\n\n'), 150)
    } else if (incoming.url === '/endless') {
      response.write('never whole')
    } else void gate.promise.then(() => response.end('finished'))
  })
  const sockets = new WebSocketServer({ server: app.server, path: '/socket' })
  sockets.on('connection', (socket) => socket.on('error', () => {}).on('message', (data, binary) => socket.send(data, { binary })))
  context.after(() => sockets.clients.forEach((socket) => socket.terminate()))
  const router = await routed(context)
  await router.put([upstream(app.address, { id: 'a' })])
  return { ...router, app, sockets, finish: () => gate.resolve() }
}

const UPGRADE =
  'GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n'
const limits = { upstream: 'a', epoch: 1, requestsMs: 2_000, connectionsMs: 2_000 }

async function opened(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`)
  socket.on('error', () => {})
  await once(socket, 'open')
  return socket
}

test('a drain waits for what is in flight, and what comes meanwhile goes elsewhere', async (context) => {
  const { port, put, client, finish } = await serving(context)
  const other = await application(context, (_request, response) => response.end('other'))
  const inFlight = ask(port)
  await eventually(async () => (await client.status()).upstreams[0]?.inFlight === 1)
  await put([upstream(other.address, { id: 'b' })])
  const draining = client.drain(limits)
  assert.equal((await ask(port)).body, 'other')
  await eventually(async () => (await client.status()).upstreams.some(({ state }) => state === 'draining'))
  finish()
  assert.equal((await inFlight).body, 'finished')
  const drained = await draining
  assert.deepEqual(
    [drained.outcome, drained.requests, drained.connections],
    ['drained', { finished: 1, cut: 0 }, { finished: 0, closed: 0, cut: 0 }],
  )
  const gone = (await client.status()).upstreams.find(({ id }) => id === 'a')
  assert.deepEqual([gone?.state, gone?.counters.requests], ['gone', 1])
})

test('a drained instance is not kept waiting by idle connections', async (context) => {
  const { port, put, client, app, finish } = await serving(context)
  finish()
  await ask(port)
  const connections = (): Promise<number> => new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)))
  assert.equal(await connections(), 1)
  await put([upstream(app.address, { id: 'a', weight: 0 })])
  await client.drain(limits)
  await eventually(async () => (await connections()) === 0, { within: 1_000 })
})

test('a drain of one that holds nothing, or that nobody knows, is over at once', async (context) => {
  const { put, client } = await serving(context)
  await put([])
  assert.equal((await client.drain(limits)).outcome, 'drained')
  assert.equal((await client.drain({ ...limits, upstream: 'never heard of' })).outcome, 'drained')
})

test('a drain of one that the table gives traffic is refused', async (context) => {
  const { client } = await serving(context)
  await assert.rejects(client.drain(limits), (error: RouterError) => error.code === 'upstream-in-use')
})

test('at its limit a drain answers 504 to who still waits, and says how many', async (context) => {
  const { port, put, client } = await serving(context)
  const inFlight = ask(port)
  await eventually(async () => (await client.status()).upstreams[0]?.inFlight === 1)
  await put([])
  const drained = await client.drain({ ...limits, requestsMs: 100, connectionsMs: 100 })
  assert.deepEqual(drained.requests, { finished: 0, cut: 1 })
  const { status, headers } = await inFlight
  assert.deepEqual([status, headers['x-headgate-router']], [504, 'drain-limit'])
})

test('a WebSocket carries messages both ways, text and binary, small and large, and what was sent early', async (context) => {
  const { port } = await serving(context)
  const socket = await opened(port)
  for (const message of ['hello', 'x'.repeat(200), Buffer.alloc(300_000, 7)]) {
    socket.send(message)
    const [data, binary] = (await once(socket, 'message')) as [Buffer, boolean]
    assert.deepEqual([data.equals(Buffer.from(message)), binary], [true, typeof message !== 'string'])
  }
  socket.close(1000, 'done')
  assert.equal(((await once(socket, 'close')) as [number])[0], 1000)
})

test('an upgrade the application refuses is its answer, as it is', async (context) => {
  const app = await application(context, (_request, response) =>
    response.writeHead(401, { 'www-authenticate': 'Basic' }).end('who are you'),
  )
  const { port, put } = await routed(context)
  await put([upstream(app.address)])
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`).on('error', () => {})
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  assert.deepEqual([response.statusCode, response.headers['www-authenticate']], [401, 'Basic'])
  assert.equal(String(await response.toArray()), 'who are you')
})

test('at their limit WebSockets are closed with 1012, both ends see a closing handshake, and none is cut', async (context) => {
  const { port, put, client, sockets } = await serving(context)
  const clients = await Promise.all([opened(port), opened(port)])
  const closes = clients.map((socket) => once(socket, 'close') as Promise<[number, Buffer]>)
  const seen = [...sockets.clients].map((socket) => once(socket, 'close') as Promise<[number]>)
  await put([])
  const drained = await client.drain({ ...limits, requestsMs: 50, connectionsMs: 100 })
  for (const close of closes) assert.deepEqual([(await close)[0], String((await close)[1])], [1012, 'service restart'])
  for (const close of seen) assert.equal((await close)[0], 1012)
  assert.deepEqual(drained.connections, { finished: 0, closed: 2, cut: 0 })
  assert.deepEqual((await client.status()).upstreams[0]?.counters.websockets, { opened: 2, closed: 2, cut: 0 })
})

test('a WebSocket is closed between two frames, never inside one, and every whole message before it arrives', async (context) => {
  const { port, put, client, sockets } = await serving(context)
  const socket = await opened(port)
  const server = [...sockets.clients][0] ?? assert.fail()
  let bytes = 0
  socket.on('message', (data: Buffer) => (bytes += data.length))
  // A client that reads slowly, and an instance in the middle of a large message.
  socket.pause()
  const size = 8_000_000
  server.send(Buffer.alloc(size))
  await put([])
  const closed = once(socket, 'close') as Promise<[number]>
  const draining = client.drain({ ...limits, requestsMs: 0, connectionsMs: 50 })
  await pause(150)
  socket.resume()
  assert.equal((await closed)[0], 1012)
  assert.equal(bytes, size)
  assert.equal((await draining).connections.closed, 1)
})

test('what a client sends until it answers the close reaches the instance', async (context) => {
  const { port, put, client, sockets } = await serving(context)
  const socket = await opened(port)
  const server = [...sockets.clients][0] ?? assert.fail()
  const received: string[] = []
  server.on('message', (data) => received.push(String(data)))
  await put([])
  const draining = client.drain({ ...limits, requestsMs: 0, connectionsMs: 60 })
  for (let n = 0; n < 100; n += 1) socket.send(String(n))
  await draining
  assert.equal(received.length, 100)
})

test('after the close frame nothing is passed on to the client, however much the instance still says', async (context) => {
  const { port, put, client, sockets } = await serving(context)
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(UPGRADE)
  await once(socket, 'data')
  const [server] = sockets.clients
  const talking = setInterval(() => server?.send('and another thing'), 5)
  context.after(() => clearInterval(talking))
  const tracker = new FrameTracker()
  let late = 0
  socket.on('data', (chunk: Buffer) => {
    if (tracker.closeSeen) late += chunk.length
    tracker.follow(chunk)
  })
  await put([])
  const draining = client.drain({ ...limits, requestsMs: 0, connectionsMs: 50 })
  await eventually(() => tracker.closeSeen)
  await pause(60)
  socket.write(closeFrame(1012, '', 'client'))
  assert.deepEqual((await draining).connections, { finished: 0, closed: 1, cut: 0 })
  assert.deepEqual([late, tracker.atBoundary], [0, true])
})

test('a client that does not answer the close is cut, and counted as that', async (context) => {
  const { port, put, client } = await serving(context)
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(UPGRADE)
  const [head] = (await once(socket, 'data')) as [Buffer]
  assert.match(String(head), /^HTTP\/1\.1 101 /)
  await put([])
  const drained = await client.drain({ ...limits, requestsMs: 0, connectionsMs: 50 })
  assert.deepEqual(drained.connections, { finished: 0, closed: 0, cut: 1 })
  socket.destroy()
})

test('an instance that drops a WebSocket without a word has cut it; a client that does has not', async (context) => {
  const { port, client, sockets } = await serving(context)
  const [first, second] = await Promise.all([opened(port), opened(port)])
  const closed = once(first, 'close') as Promise<[number]>
  first.terminate()
  await closed
  await eventually(async () => (await client.status()).upstreams[0]?.websockets === 1)
  assert.equal((await client.status()).upstreams[0]?.counters.websockets.cut, 0)
  const other = once(second, 'close') as Promise<[number]>
  for (const socket of sockets.clients) socket.terminate()
  assert.equal((await other)[0], 1006)
  await eventually(async () => (await client.status()).upstreams[0]?.counters.websockets.cut === 1)
})

test('a stream of events ends after the event under way, as a whole response', async (context) => {
  const { port, put, client } = await serving(context)
  const outgoing = request({ port, host: '127.0.0.1', path: '/events', agent: false }).end()
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  await put([])
  const draining = client.drain({ ...limits, requestsMs: 0, connectionsMs: 20 })
  const text = (await response.toArray()).join('')
  assert.equal(text, 'data: one\n\ndata: two\n\ndata: three\n\n')
  assert.equal(response.complete, true)
  assert.deepEqual((await draining).connections, { finished: 0, closed: 1, cut: 0 })
})

test('a response that streams has the limit of connections, and is cut, not ended, when it is not whole then', async (context) => {
  const { port, put, client } = await serving(context)
  const endless = ask(port, { path: '/endless' })
  await eventually(async () => (await client.status()).upstreams[0]?.counters.responses['2xx'] === 1)
  await put([])
  const drained = await client.drain({ ...limits, requestsMs: 20, connectionsMs: 150 })
  assert.ok(drained.tookMs >= 140)
  assert.deepEqual(drained.connections, { finished: 0, closed: 0, cut: 1 })
  assert.equal((await endless).complete, false)
})

test('a table that gives an upstream traffic again cancels its drain: what it holds stays', async (context) => {
  const { port, put, client, app, finish } = await serving(context)
  finish()
  const socket = await opened(port)
  await put([])
  const draining = client.drain({ ...limits, requestsMs: 1_000, connectionsMs: 1_000 })
  await eventually(async () => (await client.status()).upstreams[0]?.state === 'draining')
  await put([upstream(app.address, { id: 'a' })])
  assert.equal((await draining).outcome, 'cancelled')
  await pause(1_050)
  socket.send('still here')
  assert.equal(String(((await once(socket, 'message')) as [Buffer])[0]), 'still here')
  assert.equal((await ask(port)).body, 'finished')
  socket.terminate()
})

test('a second order for a drain under way joins it, and the earlier limit holds', async (context) => {
  const { port, put, client } = await serving(context)
  const inFlight = ask(port)
  await eventually(async () => (await client.status()).upstreams[0]?.inFlight === 1)
  await put([])
  const orders = [60_000, 300, 60_000].map((ms) => client.drain({ ...limits, requestsMs: ms, connectionsMs: ms }))
  for (const drained of await Promise.all(orders)) assert.equal(drained.requests.cut, 1)
  assert.equal((await inFlight).status, 504)
})

test('a drain goes on when the one who ordered it goes away', async (context) => {
  const { port, put, client } = await serving(context)
  const inFlight = ask(port)
  await eventually(async () => (await client.status()).upstreams[0]?.inFlight === 1)
  await put([])
  const going = new AbortController()
  const ordered = client.drain({ ...limits, requestsMs: 100, connectionsMs: 100 }, going.signal)
  await pause(20)
  going.abort()
  await assert.rejects(ordered, (error: RouterError) => error.code === 'unreachable')
  assert.equal((await inFlight).status, 504)
})

test('a paused service holds its requests, and they go on by the table then in force', async (context) => {
  const { port, put, client } = await serving(context)
  await client.pause({ service: 'web', epoch: 1 })
  const held = [ask(port, { method: 'POST', body: 'held' }), ask(port)]
  await eventually(async () => (await client.status()).paused[0]?.held === 2)
  const other = await application(context, (incoming, response) => void incoming.pipe(response))
  await put([upstream(other.address, { id: 'b' })])
  assert.deepEqual(await client.resume({ service: 'web', epoch: 1 }), { released: 2 })
  assert.deepEqual(
    (await Promise.all(held)).map(({ status, body }) => [status, body]),
    [
      [200, 'held'],
      [200, ''],
    ],
  )
})

test('a request is held to its limit and then answered 503; a client that goes is forgotten', async (context) => {
  const { port, client } = await serving(context)
  await client.pause({ service: 'web', epoch: 1, holdMs: 60_000 })
  const leaving = request({ port, host: '127.0.0.1', agent: false })
    .on('error', () => {})
    .end()
  await eventually(async () => (await client.status()).paused[0]?.held === 1)
  leaving.destroy()
  await eventually(async () => (await client.status()).paused[0]?.held === 0)
  await client.pause({ service: 'web', epoch: 1, holdMs: 80 })
  const { status, headers } = await ask(port)
  assert.deepEqual([status, headers['x-headgate-router']], [503, 'paused'])
})

test('a pause ends by itself, survives a restart until then, and one of a service nobody knows is refused', async (context) => {
  const { port, put, client, state, router, app, finish } = await serving(context)
  finish()
  await assert.rejects(client.pause({ service: 'nobody', epoch: 1 }), (error: RouterError) => error.code === 'service-unknown')
  await client.pause({ service: 'web', epoch: 1, lastMs: 60_000 })
  await router.stop(0)
  const again = await routed(context, { state })
  assert.equal(again.port, port)
  assert.equal((await client.status()).paused.length, 1)
  await client.pause({ service: 'web', epoch: 1, lastMs: 150 })
  assert.equal((await ask(port)).status, 200)
  await eventually(async () => (await client.status()).paused.length === 0)
  await put([upstream(app.address, { id: 'a' })])
})
