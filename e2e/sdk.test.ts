import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Configuration, type ConnectOptions, Headgate, type Notice, type Reload } from '@headgate/sdk'
import { TcpLine } from '../clients/sdk/test/tcp-line.ts'
import { hastyClock, until } from '../clients/sdk/test/test-surroundings.ts'
import { main, need, servePlane } from '../test/plane/served-plane.ts'

/** The SDK's own tests run on a double of the contract; these run on the plane itself. */
interface Ground {
  readonly plane: Awaited<ReturnType<typeof servePlane>>
  readonly home: string
  readonly notices: Notice[]
  save(environment: string, text: string): Promise<number>
  connect(options?: ConnectOptions): Promise<Configuration>
}

async function prepare(t: TestContext): Promise<Ground> {
  const home = await mkdtemp(join(tmpdir(), 'headgate-e2e-sdk-'))
  const plane = await servePlane(t)
  const notices: Notice[] = []
  const configs: Configuration[] = []
  t.after(async () => {
    for (const config of configs) await config.close()
    await rm(home, { recursive: true, force: true })
  })
  const heads = new Map<string, number>()
  return {
    plane,
    home,
    notices,
    async save(environment, text) {
      const params = main('shop', environment)
      const expected = heads.get(environment)
      const saved =
        expected === undefined
          ? need(await plane.owner.call('createEnvironment', { params, body: { text } }))
          : need(await plane.owner.call('saveEnvironment', { params, body: { text, expected } }))
      heads.set(environment, saved.revision)
      return saved.revision
    },
    async connect(options = {}) {
      const report = (notice: Notice): void => void notices.push(notice)
      const given = { url: plane.url, token: plane.ownerToken, environment: 'shop/dev', report, ttlMs: 36_000_000, ...options }
      const config = await Headgate.connect(given, { env: {}, home, folder: home, clock: hastyClock, random: Math.random })
      configs.push(config)
      return config
    },
  }
}

const counter = (value: number): string => `values:\n  counter: ${value}\n  password:\n    fn::secret: fake-e2e-${value}\n`

test('what is saved in the plane is what a program reads, and a change arrives at once', async (t) => {
  const { save, connect } = await prepare(t)
  await save('dev', `${counter(1)}  environmentVariables:\n    SHOP_NAME: Lockside\n`)
  const config = await connect()
  assert.deepEqual([config.get('counter'), config.secret('password').reveal(), config.variable('SHOP_NAME')], [1, 'fake-e2e-1', 'Lockside'])
  assert.deepEqual([config.isSecret('password'), config.isSecret('counter'), config.revision, config.source], [true, false, 1, 'plane'])
  const heard: unknown[] = []
  config.onChange('counter', ({ before, after, revision }) => heard.push([before, after, revision]))
  await until(() => config.stats().watching, 'it is watched')
  await save('dev', counter(2))
  await until(() => heard.length === 1, 'the change is heard')
  assert.deepEqual(heard, [[1, 2, 2]])
})

test('a change of an imported environment arrives, and so does a tag that moves', async (t) => {
  const { plane, save, connect } = await prepare(t)
  await save('base', 'values:\n  redis: one\n')
  await save('dev', 'imports:\n  - shop/base\nvalues:\n  counter: 1\n')
  await save('dev', 'imports:\n  - shop/base\nvalues:\n  counter: 2\n')
  const tag = async (revision: number): Promise<void> => {
    need(await plane.owner.call('moveTag', { params: { ...main('shop', 'dev'), tag: 'stable' }, body: { revision } }))
  }
  await tag(1)
  const [newest, stable] = [await connect(), await connect({ environment: 'shop/dev@stable' })]
  await until(() => newest.stats().watching && stable.stats().watching, 'both are watched')
  await save('base', 'values:\n  redis: two\n')
  await until(() => newest.get('redis') === 'two' && stable.get('redis') === 'two', 'the import is there')
  await tag(2)
  await until(() => stable.get('counter') === 2, 'the tag is followed forth')
  await tag(1)
  await until(() => stable.get('counter') === 1, 'the tag is followed back')
})

test('forced reconnects lose no change and reorder none', async (t) => {
  const rounds = process.env['HEADGATE_PROVE'] === '1' ? 10_000 : 200
  const { plane, save, connect } = await prepare(t)
  const line = await TcpLine.to(() => Number(new URL(plane.url).port))
  t.after(() => line.close())
  await save('dev', counter(1))
  const config = await connect({ url: line.url, fallback: 'off' })
  const reloads: Reload[] = []
  config.onChange((reload) => {
    assert.equal(config.get('counter'), reload.revision)
    reloads.push(reload)
  })
  await until(() => config.stats().watching, 'it is watched')
  let head = 1
  for (let round = 0; round < rounds; round += 1) {
    if (round % 3 === 0) await save('dev', counter(++head))
    line.cut()
    if (round % 3 === 1) await save('dev', counter(++head))
    await until(() => config.stats().reconnects > round, `reconnect ${round + 1}`)
    if (round % 3 === 2) await save('dev', counter(++head))
  }
  await until(() => config.revision === head, `revision ${head} is there`)
  let last = 1
  for (const { revision, previousRevision } of reloads) {
    assert.ok(previousRevision === last && revision > last, `from ${previousRevision} to ${revision} after ${last}`)
    last = revision
  }
  assert.equal(last, head)
})

test('a role that may not open gets nothing, and a removed environment takes the copy with it', async (t) => {
  const { plane, home, notices, save, connect } = await prepare(t)
  await save('dev', counter(1))
  const reader = await plane.user('reader', [{ effect: 'allow', permissions: ['read'], environments: ['main/*/*'] }])
  await assert.rejects(connect({ token: reader.token, compatibility: true }), { code: 'PERMISSION_DENIED' })
  const config = await connect()
  await until(() => config.stats().watching, 'it is watched')
  need(await plane.owner.call('deleteEnvironment', { params: main('shop', 'dev') }))
  await until(() => notices.some(({ code }) => code === 'access-refused'), 'the refusal is reported')
  await config.close()
  assert.deepEqual(await readdir(join(home, '.cache', 'headgate', 'fallback')), [])
  assert.equal(config.get('counter'), 1)
})
