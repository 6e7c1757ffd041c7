import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { LRUCache } from 'lru-cache'
import { ConfigurationError } from '../src/errors.ts'
import { parsePath, renderPath } from '../src/path.ts'
import { Reader } from '../src/reader.ts'
import { type JsonObject, type Snapshot, freezeDeep } from '../src/snapshot.ts'
import { createWorld } from './test-surroundings.ts'

const VALUES: JsonObject = {
  infrastructure: {
    redis: { url: 'redis://cache.example:6379', port: '6379', pool: 12, tls: true },
    'a.b': { 'c-d': 1 },
    servers: [{ name: 'one' }, { name: 'two' }],
  },
  empty: null,
  list: 'a, b ,c',
  json: '{"x": [1]}',
  timeout: '1h30m',
  rate: '12.5',
  on: 'Yes',
  password: 'fake-Zq81-not-shown',
  environmentVariables: { SHOP_NAME: 'Lockside', PORT: '8080' },
}

function reader(values: JsonObject = VALUES): Reader {
  const snapshot: Snapshot = {
    source: 'plane',
    environment: 'shop/dev',
    revision: 7,
    closure: [],
    values: freezeDeep(structuredClone(values)),
    secrets: ['password', 'infrastructure.servers'],
    variables: new Map([
      ['SHOP_NAME', { value: 'Lockside', secret: false }],
      ['PORT', { value: '8080', secret: false }],
    ]),
    readAt: 0,
  }
  return new Reader(snapshot, new LRUCache({ max: 100 }))
}

function errorOf(run: () => unknown): ConfigurationError {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error
  }
  throw new Error('nothing was thrown')
}

test('a dotted path leads to the value as it stands', () => {
  const config = reader()
  assert.equal(config.get('infrastructure.redis.url'), 'redis://cache.example:6379')
  assert.equal(config.get('infrastructure.redis.pool'), 12)
  assert.equal(config.get('empty'), null)
  assert.equal(config.has('empty'), true)
  assert.equal(config.has('infrastructure.redis.nothing'), false)
})

test('names with dots are quoted, places in lists are numbers', () => {
  const config = reader()
  for (const path of [`infrastructure["a.b"]['c-d']`, `infrastructure['a.b'].c-d`, `['infrastructure']["a.b"]["c-d"]`]) {
    assert.equal(config.get(path), 1, path)
  }
  assert.equal(config.get('infrastructure.servers[1].name'), 'two')
  assert.equal(config.has('infrastructure.servers[2]'), false)
  assert.equal(config.has('infrastructure.servers.length'), false)
})

test('what objects inherit is no value', () => {
  const config = reader()
  for (const path of ['constructor', 'toString', '__proto__', 'infrastructure.hasOwnProperty', 'password.length', 'list[0]']) {
    assert.equal(config.has(path), false, path)
  }
})

test('a path that is none is refused with the column', () => {
  for (const path of ['', '.', 'a.', '.a', 'a..b', 'a[', 'a[x]', 'a["x]', 'a]b', `a["b"]c`, 'a[-1]']) {
    assert.equal(errorOf(() => reader().get(path)).code, 'PATH_INVALID', path)
  }
})

test('a rendered path leads back to the same segments', () => {
  const samples = [['a', 'b'], ['a.b', 0, 'c"d'], ['', 'x'], ["it's", 3, 4], ['back\\slash']]
  for (const segments of samples) assert.deepEqual(parsePath(renderPath(segments)), segments)
})

test('typed getters take text that spells what is wanted, and refuse what does not', () => {
  const config = reader()
  assert.equal(config.number('infrastructure.redis.port'), 6379)
  assert.equal(config.number('rate'), 12.5)
  assert.equal(config.string('infrastructure.redis.pool'), '12')
  assert.equal(config.boolean('on'), true)
  assert.equal(config.boolean('infrastructure.redis.tls'), true)
  assert.equal(config.url('infrastructure.redis.url').port, '6379')
  assert.equal(config.duration('timeout'), 5_400_000)
  assert.deepEqual(config.list('list'), ['a', 'b', 'c'])
  assert.deepEqual(config.object('json'), { x: [1] })
  assert.equal(config.object('infrastructure.redis')['pool'], 12)
  const refused: (() => unknown)[] = [
    () => config.number('list'),
    () => config.boolean('rate'),
    () => config.url('list'),
    () => config.duration('rate'),
    () => config.list('infrastructure'),
    () => config.object('list'),
    () => config.string('infrastructure'),
    () => config.number('empty'),
  ]
  for (const read of refused) assert.equal(errorOf(read).code, 'CONFIG_TYPE')
})

