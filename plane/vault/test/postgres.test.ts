import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type EnvironmentId, type OrganisationId, type RecordId, Secret, idOf } from '@headgate/model'
import { insert } from '@headgate/store'
import { type SealedStore, keyFileSource, restoreBackup, verifyAudit, writeBackup } from '@headgate/vault'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { leaveOut } from '../../../test/left-out.ts'
import { postgresDatabase, postgresMissing, sqlOn } from '../../../test/postgres-kit.ts'
import { addSecrets, begin, everything, finish, keysInUse } from './rotated-folder.ts'
import { type Place, by, commit, dev, inDev, openPlace, organisation, populate, temporaryPlace } from './sealed-folder.ts'

const missing = postgresMissing()
if (missing !== undefined) leaveOut('the vault on PostgreSQL', missing)
else {
  onTwoNodes()
  rewinding()
  backups()
}

async function postgresPlace(t: TestContext): Promise<Place & { readonly address: Secret }> {
  return { ...temporaryPlace(t), address: await postgresDatabase(t) }
}

/** A second node of the same installation: a data folder of its own, the same database and key. */
function nodeBeside(t: TestContext, { keyFile, address }: Place): Place {
  return { ...temporaryPlace(t), keyFile, ...(address ? { address } : {}) }
}

function onTwoNodes(): void {
  test('what one node seals the other opens, with keys made after it was started', async (t) => {
    const place = await postgresPlace(t)
    const first = await openPlace(place)
    const second = await openPlace(nodeBeside(t, place))
    t.after(() => Promise.all([first.close(), second.close()]))
    await populate(first)
    for (let n = 0; n < 5; n += 1) {
      const other: OrganisationId = idOf(`o-later-${n}`)
      const environment: EnvironmentId = idOf(`e-later-${n}`)
      await commit(first, [
        insert('organisations', { id: other, name: `later-${n}`, created_at: by.time }),
        ...first.vault.newOrganisation(other, by.time),
      ])
      const where = { organisation: other, environment }
      const { record, id } = first.vault.sealSecret(where, new Secret(`made on the first ${n}`), by.time)
      const named = { id: environment, organisation: other, project: 'shop', name: 'dev' }
      await commit(first, [...first.vault.newEnvironment(named, 'values: {}\n', by).writes, insert('records', record)])
      const row = (await second.store.records.get([id])).get(id)
      assert.ok(row)
      assert.equal(second.vault.openSecret(where, row).reveal(), `made on the first ${n}`)
      await commit(second, [])
    }
    for (const node of [first, second]) assert.deepEqual((await verifyAudit(node)).findings, [])
  })

  test('keys are rotated on one node while the other seals and opens: nothing is left under an old key, and both go on', async (t) => {
    const place = await postgresPlace(t)
    const first = await openPlace(place, { rotation: { batch: 20, threadFrom: 1 } })
    const beside = nodeBeside(t, place)
    const second = await openPlace(beside, { rotation: { batch: 20 } })
    t.after(() => Promise.all([first.close(), second.close()]))
    await populate(first)
    await addSecrets(first, 30)
    const before = new Set(
      [...first.vault.keyring.all()].filter(({ purpose }) => purpose === 'seal' || purpose === 'mac').map(({ id }) => id),
    )
    const sealedThere: { id: RecordId; value: string }[] = []
    await begin(first, await first.keys.planStart(everything))
    const busy = (async () => {
      for (let n = 0, moving = true; moving; n += 1) {
        const value = `made on the second ${n}`
        const { record, id } = second.vault.sealSecret(inDev, new Secret(value), by.time)
        await commit(second, [insert('records', record)])
        sealedThere.push({ id, value })
        moving = (await first.keys.show()).rotation?.state === 'moving'
      }
    })()
    await Promise.all([busy, first.keys.idle()])
    assert.equal((await first.keys.show()).rotation?.state, 'moved')
    await finish(first)
    await second.keys.idle()
    for (const node of [first, second]) {
      const inUse = await keysInUse(node)
      for (const id of before) assert.ok(!inUse.has(id), id)
      for (const { id, value } of sealedThere) {
        const row = (await node.store.records.get([id])).get(id)
        assert.ok(row)
        assert.equal(node.vault.openSecret(inDev, row).reveal(), value)
      }
      await commit(node, [insert('records', node.vault.sealSecret(inDev, new Secret('after'), by.time).record)])
      assert.deepEqual((await verifyAudit(node)).findings, [])
    }
  })

  test('two nodes that start at once for the first time have one keyring', async (t) => {
    const place = await postgresPlace(t)
    const nodes = await Promise.all([place, nodeBeside(t, place), nodeBeside(t, place)].map((each) => openPlace(each)))
    assert.equal(nodes.filter(({ created }) => created).length, 1)
    const { token, digest } = (nodes[0] as SealedStore).vault.mintToken('user')
    for (const { vault } of nodes) assert.deepEqual(vault.digestToken(token.reveal()), digest)
    for (const node of nodes) await node.close()
  })
}

