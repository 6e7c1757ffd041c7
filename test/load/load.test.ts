import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type RequestListener, createServer } from 'node:http'
import { type AddressInfo, type Socket, createServer as createRawServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { WebSocketServer } from 'ws'
import { runProcess } from '../child-process.ts'
import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'
import { answer } from './answering-application.ts'
import { type LoadKind, type LoadReport, startLoad } from './load.ts'

async function against(
  context: TestContext,
  listener: RequestListener,
  kind: LoadKind = 'keepAlive',
  requestMs?: number,
): Promise<LoadReport> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return load((server.address() as AddressInfo).port, kind, requestMs)
}

/** A server that is rude: what it does with each connection is up to the test. */
async function rude(context: TestContext, treat: (socket: Socket) => void, kind: LoadKind = 'keepAlive'): Promise<LoadReport> {
  const server = createRawServer((socket) => treat(socket.on('error', () => {}))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  return load((server.address() as AddressInfo).port, kind)
}

function load(port: number, kind: LoadKind, requestMs = 30_000): Promise<LoadReport> {
  return startLoad({ target: `http://127.0.0.1:${port}`, workers: { [kind]: 1 }, maxRequests: 5, maxMs: 60_000, requestMs }).done
}

test('every kind of traffic against a sound application: nothing fails, and everything is counted once', async (context) => {
  const application = await answer({ release: 'one' })
  context.after(() => application.close())
  const workers = { keepAlive: 2, connections: 1, uploads: 2, streams: 1, events: 1, webSockets: 2 }
  const running = startLoad({
    target: `http://127.0.0.1:${application.port}`,
    workers,
    maxMs: 120_000,
    pauseMs: 5,
    uploadBytes: 50_000,
    labelHeader: 'X-Release',
  })
  await eventually(() => Object.entries(running.report().kinds).every(([kind, { requests }]) => kind === 'events' || requests > 2))
  const report = await running.stop()
  assert.deepEqual([report.failed, report.failures, report.applicationErrors], [0, {}, 0])
  const { events, ...others } = report.kinds
  // A stream of events that is not ended by the server is no request that was answered.
  assert.equal(events.requests, 0)
  for (const [kind, { requests }] of Object.entries(others)) assert.ok(requests > 2, kind)
  assert.equal(
    Object.values(report.kinds).reduce((sum, { requests }) => sum + requests, 0),
    report.requests,
  )
  assert.equal(
    Object.values(report.statuses).reduce((sum, count) => sum + count, 0),
    report.requests,
  )
  assert.equal(report.labels['one']?.requests, report.statuses['200'])
  assert.deepEqual(report.webSocketEnds, { '1000': 2 })
  assert.ok(report.latencyMs.p50 > 0 && report.latencyMs.p50 <= report.latencyMs.p95 && report.latencyMs.p95 <= report.latencyMs.max)
})

test('a 5xx the application sends is counted apart, one that it did not send has failed', async (context) => {
  const sent = await against(context, (_request, response) => response.writeHead(500).end())
  assert.deepEqual([sent.failed, sent.applicationErrors >= 5], [0, true])
  const unsent = await against(context, (_request, response) => response.writeHead(503, { 'x-headgate-router': 'no-upstream' }).end())
  assert.equal(unsent.failures['router-no-upstream'], unsent.requests)
  // Even with a status that is no 5xx: a service that is not found is not answered.
  const lost = await against(context, (_request, response) => response.writeHead(404, { 'x-headgate-router': 'no-service' }).end())
  assert.equal(lost.failed, lost.requests)
})

test('refused, reset, cut and late requests have failed, each by its name', async (context) => {
  const refused = await load(await freePort(), 'keepAlive')
  assert.deepEqual([refused.failures['refused'], refused.requests], [refused.failed, refused.failed])
  const reset = await rude(context, (socket) => void socket.once('data', () => socket.resetAndDestroy()))
  assert.equal(reset.failures['reset'], reset.requests)
  const short = await rude(
    context,
    (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')),
  )
  assert.equal(short.failures['truncated'], short.requests)
  const chunk = await rude(
    context,
    (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n')),
  )
  assert.equal(chunk.failures['truncated'], chunk.requests)
  const late = await against(context, () => {}, 'keepAlive', 200)
  assert.ok((late.failures['timeout'] ?? 0) >= 3)
  assert.equal(late.samples[0]?.reason, 'timeout')
})

test('an upload of which a part got lost has failed', async (context) => {
  const report = await against(
    context,
    (request, response) => void request.resume().on('end', () => response.setHeader('x-received-bytes', 12).end()),
    'uploads',
  )
  assert.equal(report.failures['upload-truncated'], report.requests)
})

test('a WebSocket closed with 1001 or 1012 has not failed, one that is cut or garbled has', async (context) => {
  const listening = async (treat: (sockets: WebSocketServer) => void): Promise<number> => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    context.after(() => sockets.close())
    await once(sockets, 'listening')
    treat(sockets)
    return (sockets.address() as AddressInfo).port
  }
  const against = async (treat: (sockets: WebSocketServer) => void): Promise<LoadReport> => load(await listening(treat), 'webSockets')
  for (const code of [1001, 1012]) {
    const closed = await against((sockets) => sockets.on('connection', (socket) => socket.once('message', () => socket.close(code))))
    assert.deepEqual([closed.failed, (closed.webSocketEnds[String(code)] ?? 0) >= 4], [0, true])
  }
  const cut = await against((sockets) => sockets.on('connection', (socket) => socket.once('message', () => socket.terminate())))
  assert.ok((cut.failures['websocket-cut'] ?? 0) >= 2)
  const port = await listening((sockets) => sockets.on('connection', (socket) => socket.on('message', () => socket.send('something else'))))
  const garbled = startLoad({ target: `http://127.0.0.1:${port}`, workers: { webSockets: 1 }, maxMs: 60_000 })
  await eventually(() => (garbled.report().failures['websocket-garbled'] ?? 0) >= 1)
  await garbled.stop()
})

test('the command prints its report as JSON, and ends with 1 when a request failed', async (context) => {
  const application = await answer({ release: 'one' })
  context.after(() => application.close())
  const words = ['--keep-alive', '1', '--seconds', '60', '--requests', '20', '--json']
  const command = (port: number): ReturnType<typeof runProcess> =>
    runProcess(context, [
      'node',
      '--conditions=source',
      join(import.meta.dirname, 'main.ts'),
      '--target',
      `http://127.0.0.1:${port}`,
      ...words,
    ])
  const well = await command(application.port)
  const report = JSON.parse(well.stdout) as LoadReport
  assert.deepEqual([well.code, report.requests, report.failed], [0, 20, 0])
  assert.equal((await command(await freePort())).code, 1)
})
