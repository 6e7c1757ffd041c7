import assert from 'node:assert/strict'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Secret } from '@headgate/model'
import { Fallback } from '@headgate/sdk/fallback'
import { systemClock } from '@headgate/sdk/stand-in'
import { type Plane, type Session, startSession } from './transcript/session.ts'

const text = `values:
  environmentVariables:
    GREETING: from the plane
    API_KEY: {fn::secret: not-a-real-key-4711}
  files:
    CERTIFICATE: {fn::secret: not-a-real-certificate}
`

async function session(t: TestContext): Promise<{ there: Session; plane: Plane }> {
  const there = await startSession()
  t.after(() => there.end())
  const plane = await there.startPlane()
  Object.assign(there.env, { HEADGATE_URL: plane.url, HEADGATE_TOKEN: plane.token })
  await writeFile(join(there.folder, 'dev.yaml'), text)
  assert.equal((await there.run(['env', 'init', 'shop/dev', '--file', 'dev.yaml'])).exitCode, 0)
  return { there, plane }
}

const SHOW = ['sh', '-c', 'echo "$GREETING, $API_KEY, ${LOCAL-none}, $([ -z "$CERTIFICATE" ] || cat "$CERTIFICATE")"']
const show = (there: Session, options: readonly string[] = [], env: Record<string, string> = {}) =>
  there.run(['run', 'shop/dev', ...options, '--', ...SHOW], { env })
const FROM_THE_PLANE = 'from the plane, not-a-real-key-4711, none, not-a-real-certificate\n'

/** The copies on disk, by name. */
async function copies(there: Session): Promise<string[]> {
  const folder = join(there.env['HOME'] ?? '', '.cache', 'headgate', 'fallback')
  return (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.sealed')).map((name) => join(folder, name))
}

test('what the plane gave is kept for those who ask, sealed, and starts the program while the plane is away', async (t) => {
  const { there, plane } = await session(t)
  assert.equal((await show(there)).stdout, FROM_THE_PLANE)
  assert.deepEqual(await copies(there), [], 'nothing is kept for who does not ask')
  const kept = await show(there, ['--fallback', 'on'])
  assert.deepEqual([kept.stdout, kept.stderr], [FROM_THE_PLANE, ''])
  const [copy = ''] = await copies(there)
  assert.equal((await readFile(copy, 'latin1')).includes('not-a-real'), false)
  await plane.stop()
  for (const [options, env] of [
    [['--fallback', 'on'], {}],
    [['--fallback', 'read-only'], {}],
    [[], { ESC_FALLBACK_MODE: 'on' }],
  ] as const) {
    const away = await show(there, options, env)
    assert.deepEqual([away.stdout, away.exitCode], [FROM_THE_PLANE, 0])
    assert.match(
      away.stderr,
      /^warning {2}shop\/dev: the fallback copy of revision 1, written .* is used, because no plane answers at .*\n$/,
    )
  }
  const off = await show(there)
  assert.deepEqual([off.stdout, off.exitCode], ['', 6])
  const other = await there.run(['run', 'shop/other', '--fallback', 'on', '--', 'true'])
  assert.equal(other.exitCode, 6)
  assert.match(other.stderr, /CONFIG_UNAVAILABLE .*no plane answers at .*; there is no copy in /)
  const spelled = await show(there, [], { ESC_FALLBACK_MODE: 'sometimes' })
  assert.match(spelled.stderr, /CONFIG_SETTING_INVALID {2}ESC_FALLBACK_MODE cannot be used: it is one of on, read-only, only, off/)
})

test('with the mode `only` no plane is asked, also where one is there', async (t) => {
  const { there } = await session(t)
  await show(there, ['--fallback', 'on'])
  assert.equal((await there.run(['env', 'set', 'shop/dev', 'environmentVariables.GREETING', 'newer'])).exitCode, 0)
  const only = await show(there, ['--fallback', 'only'])
  assert.equal(only.stdout, FROM_THE_PLANE)
  assert.match(only.stderr, /because the fallback mode is `only`/)
})

test('a plane that refuses takes the copy away, and nothing stands in', async (t) => {
  const { there } = await session(t)
  const { stdout } = await there.run(['access', 'token', 'create', 'short', '--json'])
  const { id, secret } = JSON.parse(stdout) as { id: string; secret: string }
  const env = { HEADGATE_TOKEN: secret }
  assert.equal((await show(there, ['--fallback', 'on'], env)).stdout, FROM_THE_PLANE)
  assert.equal((await copies(there)).length, 1)
  assert.equal((await there.run(['access', 'token', 'rm', id])).exitCode, 0)
  const refused = await show(there, ['--fallback', 'on'], { ...env, ESC_BACKWARD_COMPATIBILITY: 'on' })
  assert.deepEqual([refused.stdout, refused.exitCode], ['', 3])
  assert.deepEqual(await copies(there), [])
})

test('a copy of before, which does not know the files, is not taken for an environment without any', async (t) => {
  const there = await startSession()
  t.after(() => there.end())
  const home = there.env['HOME'] ?? ''
  const plane = { url: 'http://127.0.0.1:9', token: new Secret('fake-token') }
  const settings = {
    mode: 'on',
    folder: join(home, '.cache/headgate/fallback'),
    memory: join(home, '.local/state/headgate/fallback'),
  } as const
  const reference = { project: 'shop', environment: 'dev' }
  const values = {
    source: 'plane',
    environment: 'shop/dev',
    organisation: 'main',
    revision: 1,
    closure: [],
    values: {},
    secrets: [],
  } as const
  const before = new Fallback({ settings: { ...settings, maxAgeMs: 60_000 }, reference, plane, clock: systemClock })
  await before.write({ ...values, variables: new Map(), readAt: Date.now() })
  const refused = await show(there, ['--fallback', 'only'], { HEADGATE_URL: plane.url, HEADGATE_TOKEN: 'fake-token' })
  assert.deepEqual([refused.stdout, refused.exitCode], ['', 6])
  assert.match(refused.stderr, /CONFIG_UNAVAILABLE .*the fallback copy was kept without the files of the environment/)
})

test('where there is neither plane nor copy, the .env files stand in for those who switched it on', async (t) => {
  const there = await startSession()
  t.after(() => there.end())
  await writeFile(join(there.folder, '.env'), 'GREETING="from the file"\r\nLOCAL=1\r\nHOME=/elsewhere\r\n')
  const script = ['run', 'shop/dev', '--', 'sh', '-c', 'echo "$GREETING, $LOCAL, $HOME"']
  const env = { ESC_BACKWARD_COMPATIBILITY: 'on' }
  const stood = await there.run(script, { env })
  assert.deepEqual([stood.stdout, stood.exitCode], [`from the file, 1, ${there.env['HOME']}\n`, 0])
  assert.match(stood.stderr, /^warning {2}shop\/dev: \.env and the variables of this process are used, because no token: /)
  const without = await there.run(script)
  assert.equal(without.exitCode, 3)
  assert.match(without.stderr, /^NOT_LOGGED_IN/)
  const unsigned = await there.run(['run', 'shop/dev', '--fallback', 'on', '--', 'true'])
  assert.match(unsigned.stderr, /^NOT_LOGGED_IN/)
})