function rewinding(): void {
  test('an older copy of the whole database is refused at the start, and a log rewound under a working node at its next commit', async (t) => {
    const place = await postgresPlace(t)
    const { address } = place
    const sealed = await openPlace(place)
    await populate(sealed)
    const tail = `where leaf >= (select max(leaf) from audit)`
    await sqlOn(address, `create table kept as select * from audit ${tail}; delete from audit ${tail}`)
    await assert.rejects(commit(sealed, []), { code: 'DATA_ROLLED_BACK' })
    await sqlOn(address, 'insert into audit select * from kept; drop table kept')
    await commit(sealed, [])
    await sealed.close()
    const name = new URL(address.reveal()).pathname.slice(1)
    const elsewhere = new URL(address.reveal())
    elsewhere.pathname = '/postgres'
    const older = new URL(address.reveal())
    older.pathname = `/${name}_older`
    await sqlOn(new Secret(elsewhere.href), `create database "${name}_older" template "${name}"`)
    const again = await openPlace(place)
    await commit(again, [])
    await again.close()
    await assert.rejects(openPlace({ ...place, address: new Secret(older.href) }), { code: 'DATA_ROLLED_BACK' })
    await sqlOn(new Secret(elsewhere.href), `drop database "${name}_older"`)
  })
}

function backups(): void {
  const backupOf = async ({ database, vault }: SealedStore, recipient: string): Promise<Buffer> => {
    const chunks: Uint8Array[] = []
    const to = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) })
    await writeBackup({ database, vault, to, lock: { recipients: [recipient] } })
    return Buffer.concat(chunks)
  }
  const restore = (bytes: Uint8Array, identity: string, { folder, keyFile, address }: Place) =>
    restoreBackup({
      from: ReadableStream.from<Uint8Array>([bytes]),
      unlock: { identities: [new Secret(identity)] },
      folder,
      ...(address ? { address } : {}),
      keySource: keyFileSource({ file: keyFile }),
    })

  for (const [from, to] of [
    ['sqlite', 'postgres'],
    ['postgres', 'sqlite'],
    ['postgres', 'postgres'],
  ] as const) {
    test(`a back-up of ${from} is restored to ${to}, verifies, and opens every secret`, async (t) => {
      const placeOf = async (dialect: string): Promise<Place> => (dialect === 'postgres' ? postgresPlace(t) : temporaryPlace(t))
      const [source, target] = [await placeOf(from), await placeOf(to)]
      const identity = await generateIdentity()
      const sealed = await openPlace(source)
      await populate(sealed)
      const { record, id } = sealed.vault.sealSecret(inDev, new Secret('päss wörd\n'), by.time)
      await commit(sealed, [insert('records', record)])
      const [bytes] = await Promise.all([
        backupOf(sealed, await identityToRecipient(identity)),
        ...Array.from({ length: 30 }, (_, n) => commit(sealed, [insert('projects', { organisation, name: `p${n}`, created_at: n })])),
      ])
      await sealed.close()
      const report = await restore(bytes, identity, target)
      assert.ok(report.verified.ok)
      assert.equal(existsSync(join(target.folder, 'headgate.db')), to === 'sqlite')
      const restored = await openPlace(target)
      const row = (await restored.store.records.get([id])).get(id)
      assert.ok(row)
      assert.equal(restored.vault.openSecret(inDev, row).reveal(), 'päss wörd\n')
      assert.equal((await restored.store.audit.page({ order: 'newest', limit: 1 }))[0]?.action, 'backup.restore')
      await commit(restored, [insert('projects', { organisation, name: 'after', created_at: 1 })])
      const texts = (await restored.store.revisions.list(dev)).map((revision) => restored.vault.openText(inDev, revision))
      assert.equal(texts.length, 3)
      assert.deepEqual((await verifyAudit(restored)).findings, [])
      await restored.close()
    })
  }

  test('a database that is in use is not restored into, and what fails leaves it and the folder empty', async (t) => {
    const [source, used, target] = [temporaryPlace(t), await postgresPlace(t), await postgresPlace(t)]
    const identity = await generateIdentity()
    const sealed = await openPlace(source)
    await populate(sealed)
    const bytes = await backupOf(sealed, await identityToRecipient(identity))
    await sealed.close()
    await (await openPlace(used)).close()
    await assert.rejects(restore(bytes, identity, { ...temporaryPlace(t), address: used.address }), { code: 'RESTORE_NOT_EMPTY' })
    await keyFileSource({ file: target.keyFile }).store('any', new Secret(Buffer.alloc(32, 7)))
    await assert.rejects(restore(bytes, identity, target), { code: 'KEY_EXISTS' })
    assert.deepEqual(await sqlOn(target.address, `select 1 from pg_tables where tablename = 'audit'`), [])
    assert.deepEqual(readdirSync(target.root), ['keys'])
  })
}
