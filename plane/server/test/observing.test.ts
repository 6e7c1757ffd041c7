import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import Fastify from 'fastify'
import { Histogram, Registry } from 'prom-client'
import { LatencyHistogram } from '../src/observing/latency-histogram.ts'
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

test('times of requests read as those of prom-client do, by method, route and status', async () => {
  const buckets = [0.001, 0.01, 0.1]
  const registry = new Registry()
  const theirs = new Histogram({
    name: 'seconds',
    help: 'Times',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers: [registry],
  })
  const theirsTogether = new Histogram({ name: 'good_seconds', help: 'Some', buckets, registers: [registry] })
  const ours = new LatencyHistogram('seconds', 'Times', buckets)
  const routes = ['/one/:name', '/two']
  for (let n = 0; n < 500; n += 1) {
    const [method, route, status] = [n % 3 === 0 ? 'GET' : 'POST', routes[n % 2] ?? '', n % 5 === 0 ? 404 : 200]
    // Some on a bound exactly, some above all.
    const seconds = [0, 0.001, 0.0011, 0.01, 0.1, 0.5, 0.0625][n % 7] ?? 0
    theirs.observe({ method, route, status: String(status) }, seconds)
    if (route === '/two' && status === 200) theirsTogether.observe(seconds)
    ours.observe(method, route, status, seconds)
  }
  const lines = (text: string) => text.split('\n').filter((line) => line !== '')
  const together = ours.renderTogether('good_seconds', 'Some', (route, status) => route === '/two' && status === 200)
  const withoutSum = (line: string) => !line.startsWith('good_seconds_sum')
  const read = (text: string) => lines(text).filter(withoutSum).toSorted()
  assert.deepEqual(read(ours.render() + together), read(await registry.metrics()))
  // Added up in another order, so the last digits may differ.
  const sumOf = (text: string) => Number(/^good_seconds_sum (.+)$/m.exec(text)?.[1])
  assert.ok(Math.abs(sumOf(together) - sumOf(await registry.metrics())) < 1e-9)
})
