import assert from 'node:assert/strict'
import { GROUPED_SEAL_VERSION, open, seal } from '@headgate/crypto'
import { Secret } from '@headgate/model'
import { type EnvironmentRow, insert } from '@headgate/store'
import { onEachDialect } from './on-each-dialect.ts'
import { auditOf, by, commit, dev, found, inDev, inStaging, openPlace, organisation } from './sealed-folder.ts'

onEachDialect('a secret is sealed, kept, found by its handle and opened', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace())
  await found(sealed)
  const { vault, store } = sealed
  const { handle, id, record } = vault.sealSecret(inDev, new Secret('päss wörd\n'), by.time)
  await commit(sealed, [insert('records', record)])
  assert.equal(vault.readHandle(handle), id)
  assert.deepEqual(vault.handleOf(id), handle)
  const row = (await store.records.get([id])).get(id)
  assert.ok(row)
  const secret = vault.openSecret(inDev, row)
  assert.equal(String(secret), '[secret]')
  assert.equal(secret.reveal(), 'päss wörd\n')
  await sealed.close()
})

onEachDialect('a record does not open for another environment, another organisation, or under another id', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace())
  await found(sealed)
  const { vault } = sealed
  const { record } = vault.sealSecret(inDev, new Secret('value'), by.time)
  const row = { ...record, change: 1, mac: new Uint8Array() }
  assert.throws(() => vault.openSecret(inStaging, row), { code: 'SEAL_TAMPERED' })
  assert.throws(() => vault.openSecret({ ...inDev, organisation: 'o-2' as typeof organisation }, row), { code: 'SEAL_TAMPERED' })
  assert.throws(() => vault.openSecret(inDev, { ...row, id: 'f'.repeat(32) as typeof row.id }), { code: 'SEAL_TAMPERED' })
  await sealed.close()
})

onEachDialect('a handle of another installation is no handle here', async (_, newPlace) => {
  const [here, there] = [await openPlace(await newPlace()), await openPlace(await newPlace())]
  await found(here)
  await found(there)
  const { handle } = there.vault.sealSecret(inDev, new Secret('value'), by.time)
  assert.equal(here.vault.readHandle(handle), undefined)
  assert.equal(here.vault.readHandle(Buffer.from('anything')), undefined)
  await here.close()
  await there.close()
})

onEachDialect('revisions chain, and their text opens only as what it is', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace())
  await found(sealed)
  const { vault, store } = sealed
  const environment = (await store.environments.get(dev)) as EnvironmentRow
  const { writes } = vault.newRevision(environment, 'values:\n  colour: green\n', by)
  await commit(sealed, writes)
  const [second, first] = await store.revisions.list(dev)
  assert.ok(first && second)
  assert.equal(vault.openText(inDev, second), 'values:\n  colour: green\n')
  assert.deepEqual(second.previous, first.hash)
  assert.deepEqual((await store.environments.get(dev))?.head_hash, second.hash)
  for (const wrong of [
    { ...second, sealed: first.sealed },
    { ...second, number: 1 },
    { ...second, hash: first.hash },
    { ...second, previous: null },
  ])
    assert.throws(() => vault.openText(inDev, wrong), { code: 'SEAL_TAMPERED' })
  assert.throws(() => vault.openText(inStaging, second), { code: 'SEAL_TAMPERED' })
  await sealed.close()
})

onEachDialect('a document opens as its kind and its id, and as nothing else', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace())
  await found(sealed)
  const { vault } = sealed
  const document = vault.sealDocument(organisation, 'migration', 'm-1', Buffer.from('{"a":1}'))
  assert.equal(Buffer.from(vault.openDocument(organisation, 'migration', 'm-1', document)).toString(), '{"a":1}')
  assert.throws(() => vault.openDocument(organisation, 'migration', 'm-2', document), { code: 'SEAL_TAMPERED' })
  assert.throws(() => vault.openDocument(organisation, 'secret', 'm-1', document), { code: 'SEAL_TAMPERED' })
  await sealed.close()
})

onEachDialect('audit details are sealed, and come back to who may open them', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace())
  await found(sealed)
  const { change } = await commit(sealed, [], auditOf('environment.open', { paths: ['db.host'], count: 2 }))
  const row = await sealed.store.audit.get(change)
  assert.ok(row)
  assert.ok(!Buffer.from(row.sealed).includes('db.host'))
  assert.deepEqual(sealed.vault.openAudit(row).details, { paths: ['db.host'], count: 2 })
  assert.throws(() => sealed.vault.openAudit({ ...row, digest: Buffer.alloc(32) }), { code: 'SEAL_TAMPERED' })
  assert.throws(() => sealed.vault.openAudit({ ...row, change: change - 1 }), { code: 'SEAL_TAMPERED' })
  await sealed.close()
})

onEachDialect(
  'a record that was sealed with a key of its own opens like one of a group, whether its seal was renewed or is older',
  async (_, newPlace) => {
    const sealed = await openPlace(await newPlace())
    await found(sealed)
    const { vault } = sealed
    const { change } = await commit(sealed, [], auditOf('environment.open', { count: 2 }))
    const row = await sealed.store.audit.get(change)
    assert.ok(row)
    assert.equal(row.sealed[0], GROUPED_SEAL_VERSION)
    const place = { organisation: row.organisation ?? '', environment: '', type: 'audit', id: String(change) }
    const plaintext = open((id) => vault.keyring.find('seal', id), place, row.sealed)
    const alone = { ...row, sealed: seal(vault.keyring.forSealing(place.organisation), place, plaintext) }
    assert.deepEqual(vault.openAudit(alone), vault.openAudit(row))
    assert.throws(() => vault.openAudit({ ...alone, change: change - 1 }), { code: 'SEAL_TAMPERED' })
    await sealed.close()
  },
)

onEachDialect('a token is known by its digest only, and what is no token has none', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace())
  const { token, digest } = sealed.vault.mintToken('user')
  assert.deepEqual(sealed.vault.digestToken(token.reveal()), digest)
  assert.equal(sealed.vault.digestToken('hg_user_wrong'), undefined)
  await sealed.close()
})

onEachDialect('a conflict of revisions names both', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace())
  await found(sealed)
  const environment = (await sealed.store.environments.get(dev)) as EnvironmentRow
  const expect = [{ kind: 'head', environment: dev, revision: 1, name: 'shop/dev' }] as const
  const save = (text: string) =>
    sealed.changes.commit({ expect, writes: sealed.vault.newRevision(environment, text, by).writes, audit: auditOf('environment.write') })
  const [first, second] = await Promise.all([save('a: 1'), save('a: 2')])
  assert.ok(first?.ok)
  assert.ok(second && !second.ok && second.problem.code === 'REVISION_CONFLICT')
  assert.match(second.problem.message, /revision 2.*revision 1/)
  await sealed.close()
})
