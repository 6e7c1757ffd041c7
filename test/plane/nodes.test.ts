/** What nodes write down of themselves, and what they believe of each other. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Nodes, createNodes } from '@headgate/operations'
import { type ServedPlane, servePlane } from './served-plane.ts'

const DAY = 24 * 60 * 60 * 1000
const HOP = { to: 'two', request: 'first-asked', client: '192.0.2.1', method: 'GET', url: '/api/v1/targets' }

function nodeOf(t: TestContext, { plane }: ServedPlane, name: string): Nodes {
  const nodes = createNodes(plane, { name, atHome: true, log: () => undefined })
  t.after(() => nodes.close())
  return nodes
}

const addressesOf = async ({ plane }: ServedPlane) =>
  (await plane.store.nodes.list(plane.organisation.id)).map(({ name, address }) => `${name} ${address}`)

const recordsOf = async ({ plane }: ServedPlane) =>
  (await plane.store.audit.page({ limit: 100 })).map(({ action }) => action).filter((action) => action.startsWith('node.'))

test('a node writes down where it is reached when that is another than before, and not at every start', async (t) => {
  const served = await servePlane(t)
  await nodeOf(t, served, 'one').announce('http://127.0.0.1:1')
  await nodeOf(t, served, 'one').announce('http://127.0.0.1:1')
  assert.deepEqual([await addressesOf(served), await recordsOf(served)], [['one http://127.0.0.1:1'], ['node.announce']])
  await nodeOf(t, served, 'one').announce('http://127.0.0.1:2')
  assert.deepEqual(await addressesOf(served), ['one http://127.0.0.1:2'])
  await nodeOf(t, served, 'one').announce(undefined)
  assert.deepEqual(await addressesOf(served), [])
  assert.deepEqual((await recordsOf(served)).toSorted(), ['node.announce', 'node.announce', 'node.withdraw'])
})

test('a node that was away for a week is forgotten by the next that starts, and one that is there is not', async (t) => {
  const served = await servePlane(t)
  await nodeOf(t, served, 'gone').announce('http://127.0.0.1:1')
  served.time += 4 * DAY
  await nodeOf(t, served, 'away').announce('http://127.0.0.1:2')
  served.time += 4 * DAY
  await nodeOf(t, served, 'here').announce('http://127.0.0.1:3')
  assert.deepEqual(await addressesOf(served), ['away http://127.0.0.1:2', 'here http://127.0.0.1:3'])
})

test('only nodes that are there are asked for artifacts, and one that cannot be reached is passed over', async (t) => {
  const served = await servePlane(t)
  await nodeOf(t, served, 'away').announce('http://127.0.0.1:1')
  served.time += DAY
  await nodeOf(t, served, 'two').announce('http://127.0.0.1:2')
  const passed: string[] = []
  const one = createNodes(served.plane, { name: 'one', atHome: true, log: (_, { node }) => void passed.push(String(node)) })
  await one.announce('http://127.0.0.1:3')
  t.after(() => one.close())
  await one.artifacts.ask(async () => assert.fail('nobody is there'))
  assert.deepEqual(passed, ['two'])
})

test('an address that means one’s own machine is of no use to a node that others reach by the network', async (t) => {
  const served = await servePlane(t)
  await nodeOf(t, served, 'two').announce('http://127.0.0.1:2')
  const far = createNodes(served.plane, { name: 'one', atHome: false, log: () => undefined })
  await assert.rejects(far.connect('two'), /its address means its own machine.*--node-address/)
  await assert.rejects(far.connect('nobody'), /it has written no address down.*--node-address/)
})

test('a node shows who it is to whoever asks for it, at the address it has now', async (t) => {
  const served = await servePlane(t)
  const one = nodeOf(t, served, 'one')
  const asked = { node: 'one', address: 'http://127.0.0.1:1', challenge: 'c' }
  assert.equal(one.prove(asked), undefined, 'it has none yet')
  await one.announce(asked.address)
  assert.equal(one.prove(asked), one.prove(asked))
  assert.notEqual(one.prove(asked), one.prove({ ...asked, challenge: 'd' }))
  assert.equal(one.prove({ ...asked, node: 'two' }), undefined)
  assert.equal(one.prove({ ...asked, address: 'http://127.0.0.1:2' }), undefined)
})

test('a hop counts for the request and the node it was written for, for a minute, and with not a byte changed', async (t) => {
  const served = await servePlane(t)
  const [one, two] = [nodeOf(t, served, 'one'), nodeOf(t, served, 'two')]
  const written = one.writeHop(HOP)
  assert.deepEqual(await two.readHop(written, HOP), { ...HOP, from: 'one', time: served.time })
  assert.equal(await one.readHop(written, HOP), undefined, 'it is meant for the other')
  assert.equal(await two.readHop(written, { ...HOP, method: 'POST' }), undefined)
  assert.equal(await two.readHop(written, { ...HOP, url: '/api/v1/targets?more' }), undefined)
  for (let n = 0; n < written.length; n += 1) {
    const other = written[n] === 'A' ? 'B' : 'A'
    // The last character of Base64url may have bits that count for nothing.
    if (n === written.indexOf('.') - 1 || n === written.length - 1) continue
    assert.equal(await two.readHop(`${written.slice(0, n)}${other}${written.slice(n + 1)}`, HOP), undefined, `character ${n}`)
  }
  const of = (content: unknown) => `${Buffer.from(JSON.stringify(content)).toString('base64url')}.${written.split('.')[1]}`
  for (const none of ['', '.', 'x', of(null), of({}), of({ ...HOP, from: 'one', time: '7' }), of([HOP])])
    assert.equal(await two.readHop(none, HOP), undefined, none)
  served.time += 61_000
  assert.equal(await two.readHop(written, HOP), undefined, 'it is too old')
})
