import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Secret } from '@headgate/model'
import { DATABASE_FILE, type EnvironmentRow, type TableName, insert, tables, update } from '@headgate/store'
import { keyFileSource, passphraseKeySource, restoreBackup, verifyAudit, writeBackup } from '@headgate/vault'
import { sealedTables } from '../src/rotation/seal-places.ts'
import { onEachDialect } from './on-each-dialect.ts'
import {
  addOrganisations,
  addSecrets,
  addUnprotected,
  begin,
  dataOnly,
  everything,
  finish,
  keysInUse,
  requireIntact,
  rootOnly,
  saidBy,
  start,
  undo,
} from './rotated-folder.ts'
import { auditOf, by, commit, dev, found, inDev, openPlace, organisation, populate, temporaryPlace } from './sealed-folder.ts'

onEachDialect('every key is rotated while reads and writes go on, and nothing that was said changes', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace(), { rotation: { batch: 20, threadFrom: 1 } })
  await populate(sealed)
  await addUnprotected(sealed)
  await addSecrets(sealed, 30)
  const before = new Set(
    [...sealed.vault.keyring.all()].filter(({ purpose }) => purpose === 'seal' || purpose === 'mac').map(({ id }) => id),
  )
  const root = sealed.vault.keyring.rootId()
  const said = await saidBy(sealed)
  const plan = await sealed.keys.planStart(everything)
  await begin(sealed, plan)
  let rounds = 0
  const busy = (async () => {
    for (let moving = true; moving; rounds += 1) {
      assert.deepEqual((await saidBy(sealed)).secrets.slice(0, 5).length, 5)
      const environment = (await sealed.store.environments.get(dev)) as EnvironmentRow
      await commit(sealed, sealed.vault.newRevision(environment, `values: { n: ${rounds} }`, by).writes, auditOf('environment.save'))
      moving = (await sealed.keys.show()).rotation?.state === 'moving'
    }
  })()
  await Promise.all([busy, sealed.keys.idle()])
  const { rotation } = await sealed.keys.show()
  assert.equal(rotation?.state, 'moved')
  assert.equal(rotation.proof?.underOld, 0)
  assert.ok((rotation.proof?.rows ?? 0) > 100 && rounds > 1, `${rotation.proof?.rows} rows, ${rounds} rounds`)
  await finish(sealed)
  assert.equal((await sealed.keys.show()).rotation?.state, 'finished')
  const inUse = await keysInUse(sealed)
  for (const id of [...before, root]) assert.ok(!inUse.has(id), id)
  assert.deepEqual(
    [...sealed.vault.keyring.all()].filter(({ id }) => before.has(id)),
    [],
  )
  const after = await saidBy(sealed)
  assert.deepEqual(after.secrets, said.secrets)
  assert.deepEqual(
    after.revisions.filter(([id, number]) => id !== dev || number <= 3),
    said.revisions.filter(([id, number]) => id !== dev || number <= 3),
  )
  assert.deepEqual(after.audit.slice(0, said.audit.length), said.audit)
  assert.deepEqual((await verifyAudit(sealed)).findings, [])
  const actions = (await sealed.store.audit.page({ order: 'oldest', limit: 1_000 }))
    .map(({ action }) => action)
    .filter((action) => action.startsWith('keys.'))
  assert.deepEqual(
    [...new Set(actions)],
    ['keys.rotate', 'keys.replace', 'keys.renew', 'keys.moved', 'keys.finish', 'keys.remove', 'keys.finished'],
  )
  await sealed.close()
})

test('a rotated folder opens with its new key alone, and a copy of the old key opens nothing', async (t) => {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place)
  await populate(sealed)
  const said = await saidBy(sealed)
  const oldKey = readFileSync(place.keyFile)
  await start(sealed, rootOnly)
  assert.notDeepEqual(readFileSync(place.keyFile), oldKey)
  const { writeFileSync } = await import('node:fs')
  const copy = join(place.root, 'old.key')
  writeFileSync(copy, oldKey, { mode: 0o600 })
  await sealed.close()
  // Until it is finished, either opens everything.
  for (const keyFile of [copy, place.keyFile]) {
    const window = await openPlace({ ...place, keyFile })
    await requireIntact(window, said)
    await window.close()
  }
  const again = await openPlace(place)
  await finish(again)
  await again.close()
  await assert.rejects(openPlace({ ...place, keyFile: copy }), { code: 'KEY_WRONG' })
  const last = await openPlace(place)
  await requireIntact(last, said)
  await last.close()
})

