/** What stands between a program and its plane: proxies, and lines that break. */
import assert from 'node:assert/strict'
import { type RequestListener, createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Secret } from '@headgate/model'
import { createPlaneClient } from '../src/http.ts'
import { nodeTransport } from '../src/node-transport.ts'
import { createWorld, freshToken } from './test-surroundings.ts'

/** A server in the place of a plane. @returns its address */
async function inBetween(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function askSession(url: string, transport: typeof nodeTransport | undefined) {
  const answer = await createPlaneClient({ url, token: new Secret(freshToken()) }, transport).call('getSession', {})
  assert.ok(!answer.ok)
  return answer.problem
}

test('a proxy that answers for a plane which is starting is asked again', async (t) => {
  const { plane, connect, codes } = await createWorld(t)
  plane.save('shop/dev', { values: { a: 1 } })
  let refusals = 0
  const url = await inBetween(t, (incoming, response) => {
    if (refusals < 2) {
      refusals += 1
      return void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>')
    }
    const { method = 'GET', headers } = incoming
    const onward = send(`${plane.url}${incoming.url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(onward)
  })
  const config = await connect({ url, watch: false })
  assert.deepEqual([config.source, refusals, codes()], ['plane', 2, []])
})

test('an answer that breaks off is none, and nobody is said to speak another language', async (t) => {
  const url = await inBetween(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 5_000 })
    response.write('{"organisation":', () => response.destroy())
  })
  for (const transport of [undefined, nodeTransport]) assert.equal((await askSession(url, transport)).code, 'PLANE_UNREACHABLE')
})

test('no token goes where an answer sends to, and that it does is said', async (t) => {
  let sent = 0
  const elsewhere = await inBetween(t, (_, response) => {
    sent += 1
    response.end('{}')
  })
  const url = await inBetween(t, (_, response) => response.writeHead(308, { location: elsewhere }).end())
  for (const transport of [undefined, nodeTransport]) {
    const { code, message } = await askSession(url, transport)
    assert.equal(code, 'ANSWER_UNREADABLE')
    assert.match(message, /it sends elsewhere, and a token is not sent there: give that address \(status 308\)/)
  }
  assert.equal(sent, 0)
})
