/** A request on its way to the node that keeps its target, and everything that can happen to it there. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { type RouteName, routes } from '@headgate/contract'
import { ok } from '@headgate/model'
import { type Operations, nodeAddress } from '@headgate/operations'
import { pino } from 'pino'
import { connectNode } from '../../plane/operations/src/nodes/node-connection.ts'
import { startServer } from '../../plane/server/src/index.ts'
import { makeCertificate } from '../certificate.ts'
import { leaveOut } from '../left-out.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const TOKEN = 'a-fake-token'

/** A node as the one that passes on sees it: shows who it is, then does with a request what the test says. */
interface OtherNode {
  readonly url: string
  /** What came besides the asking for proofs. */
  readonly received: IncomingMessage[]
}

async function otherNode(
  t: TestContext,
  act: (request: IncomingMessage, reply: ServerResponse) => void,
  proof: (reply: ServerResponse) => void = (reply) => reply.end('genuine'),
): Promise<OtherNode> {
  const received: IncomingMessage[] = []
  const server = createServer((request, reply) => {
    if (request.url?.startsWith('/api/v1/nodes/proof?')) return proof(reply)
    received.push(request)
    return act(request, reply)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: urlOf(server), received }
}

function urlOf(server: Pick<Server, 'address'>): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Where nobody listens. */
const NOWHERE = 'http://127.0.0.1:1'

/** A server that answers itself what nobody else keeps; `keepers` are found one after another, the last again and again. */
async function asked(t: TestContext, keepers: readonly (string | undefined)[]) {
  const counts = { here: 0, looked: 0 }
  const operations = {
    describe: () => ({}),
    authenticate: () => ok({ name: 'owner' }),
    answer: async () => ok({ here: (counts.here += 1) }),
    nodes: {
      async keeperOf() {
        const url = keepers[Math.min(counts.looked++, keepers.length - 1)]
        return url && { node: url, epoch: 1, target: 'shop/production' }
      },
      connect: (url: string) => connectNode(url, url, async (_, made) => made === 'genuine'),
      writeHop: () => 'a hop',
    },
  } as unknown as Operations
  const server = await startServer({ operations, log: pino({ enabled: false }), version: '0.0.0', host: '127.0.0.1', port: 0 })
  t.after(() => server.close())
  const ask = async (path: 'status' | 'logs' | 'stop', init: RequestInit = {}) =>
    fetch(`${server.url}/api/v1/targets/main/shop/production/${path}`, {
      method: path === 'stop' ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${TOKEN}` },
      ...init,
    })
  const codeOf = async (path: 'status' | 'stop') => ((await (await ask(path)).json()) as { code?: string }).code
  return { ask, codeOf, counts }
}

const answers = (_: IncomingMessage, reply: ServerResponse) => void reply.setHeader('content-type', 'application/json').end('{"there":1}')
const drops = (request: IncomingMessage) => void request.socket.destroy()
const isRefusing = (_: IncomingMessage, reply: ServerResponse) => void reply.writeHead(503, { 'headgate-hop': 'refused' }).end('{}')

test('the routes that only the keeper of a target can answer are those that ask it, and what lives in its process', () => {
  const passed = (Object.keys(routes) as RouteName[]).filter((name) => 'answeredBy' in routes[name]).toSorted()
  assert.deepEqual(passed, [
    'abortDeployment',
    'createDeployment',
    'planDeployment',
    'readLogs',
    'readStatus',
    'reconfigure',
    'rollBack',
    'stopTarget',
    'watchDeployment',
  ])
})

test('the answer of the keeper is handed on as it is, to a request that has the caller’s token', async (t) => {
  const keeper = await otherNode(t, answers)
  const { ask, counts } = await asked(t, [keeper.url])
  const answer = await ask('status')
  assert.deepEqual([answer.status, answer.headers.get('content-type'), await answer.json()], [200, 'application/json', { there: 1 }])
  const [received] = keeper.received
  assert.deepEqual([received?.headers.authorization, received?.headers['headgate-hop']], [`Bearer ${TOKEN}`, 'a hop'])
  assert.equal(counts.here, 0)
})

test('what may have been received is not sent again, and the caller is told so', async (t) => {
  const [keeper, next] = [await otherNode(t, drops), await otherNode(t, answers)]
  const { codeOf } = await asked(t, [keeper.url, next.url])
  assert.equal(await codeOf('stop'), 'NODE_UNCERTAIN')
  assert.deepEqual([keeper.received.length, next.received.length], [1, 0])
})

test('a question that was lost is asked the next keeper', async (t) => {
  const [keeper, next] = [await otherNode(t, drops), await otherNode(t, answers)]
  assert.equal(await (await asked(t, [keeper.url, next.url])).codeOf('status'), undefined)
  assert.equal(await (await asked(t, [keeper.url])).codeOf('status'), 'NODE_UNREACHABLE')
})

test('what was not sent is sent once more where the target has gone, and then no more', async (t) => {
  const next = await otherNode(t, answers)
  assert.equal(await (await asked(t, [NOWHERE, next.url])).codeOf('stop'), undefined)
  assert.equal(next.received.length, 1)
  assert.equal(await (await asked(t, [NOWHERE])).codeOf('stop'), 'NODE_UNREACHABLE')
  assert.equal(await (await asked(t, [NOWHERE, 'http://127.0.0.1:2', next.url])).codeOf('stop'), 'NODE_UNREACHABLE')
  assert.equal(next.received.length, 1)
})

test('a keeper that has the target no more did nothing: the next is asked, or this node answers when nobody has it', async (t) => {
  const [former, next] = [await otherNode(t, isRefusing), await otherNode(t, answers)]
  assert.equal(await (await asked(t, [former.url, next.url])).codeOf('stop'), undefined)
  assert.equal(next.received.length, 1)
  const { codeOf, counts } = await asked(t, [former.url, undefined])
  assert.equal(await codeOf('stop'), undefined)
  assert.equal(counts.here, 1)
})

test('who does not show to be that node gets nothing of the request, nor does a connection it was not shown on', async (t) => {
  const impostor = await otherNode(t, answers, (reply) => reply.end('false'))
  assert.equal(await (await asked(t, [impostor.url])).codeOf('stop'), 'NODE_UNREACHABLE')
  const leaving = await otherNode(t, answers, (reply) => reply.setHeader('connection', 'close').end('genuine'))
  assert.equal(await (await asked(t, [leaving.url])).codeOf('stop'), 'NODE_UNREACHABLE')
  assert.deepEqual([impostor.received.length, leaving.received.length], [0, 0])
})

test('an answer of any length comes whole, one that is cut off arrives cut off, and who leaves is left', async (t) => {
  const part = Buffer.alloc(64 * 1024, 'x')
  const parts = Array.from({ length: 300 }, () => part)
  const long = await otherNode(t, (_, reply) => void Readable.from(parts, { objectMode: false }).pipe(reply))
  assert.equal((await (await (await asked(t, [long.url])).ask('logs')).arrayBuffer()).byteLength, parts.length * part.length)

  const cut = await otherNode(t, (request, reply) => void reply.write(part, () => setImmediate(() => request.socket.destroy())))
  const answer = await (await asked(t, [cut.url])).ask('logs')
  await assert.rejects(answer.arrayBuffer())

  const left = Promise.withResolvers<void>()
  const waiting = await otherNode(t, (_, reply) => {
    reply.write('first')
    reply.on('close', () => left.resolve())
  })
  const stop = new AbortController()
  const following = await (await asked(t, [waiting.url])).ask('logs', { signal: stop.signal })
  assert.equal(following.status, 200)
  stop.abort()
  await left.promise
})

test('a node that falls silent is let go of when the target has gone to another', async (t) => {
  const silent = await otherNode(t, () => undefined)
  const { codeOf, counts } = await asked(t, [silent.url, undefined])
  assert.equal(await codeOf('stop'), 'NODE_UNCERTAIN')
  assert.equal(counts.here, 0)
})

test('a node is reached by TLS where its certificate is trusted, and not otherwise', async (t) => {
  const made = makeCertificate(temporaryFolder(t), 'node')
  if (!made) return leaveOut('TLS between nodes', 'openssl is not here to make a certificate')
  const [cert, key] = [made.certificate, made.key].map((file) => readFileSync(file))
  const server = createTlsServer({ cert, key }, (_, reply) => reply.end('genuine'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const url = urlOf(server).replace('http:', 'https:')
  const reach = () => connectNode('node', url, async (_, shown) => shown === 'genuine')
  await assert.rejects(reach(), { message: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const before = getCACertificates('default')
  t.after(() => setDefaultCACertificates(before))
  setDefaultCACertificates([String(cert)])
  const connection = await reach()
  connection.close()
})

test('where others reach a node: where it listens if they can, else where its operator says, with what there is to know of that', () => {
  const concern = (named: string | undefined, listening: string) => nodeAddress(named, listening).concern ?? ''
  assert.deepEqual(nodeAddress(undefined, 'http://127.0.0.1:4280'), { address: 'http://127.0.0.1:4280' })
  assert.deepEqual(nodeAddress(undefined, 'https://[2001:db8::1]:4280'), { address: 'https://[2001:db8::1]:4280' })
  assert.deepEqual(nodeAddress('https://node-1.example.org/', 'http://127.0.0.1:4280'), { address: 'https://node-1.example.org' })
  assert.equal(nodeAddress(undefined, 'http://10.0.0.1:4280').address, undefined)
  assert.match(concern(undefined, 'http://10.0.0.1:4280'), /no TLS.*--node-address/)
  assert.match(concern(undefined, 'https://0.0.0.0:4280'), /everywhere.*--node-address/)
  assert.equal(nodeAddress('http://10.0.0.1:4280', 'http://0.0.0.0:4280').address, 'http://10.0.0.1:4280')
  assert.match(concern('http://10.0.0.1:4280', 'http://0.0.0.0:4280'), /reads tokens/)
  assert.match(concern(undefined, 'http://[fe80::1%eth0]:4280'), /--node-address/)
  for (const none of ['node-1', 'ftp://node-1', 'https://user@node-1', 'https://node-1/path', 'https://node-1?query'])
    assert.throws(() => nodeAddress(none, 'http://127.0.0.1:4280'), TypeError, none)
})