test('a default stands in for what is absent, not for what is of the wrong kind', () => {
  const config = reader()
  assert.equal(config.get('nothing.here', 5), 5)
  assert.equal(config.number('nothing', 0), 0)
  assert.equal(config.boolean('nothing', false), false)
  assert.equal(config.string('nothing', ''), '')
  assert.equal(config.variable('NOTHING', 'x'), 'x')
  assert.equal(errorOf(() => config.number('list', 3)).code, 'CONFIG_TYPE')
})

test('a missing path says what was looked for, where, and what is nearest', () => {
  const config = reader()
  const message = (path: string): string => errorOf(() => config.get(path)).message
  assert.match(
    message('infrastructure.redis.urll'),
    /^shop\/dev \(revision 7 from the plane\) has nothing at `infrastructure\.redis\.urll`; did you mean `infrastructure\.redis\.url`\?/,
  )
  assert.match(message('infrastructure.redis.something'), /the nearest is `infrastructure\.redis` with url, port, pool, tls/)
  assert.match(message('infrastructure.postgres.url'), /the nearest is `infrastructure` with redis, a\.b, servers/)
  assert.match(message('infrastructure.servers[7].name'), /`infrastructure\.servers` is a list of 2, up to `infrastructure\.servers\[1\]`/)
  assert.match(message('rate.per'), /`rate` is no map or list/)
  assert.match(message('SHOP'), /at its top are infrastructure, empty/)
  assert.match(errorOf(() => config.variable('SHOP_NAMES')).message, /no environment variable SHOP_NAMES; did you mean SHOP_NAME\?/)
})

test('a secret prints as [secret] and is revealed on purpose only', () => {
  const secret = reader().secret('password')
  assert.equal(`${secret} ${JSON.stringify({ secret })} ${inspect(secret)}`.includes('fake-Zq81'), false)
  assert.equal(secret.reveal(), 'fake-Zq81-not-shown')
})

test('what is secret is known for the path itself and for everything inside it', () => {
  const config = reader()
  assert.equal(config.isSecret('password'), true)
  assert.equal(config.isSecret('infrastructure.servers[0].name'), true)
  assert.equal(config.isSecret('infrastructure.redis.url'), false)
  assert.equal(config.isSecret('passwords'), false)
})

test('no error of a read shows a value', () => {
  const config = reader()
  const reads: (() => unknown)[] = [
    () => config.number('password'),
    () => config.url('password'),
    () => config.object('password'),
    () => config.get('password.inner'),
    () => config.get('passwort'),
  ]
  for (const read of reads) assert.equal(inspect(errorOf(read), { depth: 9 }).includes('fake-Zq81'), false)
})

test('values that are handed out cannot be changed', () => {
  const config = reader()
  const servers = config.get('infrastructure.servers') as unknown as { name: string }[]
  assert.throws(() => servers.push({ name: 'three' }), TypeError)
  assert.throws(() => (servers[0]!.name = 'other'), TypeError)
  assert.equal(config.get('infrastructure.servers[0].name'), 'one')
})

test('what no path and no listener can be is refused at once, in words', async (t) => {
  const { plane, connect } = await createWorld(t)
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect()
  for (const path of [undefined, 5, ['a']]) assert.throws(() => config.get(path as never), { code: 'PATH_INVALID' })
  const { onChange } = { onChange: config.onChange.bind(config) as (...given: unknown[]) => unknown }
  for (const given of [[], [5], ['a'], ['a', 'b']])
    assert.throws(() => onChange(...given), /onChange takes a listener, or a path and a listener/)
  assert.equal(inspect({ config }), "{\n  config: Configuration { environment: 'shop/dev', source: 'plane', revision: 1 }\n}")
})
