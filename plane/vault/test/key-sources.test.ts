import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { HeadgateError, Secret } from '@headgate/model'
import { DATABASE_FILE } from '@headgate/store'
import {
  type KeySource,
  environmentKeySource,
  givenKeySource,
  keyFileSource,
  newRootKey,
  openSealedStore,
  passphraseKeySource,
  rootKeyId,
  transitKeySource,
  verifyAudit,
  writeRootKey,
} from '@headgate/vault'
import { readEnvelope, writeEnvelope, envelopeSetting } from '../src/key-sources/root-envelope.ts'
import { readRootKey } from '../src/key-sources/root-key.ts'
import { leaveOut } from '../../../test/left-out.ts'
import { startOpenBao } from './openbao.ts'
import { type Place, commit, found, temporaryPlace } from './sealed-folder.ts'
import { startTransitDouble } from './transit-double.ts'

/** argon2id at the least cost that is opened, so that tests need not wait. */
const cheap = { memory: 8 * 1024, passes: 1, lanes: 1 }
const textOf = (key: Secret<Uint8Array>) => new Secret(Buffer.from(writeRootKey(key)).toString())

/** One source as a start after the other makes it anew, and as it is when what it needs is wrong. */
interface Candidate {
  readonly make: () => KeySource
  readonly wrong: () => KeySource
  readonly codes: readonly string[]
}

type Setting = (t: TestContext, place: Place) => Promise<Candidate>

const settings: Record<string, Setting> = {
  'a given key': async () => {
    const key = newRootKey()
    return { make: () => givenKeySource(key), wrong: () => givenKeySource(newRootKey()), codes: ['KEY_WRONG'] }
  },
  'a key file': async (_, place) => ({
    make: () => keyFileSource({ file: place.keyFile }),
    wrong: () => keyFileSource({ file: `${place.keyFile}.other` }),
    codes: ['KEY_MISSING'],
  }),
  'a passphrase': async () => ({
    make: () => passphraseKeySource(new Secret('correct horse bättery'), cheap),
    wrong: () => passphraseKeySource(new Secret('correct horse battery'), cheap),
    codes: ['KEY_PASSPHRASE_WRONG'],
  }),
  'an environment variable': async () => {
    const [right, wrong] = [textOf(newRootKey()), textOf(newRootKey())]
    return { make: () => environmentKeySource(right), wrong: () => environmentKeySource(wrong), codes: ['KEY_WRONG'] }
  },
  'a key service': async (t) => {
    const double = await startTransitDouble(t)
    const source = (token: string) =>
      transitKeySource({ url: double.url, key: 'headgate', token: async () => new Secret(token), pauses: [1, 1] })
    return { make: () => source(double.token), wrong: () => source('another token'), codes: ['KMS_REFUSED'] }
  },
}

const program = process.env['BAO_BIN']
if (program === undefined) leaveOut('a real OpenBao as key service', 'BAO_BIN names no OpenBao')
else
  settings['a real OpenBao'] = async (t) => {
    const { url, token } = await startOpenBao(t, program)
    const source = (with_: string) => transitKeySource({ url, key: 'headgate', token: async () => new Secret(with_), pauses: [1, 1] })
    return { make: () => source(token), wrong: () => source('another token'), codes: ['KMS_REFUSED'] }
  }

for (const [name, setting] of Object.entries(settings)) {
  test(`${name}: the first start makes what is needed, and every later one opens with it`, async (t) => {
    const place = temporaryPlace(t)
    const { make, wrong, codes } = await setting(t, place)
    const first = await openSealedStore({ folder: place.folder, keySource: make() })
    assert.ok(first.created)
    await found(first)
    const id = first.vault.keyring.rootId()
    await first.close()
    const before = contentsOf(place.folder)
    await assert.rejects(openSealedStore({ folder: place.folder, keySource: wrong() }), (error: HeadgateError) =>
      codes.includes(error.code),
    )
    assert.deepEqual(contentsOf(place.folder), before, 'a wrong key changes nothing')
    const second = await openSealedStore({ folder: place.folder, keySource: make() })
    assert.ok(!second.created)
    assert.equal(second.vault.keyring.rootId(), id)
    await commit(second, [])
    assert.deepEqual((await verifyAudit(second)).findings, [])
    await second.close()
  })

  test(`${name}: what the database keeps for it says nothing of the key, and gives it back as it was`, async (t) => {
    const place = temporaryPlace(t)
    const { make } = await setting(t, place)
    const source = make()
    const folderId = randomBytes(8).toString('hex')
    const key = (await source.load(folderId, [])) ?? newRootKey()
    const envelope = await source.wrap(folderId, key)
    await source.store(folderId, key)
    await source.store(folderId, key)
    const kept = envelope ? [readEnvelope(envelopeSetting(envelope.root), writeEnvelope(envelope))] : []
    for (const text of [source.place(folderId), JSON.stringify(kept)])
      for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const)
        assert.ok(!text.includes(Buffer.from(key.reveal()).toString(form)))
    const [left, right] = [await make().load(folderId, kept), await make().load(folderId, kept)]
    assert.deepEqual(left?.reveal(), new Uint8Array(key.reveal()))
    left?.reveal().fill(0)
    assert.deepEqual(right?.reveal(), new Uint8Array(key.reveal()))
    if (envelope) await assert.rejects(make().load(randomBytes(8).toString('hex'), kept), HeadgateError)
    source.close()
  })
}

