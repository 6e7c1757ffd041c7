import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { readRequestHead } from '../src/request-head.ts'
import { type Listening, application, ask, raw, routed, upstream } from './routed.ts'

/** A router before an application that says in JSON what it received, and the number of requests it saw. */
async function echoing(
  context: TestContext,
  options: Parameters<typeof routed>[1] = {},
): Promise<{ port: number; seen: () => number; app: Listening }> {
  let seen = 0
  const app = await application(context, (request, response) => {
    seen += 1
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers, rawHeaders, trailers } = request
      response.end(JSON.stringify({ method, url, headers, rawHeaders, trailers, body: Buffer.concat(chunks).toString('latin1') }))
    })
  })
  const { port, put } = await routed(context, options)
  await put([upstream(app.address)])
  return { port, seen: () => seen, app }
}

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly rawHeaders: readonly string[]
  readonly body: string
}

test('no request can be read in two ways: each of these is refused and nothing of it reaches an instance', async (context) => {
  const { port, seen } = await echoing(context)
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
  const post = (fields: string, body: string): string => `POST / HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n${body}`
  const attempts: Readonly<Record<string, string>> = {
    'both framings': post('Content-Length: 4\r\nTransfer-Encoding: chunked', `0\r\n\r\n${smuggled}`),
    'both framings, the other way round': post('Transfer-Encoding: chunked\r\nContent-Length: 4', `0\r\n\r\n${smuggled}`),
    'two lengths': post('Content-Length: 0\r\nContent-Length: 40', smuggled),
    'two equal lengths': post('Content-Length: 2\r\nContent-Length: 2', 'ab'),
    'a list of lengths': post('Content-Length: 2, 2', 'ab'),
    'a signed length': post('Content-Length: +2', 'ab'),
    'a length in hex': post('Content-Length: 0x2', 'ab'),
    'a coding that hides chunked': post('Transfer-Encoding: xchunked', '0\r\n\r\n'),
    'a coding beside chunked': post('Transfer-Encoding: chunked, identity', `0\r\n\r\n${smuggled}`),
    'a coding before chunked': post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'),
    'two codings': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', `0\r\n\r\n${smuggled}`),
    'a space before the colon': post('Transfer-Encoding : chunked', `0\r\n\r\n${smuggled}`),
    'a folded line': post('X-A: b\r\n Transfer-Encoding: chunked', smuggled),
    'a bare line feed': 'GET / HTTP/1.1\nHost: x\n\n',
    'a carriage return in a value': 'GET / HTTP/1.1\r\nHost: x\r\nX-A: b\rX-B: c\r\n\r\n',
    'a zero byte in a value': 'GET / HTTP/1.1\r\nHost: x\r\nX-A: b\0c\r\n\r\n',
    'two hosts': 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
    'no host': 'GET / HTTP/1.1\r\nX-A: b\r\n\r\n',
    'a host that is none': 'GET / HTTP/1.1\r\nHost: x/../y\r\n\r\n',
    'chunks in HTTP/1.0': 'POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'a target that is neither path nor URL': 'GET x HTTP/1.1\r\nHost: x\r\n\r\n',
    'a path with bytes beyond ASCII': 'GET /caf\u00e9 HTTP/1.1\r\nHost: x\r\n\r\n',
    'another protocol': 'GET / HTTP/3.7\r\nHost: x\r\n\r\n',
    'a tunnel': 'CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n',
    trace: 'TRACE / HTTP/1.1\r\nHost: x\r\n\r\n',
    'an unknown expectation': post('Expect: a-miracle\r\nContent-Length: 2', 'ab'),
    'an upgrade with a body': 'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nab',
    'a wall of header fields': `GET / HTTP/1.1\r\nHost: x\r\n${`X-Filler: ${'a'.repeat(1_000)}\r\n`.repeat(40)}\r\n`,
  }
  const answers = await Promise.all(Object.values(attempts).map((attempt) => raw(port, attempt)))
  for (const [index, name] of Object.keys(attempts).entries()) {
    assert.match(answers[index] as string, /^HTTP\/1\.1 (?:400|405|408|417|431|501) /, name)
    assert.match(answers[index] as string, /\r\nx-headgate-router: /, name)
    assert.equal((answers[index] as string).match(/HTTP\/1\.1 /g)?.length, 1, `${name}: one answer only`)
  }
  assert.equal(seen(), 0)
})