for (const request of [rootOnly, dataOnly, everything])
  test(`undone, a rotation of ${request.what} leaves the old keys and none of the new ones`, async (t) => {
    const place = temporaryPlace(t)
    const sealed = await openPlace(place, { rotation: { batch: 11, threadFrom: 1 } })
    await populate(sealed)
    const said = await saidBy(sealed)
    const file = readFileSync(place.keyFile)
    const idsOf = () => [...sealed.vault.keyring.all()].map(({ id, active }) => `${id} ${active}`).toSorted()
    const keys = idsOf()
    await start(sealed, request)
    await undo(sealed)
    assert.equal((await sealed.keys.show()).rotation?.state, 'undone')
    assert.deepEqual(idsOf(), keys)
    assert.deepEqual(readFileSync(place.keyFile), file)
    await requireIntact(sealed, said)
    await sealed.close()
    const again = await openPlace(place)
    await requireIntact(again, said)
    await again.close()
  })

onEachDialect('keys of many organisations are replaced some at a time, and undone half way each is back', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace(), { rotation: { batch: 4 } })
  await populate(sealed)
  await addOrganisations(sealed, 22)
  const said = await saidBy(sealed)
  const keysNow = () => [...sealed.vault.keyring.all()].map(({ id, active }) => `${id} ${active}`).toSorted()
  const keys = keysNow()
  let turned: Promise<void> | undefined
  const deafen = sealed.store.onCommit(({ tables }) => {
    if (tables.includes('key_records')) turned ??= sealed.keys.planUndo().then((plan) => begin(sealed, plan, 'keys.undo'))
  })
  await begin(sealed, await sealed.keys.planStart(dataOnly))
  await sealed.keys.idle()
  await turned
  await sealed.keys.idle()
  deafen()
  assert.equal((await sealed.keys.show()).rotation?.state, 'undone')
  assert.deepEqual(keysNow(), keys)
  await requireIntact(sealed, said)
  const replaced = async () =>
    (await sealed.store.audit.page({ order: 'oldest', limit: 1_000 }))
      .filter(({ action }) => action === 'keys.replace' || action === 'keys.remove')
      .map((row) => Number(sealed.vault.openAudit(row).details?.['rows']))
  const begun = await replaced()
  await start(sealed, everything)
  await finish(sealed)
  assert.equal(keysNow().filter((key) => keys.includes(key)).length, 3, 'the keys of handles, tokens and the log stay')
  const rows = await replaced()
  assert.ok(rows.length > begun.length + 10 && Math.max(...rows) === 8, `${rows.length} Changes of at most ${Math.max(...rows)} rows`)
  await requireIntact(sealed, said)
  await sealed.close()
})

test('one that reads a row before a rotation and writes it afterwards has no conflict', async (t) => {
  const sealed = await openPlace(temporaryPlace(t))
  await populate(sealed)
  const tag = await sealed.store.tags.get(dev, 'one')
  const environment = (await sealed.store.environments.get(dev)) as EnvironmentRow
  const { record } = sealed.vault.sealSecret(inDev, new Secret('sealed before'), by.time)
  assert.ok(tag)
  await start(sealed, dataOnly)
  await commit(sealed, [update('tags', tag, { revision: 3 }), insert('records', record)])
  await commit(sealed, sealed.vault.newRevision(environment, 'values: {}', by).writes)
  await finish(sealed)
  // What was sealed with the old key is not lost with it.
  const row = (await sealed.store.records.get([record.id])).get(record.id)
  assert.ok(row)
  assert.equal(sealed.vault.openSecret(inDev, row).reveal(), 'sealed before')
  assert.deepEqual((await verifyAudit(sealed)).findings, [])
  await sealed.close()
})

test('of two rotations that begin at once one is a conflict, and a second is refused while one is under way', async (t) => {
  const sealed = await openPlace(temporaryPlace(t))
  await found(sealed)
  const [left, right] = [await sealed.keys.planStart(dataOnly), await sealed.keys.planStart(rootOnly)]
  assert.ok(left.ok && right.ok)
  const results = await Promise.all(
    [left.value, right.value].map(({ expect, writes }) => sealed.changes.commit({ expect, writes, audit: auditOf('keys.rotate') })),
  )
  assert.deepEqual(
    results.map((result) => result.ok).toSorted((a, b) => Number(a) - Number(b)),
    [false, true],
  )
  await sealed.keys.idle()
  const refused = await sealed.keys.planStart(everything)
  assert.ok(!refused.ok && refused.problem.code === 'ROTATION_RUNNING')
  await finish(sealed)
  assert.ok(!(await sealed.keys.planUndo()).ok)
  await start(sealed, rootOnly)
  await sealed.close()
})

