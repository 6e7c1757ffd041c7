import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { lstat, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { eventually } from '../../../test/eventually.ts'
import { type Session, startSession } from './transcript/session.ts'

const text = `values:
  environmentVariables:
    GREETING: first
    API_KEY: {fn::secret: not-a-real-key-4711}
  files:
    CERTIFICATE: {fn::secret: not-a-real-certificate}
`

async function session(context: TestContext): Promise<Session> {
  const started = await startSession()
  context.after(() => started.end())
  const { url, token = '' } = await started.startPlane()
  Object.assign(started.env, { HEADGATE_URL: url, HEADGATE_TOKEN: token })
  await writeFile(join(started.folder, 'dev.yaml'), text)
  assert.equal((await started.run(['env', 'init', 'shop/dev', '--file', 'dev.yaml'])).exitCode, 0)
  return started
}

const run = (there: Session, options: readonly string[], ...command: string[]) =>
  there.run(['run', 'shop/dev', ...options, '--', ...command])
const shell = (script: string): string[] => ['sh', '-c', script]
const reading = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '')

test('run hands over what is asked for, and starts nothing where that is missing', async (t) => {
  const there = await session(t)
  const only = await run(there, ['--only-secrets', 'API_KEY'], ...shell('echo "$API_KEY ${GREETING-none}"'))
  assert.deepEqual([only.stdout, only.exitCode], ['not-a-real-key-4711 none\n', 0])
  const missing = await run(there, ['--only-secrets', 'API_KEY,NOBODY', '--only-secrets', 'NEITHER'], ...shell('echo started'))
  assert.deepEqual([missing.stdout, missing.exitCode], ['', 4])
  assert.match(missing.stderr, /VARIABLE_MISSING {2}shop\/dev defines no variable NOBODY, NEITHER/)
})

test('run mounts the values as a file in the place of variables, for as long as the program runs', async (t) => {
  const there = await session(t)
  const script = 'cat settings.json; echo "${API_KEY-none}"; ls -lL settings.json | cut -c1-10; exit 3'
  const mounted = await run(there, ['--mount', 'settings.json'], ...shell(script))
  const expected = `${JSON.stringify({ API_KEY: 'not-a-real-key-4711', GREETING: 'first' }, null, 2)}\nnone\n-rw-------\n`
  assert.deepEqual([mounted.stdout, mounted.exitCode], [expected, 3])
  await assert.rejects(lstat(join(there.folder, 'settings.json')), { code: 'ENOENT' })
  const lines = await run(there, ['--mount', '.env'], ...shell('cat .env; ls "$(dirname "$(readlink .env)")"; cat "$CERTIFICATE"'))
  assert.equal(lines.stdout, 'API_KEY=not-a-real-key-4711\nGREETING=first\n0\nmounted\nnot-a-real-certificate')
})

test('run leaves what is at the place of a mount as it is, but for what a killed run left', async (t) => {
  const there = await session(t)
  await writeFile(join(there.folder, '.env'), 'MINE=1\n')
  const refused = await run(there, ['--mount', '.env'], ...shell('echo started'))
  assert.deepEqual([refused.stdout, refused.exitCode], ['', 5])
  assert.match(refused.stderr, /MOUNT_REFUSED/)
  assert.equal(await reading(join(there.folder, '.env')), 'MINE=1\n')
  assert.match((await run(there, ['--mount', 'nowhere/.env'], 'true')).stderr, /MOUNT_REFUSED .*its folder is not there/)
  await symlink('/nowhere/headgate-run-1-abcdef/mounted', join(there.folder, 'left.env'))
  assert.equal((await run(there, ['--mount', 'left.env'], ...shell('grep -c API_KEY left.env'))).stdout, '1\n')
})

test('run hides secrets in both outputs of the program', async (t) => {
  const there = await session(t)
  const hidden = await run(
    there,
    ['--redact'],
    ...shell('echo "$GREETING $API_KEY"; printf %s "$API_KEY" | base64 >&2; cat "$CERTIFICATE"'),
  )
  assert.equal(hidden.stdout, 'first [secret]\n[secret]')
  assert.equal(hidden.stderr, '[secret]==\n')
})