/** The files of a folder, and every row of its database. */
function contentsOf(folder: string): unknown {
  const database = new DatabaseSync(join(folder, DATABASE_FILE), { readOnly: true })
  try {
    const rows = (table: string) => database.prepare(`select * from "${table}"`).all()
    const names = database
      .prepare(`select name from sqlite_master where type = 'table' order by name`)
      .all()
      .map(({ name }) => String(name))
    return [readdirSync(folder).filter((name) => !name.includes('.db-')), Object.fromEntries(names.map((name) => [name, rows(name)]))]
  } finally {
    database.close()
  }
}

test('a key as text is read back, and nothing that is not one is', () => {
  const key = newRootKey()
  const text = textOf(key).reveal()
  const bytesOf = (changed: string) => Buffer.from(changed)
  for (const accepted of [text, `${text}\n`, `# a comment\n\n${text}\n# another`]) {
    assert.deepEqual(readRootKey(bytesOf(accepted))?.reveal(), new Uint8Array(key.reveal()))
  }
  for (let n = 0; n < text.length; n += 1) {
    const other = text[n] === 'A' ? 'B' : 'A'
    assert.equal(readRootKey(bytesOf(text.slice(0, n) + other + text.slice(n + 1))), undefined, `another character at ${n}`)
    assert.equal(readRootKey(bytesOf(text.slice(0, n))), undefined, `cut off after ${n}`)
  }
  for (const wrong of ['', ' ', `${text}\n${text}`, `${text}=`, ` ${text}`, text.replace('key-1', 'key-2'), `${text}A`, `${text}AAAA`])
    assert.equal(readRootKey(bytesOf(wrong)), undefined, wrong)
  assert.throws(() => environmentKeySource(new Secret('nonsense')), { code: 'KEY_UNREADABLE', message: /HEADGATE_ROOT_KEY/ })
})

test('an envelope that was changed, is of another format or of another key is not believed', async () => {
  const passphrase = passphraseKeySource(new Secret('correct horse battery'), cheap)
  const key = newRootKey()
  const envelope = await passphrase.wrap('00ff', key)
  assert.ok(envelope?.source === 'passphrase')
  const name = envelopeSetting(envelope.root)
  const text = writeEnvelope(envelope)
  for (const changed of [
    '',
    '{}',
    '[]',
    text.slice(0, -1),
    JSON.stringify({ ...envelope, format: 2 }),
    JSON.stringify({ ...envelope, root: '0011223344556677' }),
    JSON.stringify({ ...envelope, source: 'kms' }),
    JSON.stringify({ ...envelope, kdf: { ...envelope.kdf, name: 'argon2i' } }),
    JSON.stringify({ ...envelope, kdf: { ...envelope.kdf, memory: 0 } }),
    JSON.stringify({ ...envelope, kdf: { ...envelope.kdf, lanes: '1' } }),
  ])
    assert.throws(() => readEnvelope(name, changed), { code: 'KEY_UNREADABLE' }, changed)
  for (const kdf of [{ memory: 2 ** 31 }, { memory: 1024 }, { passes: 1_000_000 }, { lanes: 1_000 }, { salt: '' }])
    await assert.rejects(passphrase.load('00ff', [{ ...envelope, kdf: { ...envelope.kdf, ...kdf } }]), { code: 'KEY_UNREADABLE' })
  const sealed = Buffer.from(envelope.sealed, 'base64')
  for (let n = 0; n < sealed.length; n += 7) {
    const flipped = Buffer.from(sealed)
    flipped[n]! ^= 1
    await assert.rejects(
      passphrase.load('00ff', [{ ...envelope, sealed: flipped.toString('base64') }]),
      (error: HeadgateError) => ['KEY_PASSPHRASE_WRONG', 'SEAL_UNKNOWN'].includes(error.code),
      `byte ${n}`,
    )
  }
  const other = readEnvelope(name, JSON.stringify({ ...envelope, kdf: { ...envelope.kdf, passes: 2 } }))
  await assert.rejects(passphrase.load('00ff', [other]), { code: 'KEY_PASSPHRASE_WRONG' })
  assert.equal(rootKeyId((await passphrase.load('00ff', [envelope]))!), envelope.root)
})

