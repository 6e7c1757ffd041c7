import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { firstStart, makeOrganisation, mintFirstToken } from '@headgate/operations'
import { openMemoryDatabase } from '@headgate/store'
import { givenKeySource, newRootKey, openVault, sealedStoreOf } from '@headgate/vault'

async function emptyPlane(t: TestContext) {
  const database = await openMemoryDatabase()
  const vault = await openVault({ database, keySource: givenKeySource(newRootKey()) })
  const sealed = sealedStoreOf(database, vault)
  t.after(() => sealed.close())
  return { ...sealed, now: Date.now, run: (sql: string) => database.write.run(sql) }
}

test('a first start that was cut off before its token is made goes on with it, and makes one token only', async (t) => {
  const plane = await emptyPlane(t)
  const organisation = await makeOrganisation(plane)
  const owner = await plane.store.principals.byName(organisation, 'owner')
  assert.ok(owner)
  assert.equal((await plane.store.tokens.list(organisation, { principal: owner.id })).length, 0)
  const token = await mintFirstToken(plane, organisation)
  assert.match(token?.reveal() ?? '', /^hg_user_/)
  assert.equal(await mintFirstToken(plane, organisation), undefined)
  const [record] = await plane.store.audit.page({ action: 'token.create' })
  assert.equal(record?.actor_name, 'plane')
})

test('an organisation or a first token that somebody took out of the database is not made again', async (t) => {
  const plane = await emptyPlane(t)
  const { organisation } = await firstStart(plane)
  await plane.run('delete from "tokens"')
  assert.equal(await mintFirstToken(plane, organisation), undefined)
  await plane.run('delete from "bindings"')
  await plane.run('delete from "principals"')
  await plane.run('delete from "organisations"')
  await assert.rejects(makeOrganisation(plane), { code: 'DATA_DAMAGED', message: /its organisation is gone/ })
})
