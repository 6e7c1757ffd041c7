import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { HeadgateError, Secret } from '@headgate/model'
import { insert } from '@headgate/store'
import { type SealedStore, keyFileSource, restoreBackup, verifyAudit, writeBackup, wrongRecipient } from '@headgate/vault'
import { generateHybridIdentity, generateIdentity, identityToRecipient } from 'age-encryption'
import { readArchive, writeArchive } from '../src/backup-archive.ts'
import { by, commit, inDev, openPlace, organisation, populate, temporaryPlace } from './sealed-folder.ts'

async function backupOf(
  sealed: SealedStore,
  lock: Parameters<typeof writeBackup>[0]['lock'],
  files?: { name: string; file: string }[],
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const to = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) })
  await writeBackup({ database: sealed.database, vault: sealed.vault, to, lock, ...(files ? { files: async () => files } : {}) })
  return Buffer.concat(chunks)
}

const isBeside = (folder: string) => (error: unknown) =>
  error instanceof HeadgateError && error.code === 'RESTORE_BESIDE' && error.problem.details['folder'] === folder

const streamOf = (bytes: Uint8Array) => ReadableStream.from<Uint8Array>([bytes.subarray(0, 1_000), bytes.subarray(1_000)])

async function identity() {
  const secret = await generateIdentity()
  return { unlock: { identities: [new Secret(secret)] }, lock: { recipients: [await identityToRecipient(secret)] } }
}

test('a back-up taken while work goes on is restored elsewhere, verifies, and opens every secret', async (t) => {
  const [place, target] = [temporaryPlace(t), temporaryPlace(t)]
  const { lock, unlock } = await identity()
  const sealed = await openPlace(place)
  await populate(sealed)
  const value = randomBytes(20).toString('hex')
  const { record, id } = sealed.vault.sealSecret(inDev, new Secret(value), by.time)
  await commit(sealed, [insert('records', record)])
  const artifact = join(place.root, 'artifact')
  writeFileSync(artifact, 'what a release runs')
  const [bytes] = await Promise.all([
    backupOf(sealed, lock, [
      { name: 'artifacts/ab/cdef', file: artifact },
      { name: 'gone', file: join(place.root, 'gone') },
    ]),
    ...Array.from({ length: 50 }, (_, n) => commit(sealed, [insert('projects', { organisation, name: `p${n}`, created_at: n })])),
  ])
  assert.deepEqual(readdirSync(join(place.folder, 'tmp')), [])
  const rootKey = Buffer.from(sealed.vault.rootKey().reveal())
  await sealed.close()
  for (const needle of [Buffer.from(value), rootKey, Buffer.from('SQLite format 3'), Buffer.from('shop')])
    assert.equal(bytes.indexOf(needle), -1)

  const report = await restoreBackup({
    from: streamOf(bytes),
    unlock,
    folder: target.folder,
    keySource: keyFileSource({ file: target.keyFile }),
  })
  assert.ok(report.verified.ok)
  assert.equal(report.rootKeyPlace, target.keyFile)
  assert.deepEqual(report.manifest.organisations, ['main', 'one', 'two'])
  assert.equal(statSync(target.folder).mode & 0o777, 0o700)
  assert.equal(readFileSync(join(target.folder, 'artifacts/ab/cdef'), 'utf8'), 'what a release runs')
  const restored = await openPlace(target)
  const row = (await restored.store.records.get([id])).get(id)
  assert.ok(row)
  assert.equal(restored.vault.openSecret(inDev, row).reveal(), value)
  const [last] = await restored.store.audit.page({ order: 'newest', limit: 1 })
  assert.equal(last?.action, 'backup.restore')
  assert.deepEqual((await verifyAudit(restored)).findings, [])
  await restored.close()
})