test('what passes at a key service is tried again, and what does not is said at once, without a secret', async (t) => {
  const double = await startTransitDouble(t)
  const token = new Secret(double.token)
  const source = transitKeySource({ url: double.url, key: 'headgate', token: async () => token, pauses: [1, 1], timeout: 300 })
  const key = newRootKey()
  const envelope = await source.wrap('00ff', key)
  assert.ok(envelope)
  const attempt = async (...faults: typeof double.faults) => {
    double.requests.length = 0
    double.faults.push(...faults)
    const result = await source.load('00ff', [envelope]).then(
      () => 'opened',
      (thrown: unknown) => {
        const error = thrown as HeadgateError
        const shown = `${error.message} ${JSON.stringify(error.problem)}`
        for (const secret of [double.token, 'never to be quoted', Buffer.from(key.reveal()).toString('base64')])
          assert.ok(!shown.includes(secret), shown)
        return error.code
      },
    )
    const asked = double.requests.filter((request) => request.startsWith('POST transit')).length
    double.faults.length = 0
    return `${result} after ${asked}`
  }
  for (const status of [500, 502, 503, 429]) assert.equal(await attempt({ status }, { status }), 'opened after 3', `${status}`)
  assert.equal(await attempt('cut', 'hang'), 'opened after 3')
  assert.equal(await attempt('cut', 'cut', 'cut'), 'KMS_UNREACHABLE after 3')
  assert.equal(await attempt('hang', 'hang', 'hang'), 'KMS_UNREACHABLE after 3')
  assert.equal(await attempt({ status: 503 }, { status: 503 }, { status: 503 }), 'KMS_REFUSED after 3')
  for (const status of [400, 403, 404, 405]) assert.equal(await attempt({ status }), 'KMS_REFUSED after 1', `${status}`)
  assert.equal(await attempt({ status: 307, headers: { location: 'http://127.0.0.1:1/elsewhere' } }), 'KMS_REFUSED after 1')
  for (const fault of ['bad JSON', 'no JSON object', 'too long', 'another key'] as const)
    assert.equal(await attempt(fault), 'KMS_ANSWER_INVALID after 1', fault)
  const ciphertext = envelope.source === 'kms' ? envelope.ciphertext : ''
  for (const changed of [`${ciphertext.slice(0, -6)}AAAAA=`, 'vault:v1:AAAA', 'vault:v9:AAAA'])
    await assert.rejects(source.load('00ff', [{ ...envelope, ciphertext: changed } as typeof envelope]), { code: 'KMS_REFUSED' }, changed)
  await assert.rejects(source.load('00ff', [{ ...envelope, ciphertext: 'nonsense' } as typeof envelope]), { code: 'KEY_UNREADABLE' })
  assert.equal(await attempt(), 'opened after 1')
  assert.deepEqual(
    double.complaints.filter((complaint) => !complaint.includes('no such version')),
    [],
  )
  const sent = double.bodies.join('\n')
  assert.ok(!double.bodies.some((body) => body.split(' ')[1]?.includes(double.token)), 'no token in an address')
  assert.ok(sent.includes('x-vault-request'))
  source.close()
})

test('a token is renewed at half of its life, and no longer than the source is open', async (t) => {
  const double = await startTransitDouble(t)
  double.life.ttl = 2
  const source = transitKeySource({ url: double.url, key: 'headgate', token: async () => new Secret(double.token), pauses: [] })
  await source.wrap('00ff', newRootKey())
  const renewals = () => double.requests.filter((request) => request === 'POST auth/token/renew-self').length
  const { eventually } = await import('../../../test/eventually.ts')
  await eventually(async () => renewals() >= 2)
  source.close()
  assert.equal(double.requests.filter((request) => request === 'GET auth/token/lookup-self').length, 1)
})

test('a token is not sent over a network in the clear, and addresses carry no secrets', () => {
  const make =
    (url: string, key = 'headgate') =>
    () =>
      transitKeySource({ url, key, token: async () => new Secret('x') })
  for (const url of [
    'http://keys.example.org',
    'ftp://127.0.0.1',
    'nonsense',
    'https://user:pass-word@keys.example.org',
    'http://127.0.0.1.example.org',
  ])
    assert.throws(make(url), (error: HeadgateError) => error.code === 'KMS_INSECURE' && !error.message.includes('pass-word'), url)
  for (const key of ['', '../sys/seal', 'a/../b', 'a b', '/a', 'a?b'])
    assert.throws(make('https://keys.example.org', key), { code: 'KEY_UNREADABLE' }, key)
  for (const url of ['https://keys.example.org:8200', 'http://127.0.0.1:8200', 'http://[::1]:8200', 'http://localhost:8200'])
    make(url)().close()
})

test('a closed source has wiped what it held', async () => {
  const source = environmentKeySource(textOf(newRootKey()))
  source.close()
  assert.ok((await source.load('00ff', []))?.reveal().every((byte) => byte === 0))
  const passphrase = passphraseKeySource(new Secret('correct horse battery'), cheap)
  passphrase.close()
  await assert.rejects(passphrase.wrap('00ff', newRootKey()), { code: 'STORE_CLOSED' })
})

test('a missing key is said before anything is made', async (t) => {
  const place = temporaryPlace(t)
  assert.throws(() => environmentKeySource(new Secret('')), { code: 'KEY_UNREADABLE' })
  assert.ok(!existsSync(place.folder))
})
