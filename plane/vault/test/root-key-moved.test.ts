import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '@headgate/model'
import {
  environmentKeySource,
  keyFileSource,
  newRootKey,
  passphraseKeySource,
  rootKeyId,
  transitKeySource,
  writeRootKey,
} from '@headgate/vault'
import { finish, moveRoot, requireIntact, rootOnly, saidBy, start, undo } from './rotated-folder.ts'
import { found, openPlace, populate, temporaryPlace } from './sealed-folder.ts'
import { startTransitDouble } from './transit-double.ts'

test('a root key moves from a file to a passphrase, to a variable, and back to a file', async (t) => {
  const place = temporaryPlace(t)
  const passphrase = new Secret('correct horse battery')
  const line = new Secret(Buffer.from(writeRootKey(newRootKey())).toString())
  const file = keyFileSource({ file: place.keyFile })
  const inPassphrase = () => ({ keySource: passphraseKeySource(passphrase), targets: { file } })
  const inVariable = () => ({ keySource: environmentKeySource(line), targets: { file } })
  const first = await openPlace(place)
  await populate(first)
  const said = await saidBy(first)
  await moveRoot(first, { to: 'passphrase', passphrase })
  await finish(first)
  await first.close()
  await assert.rejects(openPlace(place), { code: 'KEY_WRONG' })
  await assert.rejects(openPlace(place, { keySource: passphraseKeySource(new Secret('not that one at all')) }), {
    code: 'KEY_PASSPHRASE_WRONG',
  })

  const second = await openPlace(place, inPassphrase())
  await requireIntact(second, said)
  assert.ok(!(await second.keys.planStart({ ...rootOnly, target: { to: 'file' } })).ok, 'an old key is in the file')
  await moveRoot(second, { to: 'environment', key: line })
  await second.close()
  const window = await openPlace(place, inPassphrase())
  await window.close()
  const third = await openPlace(place, inVariable())
  await requireIntact(third, said)
  await finish(third)
  const same = await third.keys.planStart({ ...rootOnly, target: { to: 'environment', key: line } })
  assert.ok(!same.ok && same.problem.code === 'KEY_UNCHANGED')
  const weak = await third.keys.planStart({ ...rootOnly, target: { to: 'passphrase', passphrase: new Secret('short') } })
  assert.ok(!weak.ok && weak.problem.code === 'KEY_PASSPHRASE_WEAK')
  const absent = await third.keys.planStart({ ...rootOnly, target: { to: 'kms' } })
  assert.ok(!absent.ok && absent.problem.code === 'KEY_SOURCE_ABSENT')
  await third.close()
  await assert.rejects(openPlace(place, inPassphrase()), { code: 'KEY_MISSING' })

  await file.withdraw('any', rootKeyId((await file.load('any', []))!))
  const fourth = await openPlace(place, inVariable())
  await moveRoot(fourth, { to: 'file' })
  await undo(fourth)
  await moveRoot(fourth, { to: 'file' })
  await finish(fourth)
  await fourth.close()
  const last = await openPlace(place)
  await requireIntact(last, said)
  await last.close()
})

test('where the root key was moved to is told at once, and the next one goes there too', async (t) => {
  const place = temporaryPlace(t)
  const double = await startTransitDouble(t)
  const service = () => transitKeySource({ url: double.url, key: 'headgate', token: async () => new Secret(double.token), pauses: [] })
  const kms = service()
  t.after(() => kms.close())
  const sealed = await openPlace(place, { targets: { kms } })
  await populate(sealed)
  const said = await saidBy(sealed)
  await moveRoot(sealed, { to: 'kms' })
  const { source, place: where } = await sealed.keys.show()
  assert.deepEqual([source, where], ['kms', kms.place('')])
  await undo(sealed)
  assert.equal((await sealed.keys.show()).source, 'file')
  await moveRoot(sealed, { to: 'kms' })
  await finish(sealed)
  await start(sealed, rootOnly)
  await finish(sealed)
  const { rotation, rootKey } = await sealed.keys.show()
  assert.deepEqual([rotation?.fromSource, rotation?.toSource, rotation?.toRoot], ['kms', 'kms', rootKey])
  await sealed.close()
  const again = await openPlace(place, { keySource: service() })
  await requireIntact(again, said)
  await again.close()
})

test('a root key never goes back under a passphrase it was moved away from unless it is said again', async (t) => {
  const place = temporaryPlace(t)
  const [before, after] = [new Secret('correct horse battery'), new Secret('staple of another kind')]
  const sealed = await openPlace(place, { keySource: passphraseKeySource(before) })
  await found(sealed)
  await start(sealed, rootOnly)
  await finish(sealed)
  await start(sealed, rootOnly)
  await finish(sealed)
  await moveRoot(sealed, { to: 'passphrase', passphrase: after })
  await finish(sealed)
  const refused = await sealed.keys.planStart(rootOnly)
  assert.ok(!refused.ok && refused.problem.code === 'KEY_SOURCE_ABSENT')
  await moveRoot(sealed, { to: 'passphrase', passphrase: after })
  await finish(sealed)
  await sealed.close()
  await assert.rejects(openPlace(place, { keySource: passphraseKeySource(before) }), { code: 'KEY_PASSPHRASE_WRONG' })
  await (await openPlace(place, { keySource: passphraseKeySource(after) })).close()
})
