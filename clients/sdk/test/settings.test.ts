import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { inspect } from 'node:util'
import { Secret } from '@headgate/model'
import { credentialsFile, saveCredentials } from '../src/credentials.ts'
import { detectEnvironment } from '../src/environment-detection.ts'
import { type ConnectOptions, type Settings, resolveSettings } from '../src/settings.ts'
import { systemClock } from '../src/surroundings.ts'
import { createWorld, freshToken } from './test-surroundings.ts'

type Env = Record<string, string>

async function settings(env: Env, options: ConnectOptions = {}, home = '/nonexistent/home'): Promise<Settings<unknown>> {
  return resolveSettings(options, { env, home, folder: home, clock: systemClock, random: () => 0 })
}

async function homeWithLogin(t: TestContext, url: string, token: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'headgate-settings-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  await saveCredentials(url, { token: new Secret(token), organisation: 'acme', user: 'owner' }, credentialsFile({}, home))
  return home
}

test('customary names of stages become environments, other names stay', () => {
  const detected = (env: Env): string | undefined => detectEnvironment(env)
  assert.equal(detected({ NODE_ENV: 'development' }), 'dev')
  assert.equal(detected({ NODE_ENV: 'production' }), 'production')
  assert.equal(detected({ ENVIRONMENT: 'Prod', NODE_ENV: 'development' }), 'production')
  assert.equal(detected({ ENVIRONMENT: 'stage' }), 'staging')
  assert.equal(detected({ NODE_ENV: 'test' }), 'test')
  assert.equal(detected({ ENVIRONMENT: 'feature-42' }), 'feature-42')
  assert.equal(detected({ ENVIRONMENT: 'shop/production' }), 'shop/production')
  assert.equal(detected({ ENVIRONMENT: ' ', NODE_ENV: '' }), undefined)
})

test('the environment comes from the option, then HEADGATE_ENVIRONMENT, then what the stage says', async () => {
  const all = { HEADGATE_ENVIRONMENT: 'shop/staging', NODE_ENV: 'production', HEADGATE_PROJECT: 'shop' }
  assert.equal((await settings(all, { environment: 'shop/dev@4' })).name, 'shop/dev@4')
  assert.equal((await settings(all)).name, 'shop/staging')
  assert.equal((await settings({ NODE_ENV: 'production', HEADGATE_PROJECT: 'shop' })).name, 'shop/production')
  assert.equal((await settings({ HEADGATE_ENVIRONMENT: 'dev', HEADGATE_PROJECT: 'shop' })).name, 'shop/dev')
  assert.equal((await settings({ HEADGATE_ENVIRONMENT: 'dev' })).name, 'default/dev')
  assert.deepEqual((await settings({}, { environment: 'acme/shop/dev@stable' })).reference, {
    organisation: 'acme',
    project: 'shop',
    environment: 'dev',
    version: 'stable',
  })
  assert.equal((await settings({ HEADGATE_ORGANISATION: 'acme' }, { environment: 'shop/dev' })).reference.organisation, 'acme')
})

test('where no environment is named, the error says where it was looked for', async () => {
  await assert.rejects(settings({}), /looked in the option `environment`, HEADGATE_ENVIRONMENT, ENVIRONMENT and NODE_ENV/)
  await assert.rejects(settings({ NODE_ENV: 'production' }), /say production.*HEADGATE_PROJECT say no project/)
  await assert.rejects(settings({}, { environment: 'a/b/c/d' }), { code: 'REFERENCE_INVALID' })
})

test('plane and token come from options, variables and the file of `headgate login`, in this order', async (t) => {
  const [own, stored] = [freshToken(), freshToken()]
  const home = await homeWithLogin(t, 'https://stored.example', stored)
  const found = async (env: Env, options: ConnectOptions = {}): Promise<unknown[]> => {
    const { plane, reference, planeMissing } = await settings({ HEADGATE_ENVIRONMENT: 'shop/dev', ...env }, options, home)
    return [plane?.url, plane?.token.reveal(), reference.organisation, planeMissing?.code]
  }
  assert.deepEqual(await found({}), ['https://stored.example', stored, 'acme', undefined])
  assert.deepEqual(await found({ HEADGATE_TOKEN: own }), ['https://stored.example', own, undefined, undefined])
  assert.deepEqual(await found({ HEADGATE_URL: 'https://stored.example/' }), ['https://stored.example', stored, 'acme', undefined])
  assert.deepEqual(await found({ HEADGATE_URL: 'https://other.example' }), [undefined, undefined, undefined, 'NOT_LOGGED_IN'])
  assert.deepEqual(
    await found({ HEADGATE_URL: 'https://a.example', HEADGATE_TOKEN: 'x' }, { url: 'https://b.example', token: new Secret(own) }),
    ['https://b.example', own, undefined, undefined],
  )
})

