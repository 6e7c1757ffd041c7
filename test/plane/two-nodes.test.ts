import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { Secret } from '@headgate/model'
import { createPlaneClient } from '@headgate/sdk/http'
import { update } from '@headgate/store'
import { eventually } from '../eventually.ts'
import { leaveOut } from '../left-out.ts'
import { postgresDatabase, postgresMissing, sqlOn } from '../postgres-kit.ts'
import { listen } from './event-socket.ts'
import { type ServedPlane, codeOf, main, need, servePlane } from './served-plane.ts'

const missing = postgresMissing()
if (missing !== undefined) leaveOut('two nodes of a plane on PostgreSQL', missing)
else onTwoNodes()

const dev = main('shop', 'dev')

async function twoNodes(t: TestContext): Promise<{ address: Secret; first: ServedPlane; second: ServedPlane }> {
  const address = await postgresDatabase(t)
  const key = new Secret<Uint8Array>(new Uint8Array(randomBytes(32)))
  const first = await servePlane(t, { node: { address, key } })
  const second = await servePlane(t, { node: { address, key, ownerToken: first.ownerToken } })
  return { address, first, second }
}

function onTwoNodes(): void {
  test('what is saved on one node is read and opened on the other at once, and saved there on top of it', async (t) => {
    const { first, second } = await twoNodes(t)
    need(await first.owner.call('createEnvironment', { params: dev, body: { text: 'values:\n  key: {fn::secret: made-up-0}\n' } }))
    for (let n = 1; n <= 10; n += 1) {
      const [here, there] = n % 2 ? [first, second] : [second, first]
      const text = `values:\n  key: {fn::secret: made-up-${n}}\n`
      assert.equal(need(await here.owner.call('saveEnvironment', { params: dev, body: { text, expected: n } })).revision, n + 1)
      assert.deepEqual(need(await there.owner.call('openEnvironment', { params: dev })).values, { key: `made-up-${n}` })
    }
    const saves = [first, second, first, second].map(({ owner }, n) =>
      owner.call('saveEnvironment', { params: dev, body: { text: `values: {n: ${n}}\n`, expected: 11 } }),
    )
    const codes = (await Promise.all(saves)).map((result) => codeOf(result) ?? 'saved')
    assert.deepEqual(codes.toSorted(), ['REVISION_CONFLICT', 'REVISION_CONFLICT', 'REVISION_CONFLICT', 'saved'])
    for (const { owner } of [first, second]) assert.equal(need(await owner.call('verifyAudit', {})).ok, true)
  })

  test('a socket on one node hears what is saved on the other, in order, also after its connection to the database was lost', async (t) => {
    const { address, first, second } = await twoNodes(t)
    need(await first.owner.call('createEnvironment', { params: dev, body: {} }))
    const socket = await listen(t, second, second.ownerToken, { dev: 1 })
    await eventually(() => socket.frames.length === 1)
    const save = async (revision: number) =>
      need(await first.owner.call('saveEnvironment', { params: dev, body: { text: `values: {n: ${revision}}\n`, expected: revision } }))
    const heard = () => socket.frames.flatMap((frame) => (frame.type === 'revision' ? [frame.revision] : []))
    for (let revision = 1; revision <= 8; revision += 1) await save(revision)
    await eventually(() => heard().at(-1) === 9)
    for (let round = 0; round < 3; round += 1) {
      const at = heard().at(-1) ?? 0
      await sqlOn(
        address,
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'headgate listen' and datname = current_database()`,
      )
      await save(at)
      await eventually(() => heard().at(-1) === at + 1)
    }
    assert.deepEqual(
      heard(),
      heard().toSorted((a, b) => a - b),
    )
  })

  test('a right, a token and an environment that are taken away on one node are gone on the other', async (t) => {
    const { first, second } = await twoNodes(t)
    need(await first.owner.call('createEnvironment', { params: dev, body: { text: 'values: {a: 1}\n' } }))
    const user = await first.user('someone', [{ effect: 'allow', permissions: ['read', 'open'], environments: ['main/*/*'] }])
    const there = createPlaneClient({ url: second.url, token: user.token })
    assert.equal(codeOf(await there.call('openEnvironment', { params: dev })), undefined)
    const socket = await listen(t, second, user.token)
    await eventually(() => socket.frames.length >= 1)
    const [binding] = (await first.plane.store.bindings.list(first.plane.organisation.id)).filter(({ role }) => role === 'role-of-someone')
    assert.ok(binding)
    await first.write([update('bindings', binding, { expires_at: 1 })])
    // The other node hears of it, or looks again after half a second at the latest.
    await eventually(async () => codeOf(await there.call('openEnvironment', { params: dev })) !== undefined)
    const row = await first.plane.store.tokens.get(user.tokenId)
    assert.ok(row)
    await first.write([update('tokens', row, { revoked_at: first.time })])
    await eventually(async () => codeOf(await there.call('getSession', {})) === 'TOKEN_REVOKED')
    await eventually(() => socket.closed() === 4401)
    need(await first.owner.call('deleteEnvironment', { params: dev }))
    await eventually(async () => codeOf(await second.owner.call('readEnvironment', { params: dev })) === 'ENV_NOT_FOUND')
  })
}
