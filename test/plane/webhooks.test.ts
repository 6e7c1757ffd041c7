import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { type IncomingHttpHeaders, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { eventually } from '../eventually.ts'
import { type ServedPlane, codeOf, main, need, servePlane } from './served-plane.ts'

const params = main('shop', 'dev')

interface Receiver {
  readonly url: string
  readonly received: { readonly headers: IncomingHttpHeaders; readonly body: string }[]
  /** What it answers from now on. */
  status: number
}

async function startReceiver(context: TestContext): Promise<Receiver> {
  const received: Receiver['received'] = []
  const receiver = { url: '', received, status: 200 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') })
      response.writeHead(receiver.status, { location: 'http://169.254.169.254/' }).end('heard')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return receiver
}

async function ground(context: TestContext): Promise<{ plane: ServedPlane; receiver: Receiver }> {
  const receiver = await startReceiver(context)
  const plane = await servePlane(context, { webhookAddresses: [receiver.url], background: true })
  need(await plane.owner.call('createEnvironment', { params, body: { text: 'values: {pw: {fn::secret: made-up-secret}}\n' } }))
  return { plane, receiver }
}

test('a webhook hears of a new revision, signed, and without a value', async (t) => {
  const { plane, receiver } = await ground(t)
  const secret = 'made-up-signing-secret'
  need(await plane.owner.call('createWebhook', { params, body: { displayName: 'x', url: `${receiver.url}/hook`, secret } }))
  need(await plane.owner.call('saveEnvironment', { params, body: { text: 'values: {a: {fn::secret: made-up-secret}}\n', expected: 1 } }))
  await eventually(() => {
    assert.equal(receiver.received.length, 1)
    return true
  })
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
  assert.equal(headers['pulumi-webhook-signature'], createHmac('sha256', secret).update(body).digest('hex'))
  const { kind, environment, revision, user } = JSON.parse(body) as Record<string, unknown>
  assert.deepEqual([kind, environment, revision, user], ['environment_revision_created', 'dev', 2, 'owner'])
  assert.doesNotMatch(body, /made-up/)
  await eventually(async () => {
    const { records } = need(await plane.owner.call('listAudit', { query: { action: 'webhook.deliver' } }))
    assert.deepEqual(
      records.map(({ outcome }) => outcome),
      ['ok'],
    )
    return true
  })
  const { webhooks } = need(await plane.owner.call('listWebhooks', { params }))
  assert.deepEqual(
    webhooks.map(({ webhook, hasSecret }) => [webhook, hasSecret]),
    [['hook-1', true]],
  )
  assert.doesNotMatch(JSON.stringify(webhooks), /signing-secret/)
})

test('a message that is not taken is tried again later and later, and given up in the end', async (t) => {
  const { plane, receiver } = await ground(t)
  receiver.status = 500
  need(await plane.owner.call('createWebhook', { params, body: { webhook: 'w', displayName: 'x', url: receiver.url } }))
  need(await plane.owner.call('setLabel', { params: { ...params, label: 'a' }, body: { value: 'b' } }))
  const deliveries = async () => need(await plane.owner.call('listDeliveries', { params: { ...params, webhook: 'w' } })).deliveries
  for (let attempt = 1; attempt <= 8; attempt++) {
    await eventually(async () => {
      assert.equal((await deliveries())[0]?.attempts, attempt)
      return true
    })
    assert.equal(receiver.received.length, attempt)
    plane.time += 10_000 * 3 ** (attempt - 1)
  }
  const [given] = await deliveries()
  assert.deepEqual([given?.state, given?.status, given?.response], ['failed', 500, 'heard'])
  receiver.status = 200
  const again = need(
    await plane.owner.call('redeliver', { params: { ...params, webhook: 'w', delivery: given?.delivery ?? '' }, body: {} }),
  )
  assert.deepEqual([again.state, again.payload], ['delivered', given?.payload])
})

test('only the kinds a webhook asks for are sent, and none while it is off', async (t) => {
  const { plane, receiver } = await ground(t)
  const body = { webhook: 'w', displayName: 'x', url: receiver.url, filters: ['environment_tag_created'] }
  need(await plane.owner.call('createWebhook', { params, body }))
  need(await plane.owner.call('moveTag', { params: { ...params, tag: 'stable' }, body: { revision: 1 } }))
  need(await plane.owner.call('setLabel', { params: { ...params, label: 'a' }, body: { value: 'b' } }))
  await eventually(() => {
    assert.equal(receiver.received.length, 1)
    return true
  })
  assert.equal(receiver.received[0]?.headers['pulumi-webhook-kind'], 'environment_tag_created')
  need(await plane.owner.call('changeWebhook', { params: { ...params, webhook: 'w' }, body: { active: false } }))
  need(await plane.owner.call('setLabel', { params: { ...params, label: 'c' }, body: { value: 'd' } }))
  assert.equal(need(await plane.owner.call('listDeliveries', { params: { ...params, webhook: 'w' } })).deliveries.length, 1)
})

test('a ping says what came of it, and a redirect is not followed', async (t) => {
  const { plane, receiver } = await ground(t)
  receiver.status = 302
  need(await plane.owner.call('createWebhook', { params, body: { webhook: 'w', displayName: 'x', url: receiver.url, format: 'slack' } }))
  const sent = need(await plane.owner.call('pingWebhook', { params: { ...params, webhook: 'w' }, body: {} }))
  assert.deepEqual([sent.status, sent.state, receiver.received.length], [302, 'failed', 1])
  assert.deepEqual(Object.keys(JSON.parse(receiver.received[0]?.body || '{}') as object), ['text'])
})

test('addresses the operator does not list are refused, link-local ones whatever is listed', async (t) => {
  const receiver = await startReceiver(t)
  const plane = await servePlane(t, { webhookAddresses: [receiver.url, 'http://169.254.169.254'] })
  need(await plane.owner.call('createEnvironment', { params, body: {} }))
  for (const url of [
    'https://hooks.example.org/made-up-token',
    'http://169.254.169.254/made-up-token',
    'http://[fe80::1]/',
    'file:///etc/passwd',
    'nonsense',
    `http://user:made-up-token@${new URL(receiver.url).host}/`,
  ]) {
    const refused = await plane.owner.call('createWebhook', { params, body: { displayName: 'x', url } })
    assert.match(codeOf(refused) ?? 'it was kept', /^WEBHOOK_(?:ADDRESS_REFUSED|INVALID)$/, url)
    assert.doesNotMatch(JSON.stringify(refused), /made-up-token/)
  }
})
