import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import Fastify from 'fastify'
import { parentOf, startTraces } from '../src/observing/traces.ts'

test('a request becomes a span of its caller’s trace, with its route and nothing it carried', async (t) => {
  const received: string[] = []
  const collector = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      received.push(Buffer.concat(parts).toString())
      response.end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(collector, 'listening')
  t.after(() => collector.close())
  const { port } = collector.address() as AddressInfo
  const traces = await startTraces({ endpoint: `http://127.0.0.1:${port}/v1/traces`, version: '0.0.0' })
  const app = Fastify()
  traces.observe(app)
  app.post('/things/:name/open', async () => ({ password: 'never-shown-answer' }))
  const trace = '0af7651916cd43dd8448eb211c80319c'
  await app.inject({
    method: 'POST',
    url: '/things/never-shown-name/open?query=never-shown-query',
    headers: { authorization: 'Bearer never-shown-token', traceparent: `00-${trace}-b7ad6b7169203331-01` },
    payload: { body: 'never-shown-body' },
  })
  await app.close()
  await traces.close()
  const sent = received.join('')
  assert.match(sent, new RegExp(trace))
  assert.match(sent, /POST \/things\/:name\/open/)
  assert.match(sent, /http\.response\.status_code/)
  assert.doesNotMatch(sent, /never-shown/)
})

test('a trace header that is none is left aside', () => {
  assert.equal(parentOf('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')?.traceFlags, 1)
  const zeros = `00-${'0'.repeat(32)}-b7ad6b7169203331-01`
  for (const header of [undefined, '', 'x', zeros, '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'])
    assert.equal(parentOf(header), undefined)
})