test('restoring on the same machine goes back on purpose: the kept checkpoint goes back with it', async (t) => {
  const place = temporaryPlace(t)
  const { lock, unlock } = await identity()
  const sealed = await openPlace(place)
  await populate(sealed)
  const bytes = await backupOf(sealed, lock)
  await commit(sealed, [])
  await sealed.close()
  const folder = join(place.root, 'again')
  const restore = (options = {}) =>
    restoreBackup({ from: streamOf(bytes), unlock, folder, keySource: keyFileSource({ file: place.keyFile }), ...options })
  await assert.rejects(restore(), isBeside(place.folder))
  const still = await openPlace(place)
  assert.ok((await verifyAudit(still)).ok, 'the plane that is there was let be')
  await still.close()
  assert.equal(existsSync(folder), false)
  assert.equal((await restore({ takeOver: true })).tookOver, true)
  const restored = await openPlace({ ...place, folder })
  assert.ok((await verifyAudit(restored)).ok)
  await restored.close()
  await assert.rejects(restore({ folder: join(place.root, 'once more') }), isBeside(folder))
  rmSync(folder, { recursive: true })
  assert.equal((await restore()).tookOver, true, 'what is lost is restored without a question')
})

test('a copy with a key file of its own is restored beside the plane it is of, and another plane where it was is no hindrance', async (t) => {
  const place = temporaryPlace(t)
  const { lock, unlock } = await identity()
  const sealed = await openPlace(place)
  await populate(sealed)
  const bytes = await backupOf(sealed, lock)
  const copy = { ...place, folder: join(place.root, 'copy'), keyFile: join(place.root, 'copy.key') }
  const keySource = keyFileSource({ file: copy.keyFile })
  const restore = (folder: string) => restoreBackup({ from: streamOf(bytes), unlock, folder, keySource })
  assert.equal((await restore(copy.folder)).tookOver, false)
  await commit(sealed, [])
  await sealed.close()
  for (const each of [place, copy]) await (await openPlace(each)).close()
  rmSync(copy.folder, { recursive: true })
  await (await openPlace({ ...temporaryPlace(t), folder: copy.folder })).close()
  assert.equal((await restore(join(place.root, 'again'))).tookOver, true, 'where the copy was there is another plane now')
})

test('a passphrase opens a back-up as well, and a wrong one, or another identity, does not', async (t) => {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place)
  await populate(sealed)
  const passphrase = new Secret(randomBytes(12).toString('hex'))
  const locked = await backupOf(sealed, { passphrase, workFactor: 12 })
  const { lock } = await identity()
  const forOne = await backupOf(sealed, lock)
  await sealed.close()
  const restore = (bytes: Buffer, unlock: Parameters<typeof restoreBackup>[0]['unlock']) =>
    restoreBackup({
      from: streamOf(bytes),
      unlock,
      folder: join(place.root, 'restored'),
      keySource: keyFileSource({ file: place.keyFile }),
      takeOver: true,
    })
  await assert.rejects(restore(locked, { passphrase: new Secret('wrong') }), { code: 'BACKUP_LOCKED' })
  await assert.rejects(restore(forOne, (await identity()).unlock), { code: 'BACKUP_LOCKED' })
  await assert.rejects(restore(Buffer.from('not a back-up at all'), { passphrase }), { code: 'BACKUP_LOCKED' })
  assert.ok((await restore(locked, { passphrase })).verified.ok)
})

test('a back-up is made for post-quantum recipients too, and a recipient with a mistake in it is told from one', async (t) => {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place)
  await populate(sealed)
  const secret = await generateHybridIdentity()
  const recipient = await identityToRecipient(secret)
  const { lock } = await identity()
  const known = lock.recipients[0] ?? ''
  const other = known.at(-1) === 'q' ? 'p' : 'q'
  assert.equal(await wrongRecipient([known, recipient]), undefined)
  for (const wrong of ['age1', 'ssh-ed25519 AAAA', `${known.slice(0, -1)}${other}`, `${recipient}${other}`, known.toUpperCase()])
    assert.equal(await wrongRecipient([known, wrong]), wrong)
  const bytes = await backupOf(sealed, { recipients: [recipient] })
  await sealed.close()
  const folder = join(place.root, 'restored')
  const keySource = keyFileSource({ file: join(place.root, 'restored.key') })
  const report = await restoreBackup({ from: streamOf(bytes), unlock: { identities: [new Secret(secret)] }, folder, keySource })
  assert.ok(report.verified.ok)
})