test('run starts the program again when a value changes, and not when none does', async (t) => {
  const there = await session(t)
  const out = join(there.folder, 'out')
  const script = 'echo "$GREETING" >> out; [ "$GREETING" = third ] && exit 5; sleep 600 & trap "kill $!; exit 0" TERM; wait $!'
  const running = run(there, ['--watch'], ...shell(script))
  await eventually(async () => (await reading(out)) === 'first\n')
  const set = (path: string, value: string) => there.run(['env', 'set', 'shop/dev', path, value])
  assert.equal((await set('unrelated', 'x')).exitCode, 0)
  assert.equal((await set('environmentVariables.GREETING', 'second')).exitCode, 0)
  await eventually(async () => (await reading(out)) === 'first\nsecond\n')
  assert.equal((await set('environmentVariables.GREETING', 'third')).exitCode, 0)
  const ended = await running
  assert.equal(ended.exitCode, 5)
  assert.equal(await reading(out), 'first\nsecond\nthird\n')
  assert.match(ended.stderr, /shop\/dev changed; starting again/)
})

test('run is sent the values with each change, which is on record as such, and a change while the program ends is not lost', async (t) => {
  const there = await session(t)
  const set = async (path: string, value: string) => assert.equal((await there.run(['env', 'set', 'shop/dev', path, value])).exitCode, 0)
  const out = join(there.folder, 'out')
  const script = `echo "$GREETING" >> out; [ "$GREETING" = fourth ] && exit 5
    trap "until [ -e go ]; do sleep 0.05; done; exit 0" TERM; while :; do sleep 0.05; done`
  const running = run(there, ['--watch'], ...shell(script))
  await eventually(async () => (await reading(out)) === 'first\n')
  // A change before it follows is asked about; two sent one after the other say that it does, and has nothing left to ask.
  await eventually(async () => {
    await set('unrelated', String(Math.random()))
    return (await openings(there)).slice(-2).every(({ sent }) => sent)
  })
  const before = await openings(there)
  await set('environmentVariables.GREETING', 'second')
  await set('environmentVariables.GREETING', 'third')
  const newest = before.at(-1)!.revision + 2
  await eventually(async () => (await openings(there)).at(-1)?.revision === newest)
  await writeFile(join(there.folder, 'go'), '')
  await eventually(async () => (await reading(out)).endsWith('third\n'))
  await set('environmentVariables.GREETING', 'fourth')
  assert.equal((await running).exitCode, 5)
  const after = (await openings(there)).slice(before.length)
  assert.equal(after.at(-1)?.revision, newest + 1)
  assert.deepEqual(
    after.filter(({ sent }) => !sent),
    [],
    'nothing was asked for',
  )
})

/** How the environment was opened, oldest first: at which revision, and whether sent with a change or asked for. */
async function openings(there: Session): Promise<{ revision: number; sent: boolean }[]> {
  const { stdout } = await there.run(['audit', 'ls', '--action', 'environment.open', '--json'])
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { details: { revision: number; sessions?: string[] } })
  return records.map(({ details }) => ({ revision: details.revision, sent: details.sessions !== undefined }))
}

test('run sends a signal in the place of a new start, after the files were written anew', async (t) => {
  const there = await session(t)
  const script = 'trap "cat $CERTIFICATE; grep -c second .env; exit 6" HUP; echo ready > out; while :; do sleep 0.05; done'
  const running = run(there, ['--watch', '--watch-signal', 'SIGHUP', '--mount', '.env'], ...shell(script))
  await eventually(async () => (await reading(join(there.folder, 'out'))) === 'ready\n')
  assert.equal((await there.run(['env', 'set', 'shop/dev', 'environmentVariables.GREETING', 'second'])).exitCode, 0)
  const ended = await running
  assert.deepEqual([ended.stdout, ended.exitCode], ['not-a-real-certificate1\n', 6])
})

test('run leaves nothing behind, also of runs that were killed', async (t) => {
  const there = await session(t)
  await run(there, ['--mount', '.env'], ...shell('true'))
  const left = (await readdir(there.env['TMPDIR'] ?? '')).filter((name) => name.startsWith('headgate-run-'))
  assert.deepEqual(left, [])
})

test('options that say how another does its work are refused without it', async (t) => {
  const there = await session(t)
  for (const options of [
    ['--watch-signal', 'SIGHUP'],
    ['--mount-format', 'json'],
  ]) {
    assert.equal((await run(there, options, 'true')).exitCode, 2)
  }
})

test('a reader that has seen enough ends the program, and what run wrote for it is gone', async (t) => {
  const there = await session(t)
  const script = `
    { "$NODE" "$HEADGATE" run shop/dev --redact --mount settings.json -- sh -c 'readlink settings.json; exec yes'; echo $? > code; } | head -1`
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { cwd: there.folder, env: there.env })
  await eventually(async () => (await reading(join(there.folder, 'code'))) !== '')
  assert.notEqual(await reading(join(there.folder, 'code')), '0\n')
  for (const left of [stdout.trim(), join(there.folder, 'settings.json')]) await assert.rejects(lstat(left), { code: 'ENOENT' })
})
