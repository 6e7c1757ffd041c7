import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { freePort } from '../../../test/free-port.ts'
import { failureOf } from '../src/attempt-failure.ts'
import { application, ask, routed, upstream } from './routed.ts'

test('an instance that refuses connections is rescued by another, upload and all, and counted', async (context) => {
  const app = await application(context, (request, response) => void request.pipe(response))
  const { port, put, client } = await routed(context)
  const dead = `127.0.0.1:${await freePort()}`
  await put([upstream(dead), upstream(app.address)])
  // The moment it is passed over for lasts as long as the test, however slow the machine is.
  context.mock.method(performance, 'now', () => 1_000)
  for (let n = 0; n < 6; n += 1) {
    const { status, body } = await ask(port, { method: 'POST', body: 'x'.repeat(200_000) })
    assert.deepEqual([status, body.length], [200, 200_000])
  }
  const { upstreams } = await client.status()
  const refused = upstreams.find(({ id }) => id === dead)
  assert.equal(refused?.unreachable, true)
  // After the first, it is passed over.
  assert.equal(refused?.counters.errors.refused, 1)
})

test('another release rescues too when the whole of one cannot be reached', async (context) => {
  const app = await application(context, (_request, response) => response.end('old'))
  const { port, put } = await routed(context)
  await put([
    upstream(`127.0.0.1:${await freePort()}`, { release: 'young', weight: 90 }),
    upstream(app.address, { release: 'old', weight: 10 }),
  ])
  for (let n = 0; n < 10; n += 1) assert.equal((await ask(port)).body, 'old')
})

test('when none can be reached the answer is 502, each was tried once, and the next request tries again', async (context) => {
  const { port, put, client } = await routed(context)
  await put([upstream(`127.0.0.1:${await freePort()}`), upstream(`127.0.0.1:${await freePort()}`)])
  for (const count of [1, 2]) {
    const { status, headers } = await ask(port)
    assert.deepEqual([status, headers['x-headgate-router']], [502, 'unreachable'])
    const { upstreams } = await client.status()
    assert.deepEqual(
      upstreams.map(({ counters }) => counters.errors.refused),
      [count, count],
    )
  }
})

test('an instance that closes idle connections without a word does not fail the requests that come after', async (context) => {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => {})
    socket.on('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      // Ends it right after the response, having promised nothing.
      setImmediate(() => socket.end())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const { port, put } = await routed(context)
  await put([upstream(`127.0.0.1:${(server.address() as { port: number }).port}`)])
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  context.after(() => agent.destroy())
  for (let n = 0; n < 30; n += 1) {
    assert.equal((await ask(port, { agent })).status, 200)
    if (n % 3 === 0) await new Promise((tick) => setTimeout(tick, 3))
  }
  assert.ok(connections >= 10)
})

test('connections to an instance are used again', async (context) => {
  let connections = 0
  const app = await application(context, (_request, response) => response.end('x'))
  app.server.on('connection', () => (connections += 1))
  const { port, put } = await routed(context)
  await put([upstream(app.address)])
  for (let n = 0; n < 20; n += 1) await ask(port)
  assert.equal(connections, 1)
})

test('a request is tried again only while no byte of it was sent', () => {
  const made = (code: string, syscall?: string): Error => Object.assign(new Error(code), { code, syscall })
  const retry = (error: Error, attempt: Parameters<typeof failureOf>[1]): string => failureOf(error, attempt).retry
  for (const bodyless of [true, false]) {
    assert.equal(retry(made('ECONNREFUSED', 'connect'), { sent: false, bodyless }), 'elsewhere')
    assert.equal(retry(made('CONNECT_TIMEOUT'), { sent: false, bodyless }), 'elsewhere')
    assert.equal(retry(made('ECONNRESET', 'read'), { sent: true, bodyless }), 'no')
    assert.equal(retry(made('UND_ERR_SOCKET'), { sent: true, bodyless }), 'no')
    // A name that cannot be written is wrong everywhere.
    assert.equal(retry(made('UND_ERR_INVALID_ARG'), { sent: false, bodyless }), 'no')
  }
  assert.equal(retry(made('EPIPE', 'write'), { sent: true, bodyless: true }), 'again')
  assert.equal(retry(made('EPIPE', 'write'), { sent: true, bodyless: false }), 'no')
})