test('a back-up that was changed or cut anywhere restores nothing and leaves nothing behind', async (t) => {
  const [place, target] = [temporaryPlace(t), temporaryPlace(t)]
  const { lock, unlock } = await identity()
  const sealed = await openPlace(place)
  await populate(sealed)
  const bytes = await backupOf(sealed, lock)
  await sealed.close()
  const restore = (changed: Buffer) =>
    restoreBackup({ from: streamOf(changed), unlock, folder: target.folder, keySource: keyFileSource({ file: target.keyFile }) })
  for (let n = 1; n <= 12; n += 1) {
    const at = Math.floor((bytes.length * n) / 13)
    const flipped = Buffer.from(bytes)
    flipped[at]! ^= 1
    for (const changed of [flipped, bytes.subarray(0, at)])
      await assert.rejects(
        restore(changed),
        (error: { code: string }) => ['BACKUP_DAMAGED', 'BACKUP_LOCKED'].includes(error.code),
        `at ${at}`,
      )
  }
  assert.deepEqual(readdirSync(target.root), [])
  assert.ok((await restore(bytes)).verified.ok)
})

test('a back-up of a database that was tampered with is refused at restore', async (t) => {
  const [place, target] = [temporaryPlace(t), temporaryPlace(t)]
  const { lock, unlock } = await identity()
  const sealed = await openPlace(place)
  await populate(sealed)
  const raw = new DatabaseSync(join(place.folder, 'headgate.db'))
  raw.exec(`update bindings set role = 'owner' where id = 'b-one'`)
  raw.close()
  const bytes = await backupOf(sealed, lock)
  await sealed.close()
  await assert.rejects(
    restoreBackup({ from: streamOf(bytes), unlock, folder: target.folder, keySource: keyFileSource({ file: target.keyFile }) }),
    {
      code: 'RESTORE_REFUSED',
      message: /b-one of bindings/,
    },
  )
  assert.ok(!existsSync(target.folder) && !existsSync(target.keyFile))
})

test('a folder with anything in it, and a place with another key, are left alone', async (t) => {
  const [place, target] = [temporaryPlace(t), temporaryPlace(t)]
  const { lock, unlock } = await identity()
  const sealed = await openPlace(place)
  await populate(sealed)
  const bytes = await backupOf(sealed, lock)
  await sealed.close()
  mkdirSync(target.folder)
  const restore = () =>
    restoreBackup({ from: streamOf(bytes), unlock, folder: target.folder, keySource: keyFileSource({ file: target.keyFile }) })
  await keyFileSource({ file: target.keyFile }).store('any', new Secret(randomBytes(32)))
  await assert.rejects(restore(), { code: 'KEY_EXISTS' })
  assert.deepEqual(readdirSync(target.folder), [])
  writeFileSync(join(target.folder, 'mine'), '')
  await assert.rejects(restore(), { code: 'RESTORE_NOT_EMPTY' })
  assert.deepEqual(readdirSync(target.folder), ['mine'])
})

test('an archive gives back its entries, and nothing that is not one is read', async () => {
  const collect = async (stream: AsyncIterable<Uint8Array>) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of stream) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  const entry = (name: string, content: string) => ({
    name,
    size: content.length,
    content: (async function* () {
      yield Buffer.from(content)
    })(),
  })
  const bytes = await collect(writeArchive([entry('a', 'first'), entry('files/b.txt', ''), entry('c', 'third')]))
  const read = async (archive: Buffer) => {
    const seen: [string, string][] = []
    for await (const { name, content } of readArchive(
      (async function* () {
        for (const byte of archive) yield Uint8Array.of(byte)
      })(),
    ))
      seen.push([name, (await collect(content)).toString()])
    return seen
  }
  assert.deepEqual(await read(bytes), [
    ['a', 'first'],
    ['files/b.txt', ''],
    ['c', 'third'],
  ])
  for (let length = 0; length < bytes.length; length += 1) await assert.rejects(read(bytes.subarray(0, length)), { code: 'BACKUP_DAMAGED' })
  await assert.rejects(read(Buffer.concat([bytes, Uint8Array.of(0)])), { code: 'BACKUP_DAMAGED' })
  for (const name of ['../up', '/root', 'a/../b', '', 'a//b', './a', 'a\\b', 'a\0'])
    await assert.rejects(collect(writeArchive([entry(name, '')])), RangeError, name)
})
