import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import type { RequestListener } from 'node:http'
import { connect, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { latencyQuantile, trafficBetween } from '@headgate/contract'
import { startProcess } from '../../../test/child-process.ts'
import { eventually } from '../../../test/eventually.ts'
import { type Routed, application, ask, raw, routed, upstream } from './routed.ts'

async function before(context: TestContext, listener: RequestListener): Promise<Routed> {
  const app = await application(context, listener)
  const router = await routed(context)
  await router.put([upstream(app.address)])
  return router
}

/** An application that is no HTTP server: it sends these bytes for every request, and hangs up where it is told to. */
async function scripted(context: TestContext, answer: string, then: 'stays' | 'ends' | 'resets' = 'stays'): Promise<Routed> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(answer, 'latin1', () => {
        if (then === 'ends') socket.end()
        if (then === 'resets') setTimeout(() => socket.resetAndDestroy(), 20)
      })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const router = await routed(context)
  await router.put([upstream(`127.0.0.1:${(server.address() as { port: number }).port}`)])
  context.after(() => router.router.stop(0))
  return router
}

test('a response keeps status, reason, fields and doubles; fields of the hop stay on the hop', async (context) => {
  const { port } = await scripted(
    context,
    'HTTP/1.1 418 Short And Stout\r\nSet-Cookie: a=1\r\nX-A: b\r\nSet-Cookie: b=2\r\nConnection: keep-alive, X-Hop\r\nX-Hop: gone\r\n' +
      'Keep-Alive: timeout=7\r\nX-Headgate-Router: forged\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 3\r\n\r\ntea',
  )
  const answer = await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.match(answer, /^HTTP\/1\.1 418 Short And Stout\r\n/)
  assert.deepEqual(
    answer.match(/set-cookie: .*/g)?.map((line) => line.trim()),
    ['set-cookie: a=1', 'set-cookie: b=2'],
  )
  assert.match(answer, /date: Thu, 01 Jan 1970 00:00:00 GMT/i)
  assert.doesNotMatch(answer, /x-hop|timeout=7|x-headgate-router/i)
  assert.ok(answer.endsWith('\r\n\r\ntea'))
})

test('a reason in letters nobody can pass on is left out, and the response is not', async (context) => {
  const { port } = await scripted(context, 'HTTP/1.1 200 \xe2\x9c\x93\r\nContent-Length: 2\r\n\r\nok')
  const { status, body } = await ask(port)
  assert.deepEqual([status, body], [200, 'ok'])
})

test('HEAD, 204 and 304 have no body, and what they announce is kept', async (context) => {
  const { port } = await before(context, (request_, response) => {
    if (request_.url === '/204') return response.writeHead(204).end()
    if (request_.url === '/304') return response.writeHead(304, { etag: '"x"' }).end()
    return response.writeHead(200, { 'content-length': 1_000 }).end(request_.method === 'HEAD' ? undefined : 'x'.repeat(1_000))
  })
  const head = await ask(port, { method: 'HEAD' })
  assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '1000', ''])
  assert.deepEqual(
    [(await ask(port, { path: '/204' })).status, (await ask(port, { path: '/204' })).headers['transfer-encoding']],
    [204, undefined],
  )
  assert.equal((await ask(port, { path: '/304' })).headers['etag'], '"x"')
  // All of them on one connection: nothing of one is taken for a part of the next.
  const requests = ['HEAD / ', 'GET /204 ', 'GET /304 ', 'GET / '].map((line) => `${line}HTTP/1.1\r\nHost: x\r\n\r\n`).join('')
  assert.deepEqual((await raw(port, requests)).match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 204', 'HTTP/1.1 304', 'HTTP/1.1 200'])
})

test('chunks pass as they come, also to a client of HTTP/1.0, to whom the end of the connection is the end', async (context) => {
  const { port } = await before(context, (_request, response) => {
    response.write('one ')
    setTimeout(() => response.end('two'), 20)
  })
  const modern = await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.match(modern, /transfer-encoding: chunked/i)
  assert.ok(modern.endsWith('4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n'))
  const old = await raw(port, 'GET / HTTP/1.0\r\n\r\n')
  assert.doesNotMatch(old, /transfer-encoding/i)
  assert.ok(old.endsWith('\r\n\r\none two'))
})