test('the stored token goes to the plane it was stored for and to no other', async (t) => {
  const home = await homeWithLogin(t, 'https://stored.example', freshToken())
  const { plane } = await settings({ HEADGATE_ENVIRONMENT: 'shop/dev', HEADGATE_URL: 'https://evil.example' }, {}, home)
  assert.equal(plane, undefined)
})

test('settings that cannot be used are refused by name, and never repeated where they may be secret', async () => {
  const base = { HEADGATE_ENVIRONMENT: 'shop/dev' }
  const refused: [Env, ConnectOptions, RegExp][] = [
    [{ ESC_CACHE_TTL: '5m' }, {}, /ESC_CACHE_TTL cannot be used: it has to be a number of seconds above 0/],
    [{ ESC_CACHE_TTL: '0' }, {}, /ESC_CACHE_TTL/],
    [{ ESC_FALLBACK_MODE: 'maybe' }, {}, /ESC_FALLBACK_MODE.*on, read-only, only, off/],
    [{ ESC_BACKWARD_COMPATIBILITY: 'perhaps' }, {}, /ESC_BACKWARD_COMPATIBILITY/],
    [{}, { cacheSize: 0 }, /cacheSize/],
    [{}, { url: 'ftp://plane.example', token: 'x' }, /http or https/],
    [{}, { url: 'https://owner:fake-hidden-1@plane.example', token: 'x' }, /user name or password/],
    [{}, { url: 'https://plane.example', token: 'fake-hidden-2\nx' }, /the token/],
    [{}, { fallback: { maxAgeMs: -1 } }, /maxAgeMs/],
    [{}, { environment: 5 } as never, /`environment` cannot be used: it has to be text/],
    [{}, { watch: 'off' } as never, /`watch` cannot be used: it has to be true or false/],
    [{}, { report: true } as never, /`report` cannot be used: it has to be a function/],
    [{}, { token: 4711 } as never, /`token` cannot be used: it has to be text or a Secret/],
  ]
  for (const [env, options, message] of refused) {
    await assert.rejects(settings({ ...base, ...env }, options), (error) => {
      assert.match(String(error), message)
      assert.equal(inspect(error).includes('fake-hidden'), false)
      return true
    })
  }
})

test('a mode is taken however it is written, and half a place to keep paths is one', async () => {
  const base = { HEADGATE_ENVIRONMENT: 'shop/dev' }
  assert.equal((await settings({ ...base, ESC_FALLBACK_MODE: ' OFF ' })).fallback.mode, 'off')
  assert.equal((await settings(base, { cacheSize: 0.5 })).cacheSize, 1)
})

test('the time to live comes in seconds from ESC_CACHE_TTL, and is 300 s without it', async () => {
  const base = { HEADGATE_ENVIRONMENT: 'shop/dev' }
  assert.equal((await settings(base)).ttlMs, 300_000)
  assert.equal((await settings({ ...base, ESC_CACHE_TTL: '15' })).ttlMs, 15_000)
  assert.equal((await settings({ ...base, ESC_CACHE_TTL: '15' }, { ttlMs: 5 })).ttlMs, 5)
  assert.equal((await settings({ ...base, ESC_CACHE_TTL: '99999999999' })).ttlMs, 2 ** 31 - 1)
})

test('the organisation is asked for once where nobody names it', async (t) => {
  const { plane, connect } = await createWorld(t)
  plane.save('shop/dev', { values: { a: 1 } })
  const config = await connect()
  await config.refresh()
  assert.equal(plane.sessions, 1)
  await connect({ environment: 'main/shop/dev' })
  assert.equal(plane.sessions, 1)
})

test('a token that would travel unencrypted to another machine is warned of', async (t) => {
  const { connect, codes } = await createWorld(t)
  await assert.rejects(connect({ url: 'http://plane.invalid' }), { code: 'CONFIG_UNAVAILABLE' })
  assert.deepEqual(codes(), ['address-insecure'])
})

test('everything works from variables alone', async (t) => {
  const world = await createWorld(t)
  world.plane.save('shop/production', { values: { a: 1 } })
  const env = { HEADGATE_URL: world.plane.url, HEADGATE_TOKEN: world.token, NODE_ENV: 'production', HEADGATE_PROJECT: 'shop' }
  const { connect } = await import('../src/connect.ts')
  const config = await connect({ report: () => {} }, { ...world.surroundings, env })
  world.atEnd(() => config.close())
  assert.deepEqual([config.environment, config.get('a')], ['shop/production', 1])
})
