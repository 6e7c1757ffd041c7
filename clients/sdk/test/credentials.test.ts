import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Secret } from '@headgate/model'
import {
  credentialsFile,
  normaliseUrl,
  readCredentials,
  removeCredentials,
  saveCredentials,
  setCredentialsAside,
} from '../src/credentials.ts'
import { freshToken } from './test-surroundings.ts'

async function file(t: TestContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'headgate-credentials-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  return credentialsFile({}, home)
}

test('the file is below XDG_CONFIG_HOME, otherwise below ~/.config', () => {
  assert.equal(credentialsFile({}, '/home/somebody'), '/home/somebody/.config/headgate/credentials.json')
  assert.equal(credentialsFile({ XDG_CONFIG_HOME: '/etc/xdg' }, '/home/somebody'), '/etc/xdg/headgate/credentials.json')
})

test('what is saved is read again, the last plane being the current one', async (t) => {
  const path = await file(t)
  const tokens = [freshToken(), freshToken()]
  for (const [index, url] of ['https://one.example/', 'https://two.example'].entries()) {
    const saved = await saveCredentials(url, { token: new Secret(tokens[index]!), organisation: 'main', user: 'owner' }, path)
    assert.ok(saved.ok)
  }
  const read = await readCredentials(path)
  assert.ok(read.ok)
  assert.equal(read.value.current, 'https://two.example')
  assert.deepEqual([...read.value.planes.keys()], ['https://one.example', 'https://two.example'])
  assert.equal(read.value.planes.get('https://one.example')?.token.reveal(), tokens[0])
  assert.equal(JSON.stringify(read.value.planes.get('https://one.example')).includes(tokens[0]!), false)
})

test('file and folder are their owner’s alone, and nothing is left beside it', async (t) => {
  const path = await file(t)
  await saveCredentials('http://127.0.0.1:1', { token: new Secret(freshToken()), organisation: 'main', user: 'owner' }, path)
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.equal((await stat(dirname(path))).mode & 0o777, 0o700)
  assert.deepEqual(await readdir(dirname(path)), ['credentials.json'])
})

test('a plane is forgotten, and with the last one the file', async (t) => {
  const path = await file(t)
  for (const url of ['http://a.example', 'http://b.example']) {
    await saveCredentials(url, { token: new Secret(freshToken()), organisation: 'main', user: 'owner' }, path)
  }
  assert.deepEqual(await removeCredentials('http://c.example', path), { ok: true, value: undefined })
  assert.deepEqual(await removeCredentials(undefined, path), { ok: true, value: 'http://b.example' })
  const left = await readCredentials(path)
  assert.ok(left.ok && left.value.current === 'http://a.example')
  assert.deepEqual(await removeCredentials('http://a.example/', path), { ok: true, value: 'http://a.example' })
  assert.deepEqual(await readdir(dirname(path)), [])
  assert.deepEqual(await removeCredentials(undefined, path), { ok: true, value: undefined })
})

test('a file that others can read is refused, for reading and for writing', async (t) => {
  const path = await file(t)
  const token = freshToken()
  await saveCredentials('http://a.example', { token: new Secret(token), organisation: 'main', user: 'owner' }, path)
  await chmod(path, 0o640)
  for (const result of [await readCredentials(path), await removeCredentials(undefined, path)]) {
    assert.ok(!result.ok)
    assert.equal(result.problem.code, 'CREDENTIALS_UNUSABLE')
    assert.match(result.problem.message, /others can read it \(mode 0640\); chmod 600 it/)
    assert.equal(JSON.stringify(result).includes(token), false)
  }
})

test('a file of another form is refused with what is wrong, shows nothing of itself, and is left as it is', async (t) => {
  const path = await file(t)
  const save = () => saveCredentials('http://a.example', { token: new Secret(freshToken()), organisation: 'main', user: 'owner' }, path)
  await save()
  for (const [content, reason] of [
    ['', 'it is empty'],
    ['{', 'it is no JSON'],
    ['{"version": 1,\n  "planes": {"u": {"token": fake-token}}}', 'it is no JSON'],
    ['null', 'it is JSON, but no credentials file of version 1'],
    ['[]', 'it is JSON, but no credentials file of version 1'],
    ['{"version":2,"planes":{}}', 'it is JSON, but no credentials file of version 1'],
    ['{"version":1}', 'it is JSON, but no credentials file of version 1'],
    ['{"version":1,"planes":{"u":{"token":1}}}', 'it is JSON, but no credentials file of version 1'],
  ] as const) {
    await writeFile(path, content)
    const saved = await save()
    assert.ok(!saved.ok && saved.problem.code === 'CREDENTIALS_UNUSABLE', content)
    assert.equal(saved.problem.message, `the stored tokens cannot be used: ${path}: ${reason}`)
    assert.equal(await readFile(path, 'utf8'), content)
  }
})

test('a byte order mark, as editors put it, is no fault', async (t) => {
  const path = await file(t)
  await saveCredentials('http://a.example', { token: new Secret(freshToken()), organisation: 'main', user: 'owner' }, path)
  await writeFile(path, `\ufeff${await readFile(path, 'utf8')}`)
  const read = await readCredentials(path)
  assert.ok(read.ok && read.value.current === 'http://a.example')
})

test('what is set aside is kept under a name of its own, for its owner alone', async (t) => {
  const path = await file(t)
  const names = ['credentials.json.unusable', 'credentials.json.unusable-2']
  for (const [n, name] of names.entries()) {
    await saveCredentials('http://a.example', { token: new Secret(freshToken()), organisation: 'main', user: 'owner' }, path)
    await writeFile(path, `broken ${n}`)
    await chmod(path, 0o644)
    assert.equal(await setCredentialsAside(path), join(dirname(path), name))
  }
  assert.deepEqual((await readdir(dirname(path))).toSorted(), names)
  for (const [n, name] of names.entries()) {
    assert.equal(await readFile(join(dirname(path), name), 'utf8'), `broken ${n}`)
    assert.equal((await stat(join(dirname(path), name))).mode & 0o777, 0o600)
  }
})

test('one plane has one address', () => {
  for (const url of ['https://Plane.example', 'https://plane.example/', 'https://plane.example:443//']) {
    assert.equal(normaliseUrl(url), 'https://plane.example')
  }
  assert.equal(normaliseUrl('http://127.0.0.1:7070/base/'), 'http://127.0.0.1:7070/base')
})