test('trailers of a response are passed on', async (context) => {
  const { port } = await before(context, (_request, response) => {
    response.writeHead(200, { trailer: 'X-Sum' })
    response.write('body')
    response.addTrailers({ 'x-sum': '42' })
    response.end()
  })
  const { body, trailers, headers } = await ask(port)
  assert.deepEqual([body, trailers['x-sum'], headers['trailer']], ['body', '42', 'X-Sum'])
})

test('an early hint is passed on, and the response after it', async (context) => {
  const { port } = await before(context, (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' }, () => response.end('done'))
  })
  const answer = await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.match(answer, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/style\.css>; rel=preload; as=style\r\n\r\nHTTP\/1\.1 200 OK/)
})

test('a head is passed on before there is a body', async (context) => {
  const { port } = await before(context, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
  })
  const outgoing = request({ port, host: '127.0.0.1', agent: false }).end()
  context.after(() => outgoing.destroy())
  const [response] = (await once(outgoing, 'response', { signal: AbortSignal.timeout(30_000) })) as [{ statusCode: number }]
  assert.equal(response.statusCode, 200)
})

test('a response without an end of its own ends with the connection', async (context) => {
  const { port } = await scripted(context, 'HTTP/1.0 200 OK\r\n\r\nold but whole', 'ends')
  const { body, complete } = await ask(port)
  assert.deepEqual([body, complete], ['old but whole', true])
})

for (const [name, bytes] of Object.entries({
  'an announced length': 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
  chunks: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
})) {
  for (const then of ['ends', 'resets'] as const) {
    test(`a response cut inside ${name} (the instance ${then}) is seen cut by the client and counted as truncated`, async (context) => {
      const { port, client } = await scripted(context, bytes, then)
      const { status, complete } = await ask(port)
      assert.deepEqual([status, complete], [200, false])
      const { counters } = (await client.status()).upstreams[0] ?? assert.fail()
      assert.deepEqual(counters.errors, { refused: 0, timeout: 0, reset: 0, truncated: 1 })
      assert.equal(counters.responses['2xx'], 1)
    })
  }
}

test('a client of HTTP/1.0 sees a cut response as a reset, since an end would look like the whole of it', async (context) => {
  const { port } = await scripted(context, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'resets')
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write('GET / HTTP/1.0\r\n\r\n')
  socket.resume()
  const [error] = (await once(socket, 'error', { signal: AbortSignal.timeout(30_000) })) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNRESET')
})

test('an instance that hangs up without an answer is a 502, not tried again, and counted as reset', async (context) => {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => {})
    socket.once('data', () => socket.resetAndDestroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const { port, put, client, logged } = await routed(context)
  const { port: broken } = server.address() as { port: number }
  await put([upstream(`127.0.0.1:${broken}`)])
  const { status, headers } = await ask(port, { path: '/private?token=abc' })
  assert.deepEqual([status, headers['x-headgate-router'], connections], [502, 'upstream-reset', 1])
  assert.equal((await client.status()).upstreams[0]?.counters.errors.reset, 1)
  assert.match(logged.join(''), /"path":"\/private"/)
  assert.doesNotMatch(logged.join(''), /token|abc/)
})

test('what is not HTTP is a 502', async (context) => {
  const { port } = await scripted(context, 'SSH-2.0-OpenSSH_9.2\r\n')
  assert.equal((await ask(port)).headers['x-headgate-router'], 'upstream-invalid')
})

test('a response head without bounds is a 502', async (context) => {
  const { port } = await scripted(context, `HTTP/1.1 200 OK\r\n${`X-Filler: ${'a'.repeat(1_000)}\r\n`.repeat(100)}\r\n`)
  assert.equal((await ask(port)).headers['x-headgate-router'], 'upstream-invalid')
})

test('an instance that does not answer in time is a 504', async (context) => {
  const app = await application(context, () => {})
  const { port, put, client } = await routed(context)
  await put([upstream(app.address)], { timeouts: { responseMs: 100 } })
  assert.equal((await ask(port)).headers['x-headgate-router'], 'response-timeout')
  assert.equal((await client.status()).upstreams[0]?.counters.errors.timeout, 1)
})

