import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Secret, idOf } from '@headgate/model'
import { openDatabase } from '@headgate/store'
import { givenKeySource, keyFileSource, openSealedStore } from '@headgate/vault'
import { by, commit, found, openPlace, temporaryPlace } from './sealed-folder.ts'

test('the first start makes a key file for its owner only, and later starts use it', async (t) => {
  const place = temporaryPlace(t)
  const first = await openPlace(place)
  assert.ok(first.created)
  assert.equal(first.vault.rootKeyPlace, place.keyFile)
  assert.equal(statSync(place.keyFile).mode & 0o777, 0o600)
  assert.match(readFileSync(place.keyFile, 'utf8'), /^# .*\nheadgate-root-key-1:[A-Za-z0-9_-]{48}\n$/s)
  await first.close()
  const second = await openPlace(place)
  assert.ok(!second.created)
  await second.close()
})

test('the default place is outside the data folder, named after it', async (t) => {
  const { root } = temporaryPlace(t)
  const before = process.env['XDG_CONFIG_HOME']
  process.env['XDG_CONFIG_HOME'] = join(root, 'config')
  try {
    const sealed = await openSealedStore({ folder: join(root, 'data') })
    const file = join(root, 'config', 'headgate', 'keys', `${sealed.database.id}.key`)
    assert.equal(sealed.vault.rootKeyPlace, file)
    assert.ok(existsSync(file))
    await sealed.close()
    assert.ok(existsSync(`${file}.checkpoint`))
  } finally {
    if (before === undefined) delete process.env['XDG_CONFIG_HOME']
    else process.env['XDG_CONFIG_HOME'] = before
  }
})

test('a first start puts no key into the data folder', async (t) => {
  const place = temporaryPlace(t)
  for (const keyFile of [join(place.folder, 'root.key'), join(place.folder, 'keys', '..', 'below', 'root.key')])
    await assert.rejects(openPlace({ ...place, keyFile }), { code: 'KEY_IN_DATA' })
  for (const keyFile of [`${place.folder}.key`, join(place.folder, '..', '..key')])
    await (await openPlace({ ...temporaryPlace(t), keyFile })).close()
})

test('a key file others can read is refused, whatever the bit', async (t) => {
  const place = temporaryPlace(t)
  await (await openPlace(place)).close()
  for (const mode of [0o640, 0o604, 0o660, 0o601, 0o777]) {
    chmodSync(place.keyFile, mode)
    await assert.rejects(openPlace(place), { code: 'KEY_EXPOSED', message: new RegExp(mode.toString(8)) })
  }
  chmodSync(place.keyFile, 0o400)
  await (await openPlace(place)).close()
})

test('a missing, a damaged, a foreign key and a link are each refused in their own words', async (t) => {
  const place = temporaryPlace(t)
  await (await openPlace(place)).close()
  const good = readFileSync(place.keyFile, 'utf8')
  const write = (content: string) => writeFileSync(place.keyFile, content, { mode: 0o600 })
  for (const damaged of [
    '',
    good.slice(0, -3),
    good.replace('key-1:', 'key-2:'),
    `${good}${good}`,
    good.replace(/.(.)\n$/, '$1$1\n').replace(/A/g, 'B'),
  ]) {
    write(damaged)
    await assert.rejects(openPlace(place), { code: 'KEY_UNREADABLE' })
  }
  rmSync(place.keyFile)
  await assert.rejects(openPlace(place), { code: 'KEY_MISSING' })
  assert.ok(!existsSync(place.keyFile))
  await keyFileSource({ file: place.keyFile }).store('any', new Secret(randomBytes(32)))
  await assert.rejects(openPlace(place), { code: 'KEY_WRONG' })
  rmSync(place.keyFile)
  write(good)
  symlinkSync(place.keyFile, `${place.keyFile}.link`)
  await assert.rejects(openPlace({ ...place, keyFile: `${place.keyFile}.link` }), { code: 'KEY_UNREADABLE' })
  await (await openPlace(place)).close()
})

test('a key file is never overwritten with another key', async (t) => {
  const { keyFile } = temporaryPlace(t)
  const source = keyFileSource({ file: keyFile })
  const key = new Secret(randomBytes(32))
  await source.store('any', key)
  await source.store('any', key)
  await assert.rejects(source.store('any', new Secret(randomBytes(32))), { code: 'KEY_EXISTS' })
  assert.deepEqual((await source.load('any', []))?.reveal(), new Uint8Array(key.reveal()))
})

test('a start that failed behind its key file is taken up with the same key', async (t) => {
  const place = temporaryPlace(t)
  const database = await openDatabase({ folder: place.folder })
  await keyFileSource({ file: place.keyFile }).store(database.id, new Secret(randomBytes(32)))
  const key = readFileSync(place.keyFile, 'utf8')
  await database.close()
  const sealed = await openPlace(place)
  assert.ok(sealed.created)
  assert.equal(readFileSync(place.keyFile, 'utf8'), key)
  await sealed.close()
})

test('a database whose keys were taken out does not get new ones', async (t) => {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place)
  await sealed.database.write.run('delete from "key_records"')
  await sealed.close()
  await assert.rejects(openPlace(place), { code: 'DATA_DAMAGED' })
})

test('a changed key record is refused at the start', async (t) => {
  const place = temporaryPlace(t)
  const sealed = await openPlace(place)
  await sealed.database.write.run(`update "key_records" set "state" = 'retired' where "purpose" = 'token'`)
  await sealed.close()
  await assert.rejects(openPlace(place), { code: 'ROW_TAMPERED' })
})

test('a key can be given instead of a file', async (t) => {
  const { folder } = temporaryPlace(t)
  const keySource = givenKeySource(new Secret(randomBytes(32)))
  const sealed = await openSealedStore({ folder, keySource })
  await found(sealed)
  await commit(sealed, [])
  await sealed.close()
  await (await openSealedStore({ folder, keySource })).close()
})

test('a keyring forgets a key whose record is gone, and never one whose record is on its way', async (t) => {
  const sealed = await openPlace(temporaryPlace(t))
  await found(sealed)
  const { keyring } = sealed.vault
  const rows = await sealed.store.keyRecords.list()
  const organisation = idOf<'organisation'>('o-new')
  const record = keyring.create('seal', organisation, by.time)
  // What was read just before it came does not list it yet.
  keyring.reload(rows)
  assert.equal(keyring.active('seal', organisation).id, record.id)
  keyring.reload([...rows, record])
  keyring.reload(rows)
  assert.throws(() => keyring.active('seal', organisation), { code: 'KEY_UNKNOWN' })
  const next = keyring.make('seal', organisation, by.time, '00112233445566ff')
  keyring.take([record, { ...record, state: 'retired' }, next])
  assert.equal(keyring.active('seal', organisation).id, '00112233445566ff')
  assert.equal(keyring.describe(record.id)?.active, false)
  keyring.forget([record.id])
  assert.equal(keyring.describe(record.id), undefined)
  await sealed.close()
})