test('the head is read strictly without leaning on the parser before it', () => {
  const read = (rawHeaders: string[], more: Partial<IncomingMessage> = {}): unknown => {
    const request = {
      method: 'POST',
      url: '/',
      httpVersionMinor: 1,
      rawHeaders: ['Host', 'x', ...rawHeaders],
      socket: { remoteAddress: '::1' },
      ...more,
    }
    const head = readRequestHead(request as IncomingMessage, { mode: 'set' })
    return 'fault' in head ? head.status : head.headers.join('|')
  }
  assert.equal(read(['Content-Length', '2', 'content-length', '2']), 400)
  assert.equal(read(['Content-Length', '2', 'Transfer-Encoding', 'chunked']), 400)
  assert.equal(read(['Transfer-Encoding', 'chunked', 'transfer-encoding', 'chunked']), 400)
  assert.equal(read(['Transfer-Encoding', 'chunked'], { httpVersionMinor: 0 }), 400)
  assert.equal(read(['Transfer-Encoding', 'identity']), 501)
  for (const length of ['', '-1', '1e3', '0x1', '1 ', '9'.repeat(20)]) assert.equal(read(['Content-Length', length]), 400, length)
  assert.equal(read(['HOST', 'y']), 400)
  for (const url of ['', 'x', '//h p', 'https://x/', 'http://user@x/', 'http:///x', '/a b', '/\u0001'])
    assert.equal(read([], { url }), 400, url)
  assert.match(String(read([])), /x-forwarded-for\|::1\|.*forwarded\|for="\[::1\]";host="x"/)
})

test('a broken chunk ends the upload: the instance never takes it for whole', async (context) => {
  let ended = 0
  const app = await application(context, (request, response) => {
    request.on('error', () => {})
    request.resume().on('end', () => {
      ended += 1
      response.end()
    })
  })
  const { port, put, client } = await routed(context)
  await put([upstream(app.address)])
  await raw(port, 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nZZ\r\n')
  assert.equal(ended, 0)
  assert.equal((await client.status()).upstreams[0]?.counters.aborted, 1)
})

test('what a client says about itself is replaced by what is known', async (context) => {
  const { port } = await echoing(context)
  const claims = {
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-proto': 'https',
    forwarded: 'for=6.6.6.6',
    'x-real-ip': '6.6.6.6',
    'x-forwarded-port': '1',
    x_forwarded_for: '6.6.6.6',
  }
  const { headers } = JSON.parse((await ask(port, { headers: { host: 'shop.localhost:81', ...claims } })).body) as Seen
  assert.equal(headers['x-forwarded-for'], '127.0.0.1')
  assert.equal(headers['x-forwarded-proto'], 'http')
  assert.equal(headers['x-forwarded-host'], 'shop.localhost:81')
  assert.equal(headers['forwarded'], 'for=127.0.0.1;host="shop.localhost:81";proto=http')
  assert.equal(headers['host'], 'shop.localhost:81')
  for (const name of ['x-real-ip', 'x-forwarded-port', 'x_forwarded_for']) assert.equal(headers[name], undefined)
})

test('behind a trusted proxy its claims are kept and the chain grows', async (context) => {
  const { port } = await echoing(context, { forwarded: 'append' })
  const claims = {
    'x-forwarded-for': '192.0.2.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
    forwarded: 'for=192.0.2.7',
  }
  const { headers } = JSON.parse((await ask(port, { headers: { host: 'inside', ...claims } })).body) as Seen
  assert.equal(headers['x-forwarded-for'], '192.0.2.7, 127.0.0.1')
  assert.equal(headers['x-forwarded-proto'], 'https')
  assert.equal(headers['x-forwarded-host'], 'shop.example')
  assert.equal(headers['forwarded'], 'for=192.0.2.7, for=127.0.0.1;host="inside";proto=http')
})

test('fields of the hop stay on the hop, those a Connection field names too, and the others keep order and spelling', async (context) => {
  const { port } = await echoing(context)
  const request =
    'GET /p HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nConnection: close, X-Secret-Hop, Content-Length\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\n' +
    'Proxy-Authorization: x\r\nTE: trailers, deflate\r\nTrailer: X-T\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\nX-Secret-Hop: gone\r\nx-TWO: 2\r\nX-One: 3\r\n\r\n'
  const answer = await raw(port, request)
  const seen = JSON.parse(answer.slice(answer.indexOf('{'))) as Seen
  for (const name of ['keep-alive', 'proxy-connection', 'proxy-authorization', 'trailer', 'upgrade', 'http2-settings', 'x-secret-hop']) {
    assert.equal(seen.headers[name], undefined, name)
  }
  assert.equal(seen.headers['te'], 'trailers')
  assert.equal(seen.headers['connection'], 'keep-alive')
  const own = seen.rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && /^x-(one|two)$/i.test(name) ? [`${name}=${seen.rawHeaders[index + 1]}`] : [],
  )
  assert.deepEqual(own, ['X-One=1', 'x-TWO=2', 'X-One=3'])
  assert.match(answer, /\r\nConnection: close\r\n/i)
})

