import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Secret } from '@headgate/model'
import { type EnvironmentRow, insert } from '@headgate/store'
import { verifyAudit } from '@headgate/vault'
import { startProcess } from '../../../test/child-process.ts'
import { seed, times } from '../../../test/proving.ts'
import { onEachDialect } from './on-each-dialect.ts'
import { type Place, auditOf, by, commit, dev, found, inDev, openPlace, organisation, owner, temporaryPlace } from './sealed-folder.ts'

const ROUNDS = times({ short: 4, long: 200 })

onEachDialect(
  'killed at any time while writing, a plane has lost nothing it acknowledged and nothing half-written is there',
  async (t, newPlace) => {
    const place = await newPlace()
    const sealed = await openPlace(place)
    await found(sealed)
    await sealed.close()
    const acknowledged: string[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const lines = await writeUntilKilled(t, place, round, 30 + ((seed >>> (round % 8)) % 120))
      acknowledged.push(...lines)
      const reopened = await openPlace(place)
      const report = await verifyAudit(reopened)
      assert.deepEqual(report.findings, [], `seed ${seed}, round ${round}`)
      const there = new Set((await reopened.store.projects.list(organisation)).map((project) => project.name))
      const lost = acknowledged.filter((name) => !there.has(name))
      assert.deepEqual(lost, [], `seed ${seed}, round ${round}`)
      // Each change writes a project and a tag of the same name: both or neither.
      const tags = new Set((await reopened.store.tags.list(dev)).map((tag) => tag.name))
      assert.deepEqual([...there].filter((name) => name !== 'shop').toSorted(), [...tags].toSorted())
      await reopened.close()
    }
    assert.ok(acknowledged.length > ROUNDS, `${acknowledged.length} acknowledged`)
  },
)

/** Lets a process write and kills it some milliseconds after its first acknowledgement. Answers what it acknowledged. */
async function writeUntilKilled(t: TestContext, { folder, keyFile, address }: Place, round: number, after: number): Promise<string[]> {
  const words = ['--conditions=source', join(import.meta.dirname, 'write-until-killed.ts'), folder, keyFile, String(round)]
  const env = { ...process.env, ...(address ? { HEADGATE_DATABASE: address.reveal() } : {}) }
  const writer = startProcess(t, ['node', ...words], { env })
  await writer.line(/^p-/)
  await setTimeout(after)
  await writer.killGroup()
  const { stdout, stderr } = await writer.ended()
  assert.equal(stderr, '')
  // The last line may have been cut in the middle.
  return stdout.split('\n').slice(0, -1)
}

test('a full disk refuses what is on its way, changes nothing, and is got over without a restart', async (t) => {
  const sealed = await openPlace(temporaryPlace(t))
  await found(sealed)
  const { database, store, changes } = sealed
  const size = await store.audit.size()
  const [{ page_count: pages } = { page_count: 0 }] = await database.write.all('pragma page_count')
  await database.write.all(`pragma max_page_count = ${pages}`)
  const big = { expect: [], writes: [], audit: auditOf('test.write', { filler: randomBytes(60_000).toString('hex') }) }
  const failed = await Promise.allSettled(Array.from({ length: 20 }, () => changes.commit(big)))
  for (const each of failed) {
    assert.equal(each.status, 'rejected')
    assert.equal(each.reason.code, 'STORE_UNAVAILABLE')
    assert.match(each.reason.message, /disk is full/)
  }
  assert.equal(await store.audit.size(), size)
  await database.write.all('pragma max_page_count = 1000000')
  assert.ok((await changes.commit(big)).ok)
  assert.equal(await store.audit.size(), size + 1)
  assert.deepEqual((await verifyAudit(sealed)).findings, [])
  await sealed.close()
})