test(
  'one that cannot be connected to in time is a 504 too, when no other can be had',
  { skip: process.platform !== 'linux' },
  async (context) => {
    // A process that listens and is stopped: the kernel fills its short queue and then lets further connections wait.
    const program =
      "require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(JSON.stringify(this.address())) })"
    const listening = startProcess(context, ['node', '-e', program])
    const { port: full } = (await listening.json()) as { port: number }
    process.kill(listening.pid, 'SIGSTOP')
    const waiting = Array.from({ length: 4 }, () => connect({ port: full, host: '127.0.0.1' }).on('error', () => {}))
    context.after(() => waiting.forEach((socket) => socket.destroy()))
    await pause(50)
    const { port, put, client } = await routed(context)
    await put([upstream(`127.0.0.1:${full}`)], { timeouts: { connectMs: 500 } })
    const { status, headers } = await ask(port)
    assert.deepEqual([status, headers['x-headgate-router']], [504, 'connect-timeout'])
    const app = await application(context, (_request, response) => response.end('rescued'))
    await put([upstream(`127.0.0.1:${full}`), upstream(app.address)], { timeouts: { connectMs: 500 } })
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask(port)))
    assert.deepEqual(
      answers.map(({ body }) => body),
      Array.from({ length: 4 }, () => 'rescued'),
    )
    assert.ok(((await client.status()).upstreams.find(({ id }) => id === `127.0.0.1:${full}`)?.counters.errors.timeout ?? 0) >= 1)
  },
)

test('a client that stops sending its upload is told 408, and the instance is not blamed', async (context) => {
  const app = await application(
    context,
    (request_, response) =>
      void request_
        .on('error', () => {})
        .resume()
        .on('end', () => response.end()),
  )
  const { port, put, client } = await routed(context)
  await put([upstream(app.address)], { timeouts: { responseMs: 100 } })
  const answer = await raw(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf', 10_000)
  assert.match(answer, /^HTTP\/1\.1 408 /)
  assert.deepEqual((await client.status()).upstreams[0]?.counters.errors, { refused: 0, timeout: 0, reset: 0, truncated: 0 })
})

test('a client that goes away takes its request to the instance with it', async (context) => {
  let gone = 0
  const { port, client } = await before(context, (_request, response) => {
    response.on('close', () => (gone += 1))
    response.write('begun')
  })
  const outgoing = request({ port, host: '127.0.0.1', agent: false }).end()
  outgoing.on('error', () => {})
  await once(outgoing, 'response')
  outgoing.destroy()
  await eventually(() => gone === 1)
  const status = (await client.status()).upstreams[0]
  assert.deepEqual([status?.counters.aborted, status?.inFlight], [1, 0])
})

test('a client that goes away while its second request waits behind the first leaves nothing behind', async (context) => {
  const { port, client } = await before(context, (request_, response) => {
    if (request_.url === '/first') return
    response.end('x'.repeat(2_000_000))
  })
  await raw(port, 'GET /first HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n', 200)
  await eventually(async () => (await client.status()).upstreams[0]?.inFlight === 0)
})

test('latency is counted in buckets from which a window can be read, and bytes both ways', async (context) => {
  const { port, client } = await before(context, (request_, response) => {
    request_.resume()
    setTimeout(() => response.end('12345'), request_.url === '/slow' ? 120 : 0)
  })
  const first = await client.status()
  for (let n = 0; n < 8; n += 1) await ask(port, { method: 'POST', body: 'abc' })
  for (let n = 0; n < 2; n += 1) await ask(port, { path: '/slow' })
  const second = await client.status()
  const reading = (status: typeof first): { run: string; counters: (typeof first)['upstreams'][number]['counters'] } => ({
    run: status.run,
    counters: (status.upstreams[0] ?? assert.fail()).counters,
  })
  const traffic = trafficBetween(reading(first), reading(second)) ?? assert.fail()
  assert.deepEqual([traffic.requests, traffic.responses['2xx']], [10, 10])
  assert.deepEqual((second.upstreams[0] ?? assert.fail()).counters.bytes, { request: 24, response: 50 })
  const p95 = latencyQuantile(traffic.latency, second.latencyBoundsMs, 0.95) ?? 0
  assert.ok(p95 >= 120 && p95 <= 10_000, String(p95))
  assert.equal(trafficBetween(reading(first), { ...reading(second), run: 'another' }), undefined)
  assert.equal(
    latencyQuantile(
      traffic.latency.map(() => 0),
      second.latencyBoundsMs,
      0.5,
    ),
    undefined,
  )
})
