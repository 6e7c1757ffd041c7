import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { freshSecret, makeProviders, openOne, plain } from './calling.ts'

const secret = freshSecret()

function machine(t: TestContext) {
  const folder = temporaryFolder(t)
  const listed = join(folder, 'listed')
  const data = join(listed, 'data')
  mkdirSync(data, { recursive: true })
  writeFileSync(join(listed, 'password'), secret)
  writeFileSync(join(listed, 'config.json'), '{"port":5432,"big":12345678901234567890}')
  writeFileSync(join(listed, 'bytes'), Buffer.from([0xff, 0x00]))
  writeFileSync(join(listed, 'large'), Buffer.alloc(1024 * 1024 + 1))
  writeFileSync(join(folder, 'outside'), secret)
  writeFileSync(join(folder, 'root.key'), secret)
  writeFileSync(join(data, 'inside-data'), secret)
  symlinkSync(join(folder, 'outside'), join(listed, 'link-out'))
  symlinkSync(join(listed, 'password'), join(listed, 'link-in'))
  linkSync(join(folder, 'root.key'), join(listed, 'another-name-of-the-key'))
  execFileSync('mkfifo', [join(listed, 'pipe')])
  return { folder, listed, providers: makeProviders(t, { folders: [listed], ownFiles: [join(folder, 'root.key'), data] }) }
}

test('file reads text, JSON and bytes below a listed folder, by relative and absolute paths and links that stay inside', async (t) => {
  const { listed, providers } = machine(t)
  const get = {
    password: { path: 'password' },
    absolute: { path: join(listed, 'password') },
    linked: { path: 'link-in' },
    config: { path: 'config.json', encoding: 'json', secret: false },
    bytes: { path: 'bytes', encoding: 'base64' },
  }
  const answer = await openOne(providers, 'file', { get })
  assert.ok('value' in answer, JSON.stringify(answer))
  assert.deepEqual(plain(answer.value), {
    password: secret,
    absolute: secret,
    linked: secret,
    config: { port: 5432, big: 12345678901234567890n },
    bytes: '/wA=',
  })
  assert.deepEqual(answer.secret, new Set(['password', 'absolute', 'linked', 'bytes']))
})

test('file refuses in the same words whatever is outside, is not there, is no file, or is the plane’s own', async (t) => {
  const { folder, providers } = machine(t)
  const paths = [
    '../outside',
    join(folder, 'outside'),
    'link-out',
    'nothing',
    'pipe',
    '.',
    '..',
    '',
    'data/inside-data',
    'another-name-of-the-key',
    '/etc/passwd',
    '/proc/self/environ',
    'password\0',
  ]
  for (const path of paths) {
    const answer = await openOne(providers, 'file', { get: { a: { path } } })
    assert.deepEqual(answer, {
      failure: `${JSON.stringify(path)} is no file that this plane's operator lets environments read (serve --provider-folder)`,
    })
  }
})

test('file says what it cannot read of a file it may read', async (t) => {
  const { providers } = machine(t)
  const failure = async (wanted: object) => {
    const answer = await openOne(providers, 'file', { get: { a: wanted } })
    return 'failure' in answer ? answer.failure : ''
  }
  assert.match(await failure({ path: 'bytes' }), /not UTF-8 text; encoding: base64/)
  assert.match(await failure({ path: 'large' }), /1048577 bytes; 1048576 are the most/)
  const broken = await failure({ path: 'password', encoding: 'json' })
  assert.match(broken, /not JSON/)
  assert.ok(!broken.includes(secret))
})

test('file reads nothing where no folder is listed', async (t) => {
  const { listed } = machine(t)
  const answer = await openOne(makeProviders(t), 'file', { get: { a: { path: join(listed, 'password') } } })
  assert.ok('failure' in answer)
})

test('env gives listed variables, and never one of Headgate itself', async (t) => {
  const processVariables = { SHOP_KEY: secret, SHOP_URL: 'https://shop.example.org', HOME: '/home', HEADGATE_ROOT_KEY: secret, AxB: 'x' }
  const providers = makeProviders(t, { variables: ['SHOP_*', 'A.B', '*'].slice(0, 2), processVariables })
  const answer = await openOne(providers, 'env', { get: { key: { variable: 'SHOP_KEY' }, url: { variable: 'SHOP_URL', secret: false } } })
  assert.ok('value' in answer)
  assert.deepEqual([plain(answer.value), answer.secret], [{ key: secret, url: 'https://shop.example.org' }, new Set(['key'])])
  const everything = makeProviders(t, { variables: ['*'], processVariables })
  for (const [from, variable, expected] of [
    [providers, 'HOME', /does not let environments read the variable "HOME"/],
    [providers, 'AxB', /does not let environments read/],
    [providers, 'SHOP_NONE', /has no variable SHOP_NONE/],
    [everything, 'HEADGATE_ROOT_KEY', /does not let environments read/],
    [everything, 'headgate_root_key', /does not let environments read/],
  ] as const) {
    const refused = await openOne(from, 'env', { get: { a: { variable } } })
    assert.ok('failure' in refused && expected.test(refused.failure), JSON.stringify(refused))
    assert.ok(!refused.failure.includes(secret))
  }
})
