import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort } from '../test/free-port.ts'
import { leaveOut } from '../test/left-out.ts'
import { main, need } from '../test/plane/served-plane.ts'
import { postgresDatabase, postgresMissing } from '../test/postgres-kit.ts'
import { makeHome, runHeadgate, startPlane } from './plane-process.ts'

const PASSWORD = 'made-up-for-this-test'

/** Runs `headgate serve` to its end, which is a refusal. */
async function refused(
  t: TestContext,
  words: readonly string[],
  { env = {}, input }: { env?: Record<string, string>; input?: string } = {},
) {
  const home = makeHome(t)
  const environment = { ...home.environment, ...env }
  const serve = ['serve', '--data', home.data, '--key-file', join(home.folder, 'root.key'), '--port', '0', '--json', ...words]
  const ended = await runHeadgate(t, { environment }, serve, { cwd: home.folder, ...(input === undefined ? {} : { input }) })
  assert.notEqual(ended.code, 0)
  assert.doesNotMatch(ended.stdout + ended.stderr, new RegExp(PASSWORD))
  const { problem } = JSON.parse(ended.stdout.split('\n')[0] ?? '') as { problem: { code: string; message: string } }
  return problem
}

test('an address with a password is refused as an argument, and repeated by no refusal wherever it comes from', async (t) => {
  const port = await freePort()
  const address = `postgres://someone:${PASSWORD}@127.0.0.1:${port}/headgate`
  assert.match((await refused(t, ['--database', address])).message, /--database-file/)
  const unreachable = await refused(t, [], { env: { HEADGATE_DATABASE: address } })
  assert.equal(unreachable.code, 'DATABASE_UNREACHABLE')
  assert.match(unreachable.message, /postgres:\/\/someone@127\.0\.0\.1/)
  assert.equal((await refused(t, ['--database-file', '-'], { input: `${address}\n` })).code, 'DATABASE_UNREACHABLE')
  const wrong = await refused(t, ['--database-file', '-'], { input: `mysql://someone:${PASSWORD}@127.0.0.1/headgate\n` })
  assert.equal(wrong.code, 'DATABASE_ADDRESS_INVALID')
})

const missing = postgresMissing()
if (missing !== undefined) leaveOut('a plane on PostgreSQL by the command line', missing)
else
  test('a plane on PostgreSQL is backed up, restored into another database, verified there and served, by commands alone', async (t) => {
    const home = makeHome(t, { database: await postgresDatabase(t) })
    const plane = await startPlane(t, home)
    const params = main('shop', 'dev')
    need(await plane.client.call('createEnvironment', { params, body: { text: 'values:\n  key: {fn::secret: fake-for-restore}\n' } }))
    const passphrase = join(home.folder, 'passphrase')
    writeFileSync(passphrase, 'one made up for this test\n')
    const file = join(home.folder, 'monday.age')
    const backup = await runHeadgate(t, plane, ['backup', '--output', file, '--passphrase-file', passphrase])
    assert.equal(backup.code, 0, backup.stderr)
    assert.equal(readFileSync(file).indexOf('fake-for-restore'), -1)

    const target = makeHome(t)
    const address = join(target.folder, 'address')
    const database = await postgresDatabase(t)
    writeFileSync(address, database.reveal(), { mode: 0o600 })
    const on = ['--data', target.data, '--key-file', join(target.folder, 'root.key'), '--database-file', address]
    const restored = await runHeadgate(t, target, ['restore', file, '--passphrase-file', passphrase, ...on])
    assert.equal(restored.code, 0, restored.stderr)
    assert.match(restored.stdout, /^start it: headgate serve --data .* --key-file .* --database-file .*address$/m)
    const again = await runHeadgate(t, target, ['restore', file, '--passphrase-file', passphrase, ...on])
    assert.notEqual(again.code, 0)
    const verified = await runHeadgate(t, target, ['audit', 'verify', ...on])
    assert.equal(verified.code, 0, verified.stdout + verified.stderr)
    const served = await startPlane(
      t,
      { ...target, environment: { ...target.environment, HEADGATE_DATABASE: database.reveal() } },
      plane.token,
    )
    assert.deepEqual(need(await served.client.call('openEnvironment', { params })).values, { key: 'fake-for-restore' })
  })