onEachDialect('what changes share a commit are conflicts and successes side by side, and the log fits', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace())
  await found(sealed)
  const { changes, store, vault } = sealed
  const before = store.statistics()
  const environment = (await store.environments.get(dev)) as EnvironmentRow
  const results = await Promise.all(
    Array.from({ length: 64 }, (_, n) =>
      changes.commit({
        expect: [{ kind: 'head', environment: dev, revision: 1, name: 'shop/dev' }],
        writes: vault.newRevision(environment, `values: { n: ${n} }`, by).writes,
        audit: auditOf('environment.write'),
      }),
    ),
  )
  assert.equal(results.filter((result) => result.ok).length, 1)
  await Promise.all(
    Array.from({ length: 200 }, (_, n) => commit(sealed, [insert('projects', { organisation, name: `p${n}`, created_at: n })])),
  )
  const after = store.statistics()
  assert.equal(after.changes - before.changes, 201)
  assert.ok(after.commits - before.commits < 20, `${after.commits - before.commits} commits`)
  assert.deepEqual((await verifyAudit(sealed)).findings, [])
  await sealed.close()
})

onEachDialect('every commit is signed, and of the checkpoints of one minute the newest stays', async (_, newPlace) => {
  let time = by.time
  const sealed = await openPlace(await newPlace(), { now: () => time })
  await found(sealed)
  const { database, store, vault } = sealed
  const sizes = async () => (await database.write.all('select "size" from "checkpoints" order by "size"')).map((row) => row['size'])
  for (let n = 0; n < 5; n += 1) await commit(sealed, [])
  // The keyring's record, the organisation and two environments came before.
  assert.deepEqual(await sizes(), [9])
  time += 60_000
  await commit(sealed, [])
  await commit(sealed, [])
  assert.deepEqual(await sizes(), [9, 11])
  assert.equal((await store.audit.checkpoint())?.note, vault.checkpoint())
  assert.deepEqual((await verifyAudit(sealed)).findings, [])
  await sealed.close()
})

onEachDialect('verify works beside writers, on one consistent state', async (_, newPlace) => {
  const sealed = await openPlace(await newPlace())
  await found(sealed)
  let writing = true
  const writer = (async () => {
    for (let n = 0; writing; n += 1) await commit(sealed, [insert('projects', { organisation, name: `p${n}`, created_at: n })])
  })()
  for (let n = 0; n < 5; n += 1) assert.deepEqual((await verifyAudit(sealed)).findings, [])
  writing = false
  await writer
  await sealed.close()
})

test('a secret, a token and a text are in no file of the data folder in any spelling', async (t) => {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place)
  await found(sealed)
  const { vault, store, changes } = sealed
  const secret = randomBytes(24).toString('hex')
  const text = randomBytes(24).toString('hex')
  const { token, digest } = vault.mintToken('user')
  const record = vault.sealSecret(inDev, new Secret(secret), by.time)
  const environment = (await store.environments.get(dev)) as EnvironmentRow
  await commit(
    sealed,
    [
      insert('records', record.record),
      ...vault.newRevision(environment, `values: { note: ${text} }`, by).writes,
      insert('tokens', {
        id: 't' as never,
        organisation,
        principal: owner,
        kind: 'user',
        name: 'laptop',
        digest,
        created_at: 1,
        expires_at: null,
        revoked_at: null,
      }),
    ],
    auditOf('environment.write', { note: text }),
  )
  const row = (await store.records.get([record.id])).get(record.id)
  assert.ok(row)
  vault.openSecret(inDev, row)
  await changes.commit({ expect: [], writes: [], audit: auditOf('environment.open') })
  const rootKey = Buffer.from(vault.rootKey().reveal())
  const needles = [secret, text, token.reveal()].flatMap((value) => [
    Buffer.from(value),
    Buffer.from(value, 'utf16le'),
    Buffer.from(Buffer.from(value).toString('base64').slice(0, -4)),
    Buffer.from(Buffer.from(value).toString('hex')),
  ])
  needles.push(Buffer.from(secret, 'hex'), rootKey)
  const search = () => {
    for (const file of readdirSync(place.folder, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue
      const content = readFileSync(join(file.parentPath, file.name))
      for (const needle of needles) assert.equal(content.indexOf(needle), -1, file.name)
    }
  }
  search()
  await sealed.close()
  search()
  // The search itself can find something: the id of the record stands there in the open.
  assert.ok(readFileSync(join(place.folder, 'headgate.db')).includes(record.id))
})