test('a URL as target counts more than Host, and its path is what the instance gets', async (context) => {
  const { port } = await echoing(context)
  const answer = await raw(port, 'GET http://right.localhost:80/p?q=1 HTTP/1.1\r\nHost: wrong\r\nConnection: close\r\n\r\n')
  const seen = JSON.parse(answer.slice(answer.indexOf('{'))) as Seen
  assert.deepEqual(
    [seen.url, seen.headers['host'], seen.headers['x-forwarded-host']],
    ['/p?q=1', 'right.localhost:80', 'right.localhost:80'],
  )
})

test('paths and queries arrive byte for byte', async (context) => {
  const { port } = await echoing(context)
  for (const path of ['/', '//double', '/a/../b', '/%2e%2e/%00', "/a;b='c'?x=1&y[]=2&z=%20+|{}", '/?', '/a?b?c']) {
    const answer = await raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    assert.equal((JSON.parse(answer.slice(answer.indexOf('{'))) as Seen).url, path)
  }
})

test('every method passes, with and without a body, announced and in chunks', async (context) => {
  const { port } = await echoing(context)
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT']) {
    for (const framing of ['none', 'length', 'chunked']) {
      const headers = framing === 'chunked' ? { 'transfer-encoding': 'chunked' } : framing === 'length' ? { 'content-length': 4 } : {}
      const { status, body } = await ask(port, { method, headers, ...(framing !== 'none' && { body: 'body' }) })
      const seen = JSON.parse(body) as Seen
      assert.deepEqual([status, seen.method, seen.body], [200, method, framing === 'none' ? '' : 'body'], `${method} ${framing}`)
      if (framing !== 'none') assert.equal(seen.headers['content-length'], framing === 'length' ? '4' : undefined)
    }
  }
})

test('requests that come one behind the other on a connection are answered in their order', async (context) => {
  const app = await application(context, (request, response) => {
    setTimeout(() => response.end(`<${request.url}>`), request.url === '/slow' ? 60 : 0)
  })
  const { port, put } = await routed(context)
  await put([upstream(app.address)])
  const answer = await raw(port, ['/slow', '/a', '/b'].map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''))
  assert.deepEqual(answer.match(/<.*?>/g), ['</slow>', '</a>', '</b>'])
})

test('a client that waits for 100 Continue is told to go on once an instance is there to take the body', async (context) => {
  const { port } = await echoing(context)
  const socket = connect({ port, host: '127.0.0.1' })
  context.after(() => socket.destroy())
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n')
  const [first] = (await once(socket, 'data')) as [Buffer]
  assert.equal(String(first), 'HTTP/1.1 100 Continue\r\n\r\n')
  socket.write('body')
  let rest = ''
  for await (const chunk of socket) rest += String(chunk)
  assert.match(rest, /^HTTP\/1\.1 200 OK/)
  assert.equal((JSON.parse(rest.slice(rest.indexOf('{'))) as Seen).headers['expect'], undefined)
})

test('and is not asked for the body when no instance can be reached; the connection ends, since nobody knows what comes next', async (context) => {
  const { port, put } = await routed(context)
  await put([upstream('127.0.0.1:1')])
  const answer = await raw(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n', 10_000)
  assert.match(answer, /^HTTP\/1\.1 502 /)
  assert.match(answer, /connection: close/i)
})

test('an application that answers before it has read the upload is heard, and the connection stays usable', async (context) => {
  const app = await application(context, (request: IncomingMessage, response) => {
    // Late enough for the upload to have come to a standstill.
    setTimeout(() => response.writeHead(413, { 'content-length': 5 }).end('large'), 100)
    request.on('error', () => {})
  })
  const { port, put } = await routed(context)
  await put([upstream(app.address)])
  const body = 'x'.repeat(12_000_000)
  const request = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const answer = await raw(port, request + request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'), 10_000)
  assert.equal(answer.match(/HTTP\/1\.1 413 /g)?.length, 2, answer.slice(0, 500))
})

test('an answer of the router is JSON to those who accept it and text to others', async (context) => {
  const { port } = await routed(context)
  const text = await ask(port)
  assert.equal(text.body, '404 no service has this host name (no-service)\n')
  const json = await ask(port, { headers: { accept: 'application/json' } })
  assert.deepEqual(JSON.parse(json.body), { error: 'no-service', message: 'no service has this host name' })
  assert.equal(json.headers['x-headgate-router'], 'no-service')
})