test('a rotation does not vouch for a row that was changed outside: it is refused, or stops there', async (t) => {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place)
  await populate(sealed)
  const raw = new DatabaseSync(join(place.folder, DATABASE_FILE))
  const role = raw.prepare(`select role from bindings where id = 'b-one'`).get() as { role: string }
  const forge = (to: string) => raw.prepare(`update bindings set role = ? where id = 'b-one'`).run(to)
  forge('owner')
  const refused = await sealed.keys.planStart(dataOnly)
  assert.ok(!refused.ok && refused.problem.code === 'ROTATION_UNVERIFIED')
  forge(role.role)
  const plan = await sealed.keys.planStart(dataOnly)
  forge('owner')
  await begin(sealed, plan)
  await sealed.keys.idle()
  const { rotation } = await sealed.keys.show()
  assert.equal(rotation?.state, 'moving')
  assert.equal(rotation?.problem?.code, 'ROW_TAMPERED')
  forge(role.role)
  sealed.keys.resume()
  await sealed.keys.idle()
  assert.equal((await sealed.keys.show()).rotation?.state, 'moved')
  raw.close()
  await finish(sealed)
  assert.deepEqual((await verifyAudit(sealed)).findings, [])
  await sealed.close()
})

test('a back-up that is taken during a rotation is restored, goes on with it and finishes it', async (t) => {
  const [place, target] = [temporaryPlace(t), temporaryPlace(t)]
  const passphrase = new Secret(randomBytes(12).toString('hex'))
  let backup: Promise<Buffer> | undefined
  const take = async () => {
    const chunks: Uint8Array[] = []
    const to = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) })
    await writeBackup({ database: sealed.database, vault: sealed.vault, to, lock: { passphrase, workFactor: 10 } })
    return Buffer.concat(chunks)
  }
  const sealed = await openPlace(place, { rotation: { batch: 3, onBatch: ({ renewed }) => void (renewed > 20 && (backup ??= take())) } })
  await populate(sealed)
  const said = await saidBy(sealed)
  await start(sealed, everything)
  const bytes = await backup
  assert.ok(bytes)
  await finish(sealed)
  await sealed.close()
  await restoreBackup({
    from: ReadableStream.from<Uint8Array>([bytes]),
    unlock: { passphrase },
    folder: target.folder,
    keySource: keyFileSource({ file: target.keyFile }),
  })
  const restored = await openPlace(target)
  assert.equal((await restored.keys.show()).rotation?.state, 'moving')
  restored.keys.resume()
  await restored.keys.idle()
  await finish(restored)
  const after = await saidBy(restored)
  assert.deepEqual([after.secrets, after.revisions], [said.secrets, said.revisions])
  assert.deepEqual((await verifyAudit(restored)).findings, [])
  await restored.close()
})

test('a back-up is restored to another source of the root key, which then opens it, and the one before does not', async (t) => {
  const [place, target] = [temporaryPlace(t), temporaryPlace(t)]
  const lock = { passphrase: new Secret(randomBytes(12).toString('hex')) }
  const sealed = await openPlace(place)
  await populate(sealed)
  const said = await saidBy(sealed)
  const chunks: Uint8Array[] = []
  const to = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) })
  await writeBackup({ database: sealed.database, vault: sealed.vault, to, lock: { ...lock, workFactor: 10 } })
  await sealed.close()
  const keySource = () => passphraseKeySource(new Secret('correct horse battery'))
  await restoreBackup({ from: ReadableStream.from<Uint8Array>(chunks), unlock: lock, folder: target.folder, keySource: keySource() })
  const restored = await openPlace(target, { keySource: keySource() })
  assert.deepEqual((await saidBy(restored)).secrets, said.secrets)
  assert.deepEqual((await verifyAudit(restored)).findings, [])
  await restored.close()
  await assert.rejects(openPlace(target), { code: 'KEY_MISSING' })
})

test('a data key makes room for the next when it has sealed enough, and when it is old', async (t) => {
  let time = by.time
  const place = temporaryPlace(t)
  const sealed = await openPlace(place, { now: () => time, limits: { seals: 20, age: 1_000_000 } })
  await found(sealed)
  const sealKeys = () => [...sealed.vault.keyring.all()].filter((ring) => ring.purpose === 'seal' && ring.organisation === organisation)
  for (let n = 0; n < 30; n += 1) await addSecrets(sealed, 1)
  assert.ok(sealKeys().length >= 2, `${sealKeys().length} keys`)
  assert.equal(sealKeys().filter(({ active }) => active).length, 1)
  const count = sealKeys().length
  time += 1_000_000
  await addSecrets(sealed, 1)
  await sealed.close()
  assert.ok(sealKeys().length === 0, 'a closed keyring holds nothing')
  const again = await openPlace(place, { now: () => time })
  const said = await saidBy(again)
  assert.equal(said.secrets.length, 31)
  assert.ok([...again.vault.keyring.all()].filter((ring) => ring.organisation === organisation).length > count)
  await start(again, dataOnly)
  await finish(again)
  assert.deepEqual([...again.vault.keyring.all()].filter((ring) => ring.purpose === 'seal' && ring.organisation === organisation).length, 1)
  await requireIntact(again, said)
  await again.close()
})

test('every table with a sealed column says where its seals belong', () => {
  const withSeals = (Object.keys(tables) as TableName[]).filter((table) => 'sealed' in tables[table].columns)
  assert.deepEqual(sealedTables().toSorted(), withSeals.toSorted())
})
