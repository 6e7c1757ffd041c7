import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Secret } from '@headgate/model'
import { eventually } from '../../../test/eventually.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { systemClock } from '../src/clock.ts'
import { strikeOut } from '../src/explain.ts'
import { claimPath } from '../src/process/claim.ts'
import { controlGroups } from '../src/process/control-group.ts'
import { openFence } from '../src/process/fence.ts'
import { freePort, isFree } from '../src/process/free-port.ts'
import { rotateOutput, tailOf } from '../src/process/output-log.ts'
import { openPrivateFiles } from '../src/process/private-files.ts'
import { type ProcessDriver, type ProcessDriverOptions, createProcessDriver } from '../src/process/process-driver.ts'
import { isRunning, parseStat } from '../src/process/process-table.ts'
import { valueOf } from './kit/upload.ts'

const command = { scope: 'target', epoch: 1 }

const options = async (folder: string): Promise<ProcessDriverOptions> => ({
  folder,
  fence: await openFence(join(folder, 'fence')),
  files: await openPrivateFiles(folder),
  clock: systemClock,
})

async function driverIn(
  t: TestContext,
): Promise<{ driver: ProcessDriver; folder: string; order(run: string): Parameters<ProcessDriver['start']>[0] }> {
  const started: { id: string; attempt: number }[] = []
  const drivers: ProcessDriver[] = []
  // Before the folder's own removal, which is asked for next: hooks run in the order they were given.
  t.after(async () => {
    for (const attempt of started) for (const one of drivers) await one.stop(attempt, 0, { scope: 'target', epoch: 1000 })
  })
  const folder = temporaryFolder(t, { spaces: true })
  const driver = createProcessDriver(await options(folder))
  drivers.push(driver)
  const order = (run: string) => {
    const attempt = { id: `web-${started.length}`, attempt: 1 }
    started.push(attempt)
    return { ...attempt, folder, run, port: 4000, variables: {}, files: {}, limits: {} }
  }
  return { driver, folder, order }
}

test('a process runs in a session of its own, and its output goes to its log', async (t) => {
  const { driver, order } = await driverIn(t)
  const wanted = order('echo "port $PORT"; echo "to standard error" >&2; exec sleep 60')
  const { pid } = valueOf(await driver.start({ ...wanted, variables: { PORT: 'overridden' } }, command))
  assert.equal(execFileSync('ps', ['-o', 'sid=', '-p', String(pid)], { encoding: 'utf8' }).trim(), String(pid))
  const lines = await eventually(async () => {
    const tail = await tailOf(driver.folderOf(wanted.id), 1000)
    return tail.length === 2 && tail
  })
  assert.deepEqual(lines, ['port 4000', 'to standard error'])
})

test('an attempt that was started is not started again, whoever asks and however often', async (t) => {
  const { driver, folder, order } = await driverIn(t)
  const wanted = order('echo started; exec sleep 60')
  const again = createProcessDriver(await options(folder))
  const started = await Promise.all([driver, again, driver, again].map((one) => one.start(wanted, command)))
  assert.equal(new Set(started.map((result) => valueOf(result).pid)).size, 1)
  assert.deepEqual(
    await eventually(async () => (await tailOf(driver.folderOf(wanted.id), 1000)).length > 0 && tailOf(driver.folderOf(wanted.id), 1000)),
    ['started'],
  )
})

test('a starter that was killed between its claim and its command leaves an attempt that is gone, not one that can run later', async (t) => {
  const { driver, order } = await driverIn(t)
  const wanted = order('echo started')
  mkdirSync(driver.folderOf(wanted.id))
  writeFileSync(claimPath(driver.folderOf(wanted.id), 1), '')
  assert.equal((await driver.find(wanted)).state, 'gone')
  const refused = await driver.start(wanted, command)
  assert.equal(refused.ok ? '' : refused.problem.code, 'INSTANCE_NOT_STARTED')
})

test('files are private, their paths are in variables, other contents take their place whole, and they go with the instance', async (t) => {
  const { driver, order } = await driverIn(t)
  const wanted = { ...order('echo "$KEY"; exec sleep 60'), files: { KEY: new Secret('a fake key\n'), OTHER: 'x' } }
  valueOf(await driver.start(wanted, command))
  const [path = ''] = await eventually(async () => {
    const lines = await tailOf(driver.folderOf(wanted.id), 1000)
    return lines.length === 1 && lines
  })
  assert.equal(readFileSync(path, 'utf8'), 'a fake key\n')
  assert.deepEqual(
    [statSync(path).mode & 0o777, statSync(dirname(path)).mode & 0o777, readdirSync(dirname(path)).length],
    [0o600, 0o700, 2],
  )
  await driver.rewrite(wanted.id, { KEY: 'another one' }, command)
  assert.deepEqual([readFileSync(path, 'utf8'), readdirSync(dirname(path)).length], ['another one', 1])
  await driver.stop(wanted, 0, command)
  assert.equal(existsSync(path), false)
})

test('a folder in memory that others may enter is not trusted with files', async (t) => {
  const folder = temporaryFolder(t)
  const memory = temporaryFolder(t)
  const first = await (await openPrivateFiles(folder, memory)).write('web', { KEY: 'x' })
  assert.ok(first['KEY']?.startsWith(memory))
  chmodSync(join(memory, readdirSync(memory)[0] ?? ''), 0o755)
  const second = await (await openPrivateFiles(folder, memory)).write('web', { KEY: 'x' })
  assert.ok(second['KEY']?.startsWith(folder))
})

test('a value that no process can be given is refused by its name, and not quoted', async (t) => {
  const { driver, order } = await driverIn(t)
  const started = await driver.start({ ...order('exit 0'), variables: { KEY: new Secret('fake\0value') } }, command)
  assert.equal(started.ok ? '' : started.problem.code, 'INSTANCE_NOT_STARTED')
  assert.match(started.ok ? '' : started.problem.message, /the value of KEY holds a NUL byte; deliver it as a file/)
  assert.doesNotMatch(JSON.stringify(started), /fake/)
})

test('an attempt that was stopped before it began never begins, whoever was about to start it', async (t) => {
  const { driver, order } = await driverIn(t)
  const wanted = order('echo started')
  await driver.stop(wanted, 0, command)
  assert.equal((await driver.find(wanted)).state, 'gone')
  const refused = await driver.start(wanted, command)
  assert.equal(refused.ok ? '' : refused.problem.code, 'INSTANCE_NOT_STARTED')
  assert.equal(existsSync(join(driver.folderOf(wanted.id), 'output.log')), false)
})

test('an attempt that is stopped while it starts leaves no process, however the two meet', async (t) => {
  const { driver, order } = await driverIn(t)
  for (let turn = 0; turn < 20; turn += 1) {
    const wanted = order('exec sleep 60')
    const starting = driver.start(wanted, command)
    await pause(turn / 2)
    await driver.stop(wanted, 0, command)
    await starting
    await driver.stop(wanted, 0, command)
    assert.equal((await driver.find(wanted)).state, 'gone')
  }
})

test('stopping ends everything of a session, also what has left its process group', async (t) => {
  const { driver, order } = await driverIn(t)
  const wanted = order('set -m; (trap "" TERM; sleep 61) & echo "$!"; exec sleep 60')
  valueOf(await driver.start(wanted, command))
  const [child] = await eventually(async () => {
    const lines = await tailOf(driver.folderOf(wanted.id), 100)
    return lines.length > 0 && lines
  })
  await driver.stop(wanted, 100, command)
  assert.equal((await driver.find(wanted)).state, 'gone')
  assert.ok(!existsSync(`/proc/${child}`))
})

test('a command with a lower epoch starts and stops nothing', async (t) => {
  const { driver, folder, order } = await driverIn(t)
  const running = order('exec sleep 60')
  valueOf(await driver.start(running, { scope: 'target', epoch: 4 }))
  const later = createProcessDriver(await options(folder))
  valueOf(await later.start(order('exec sleep 60'), { scope: 'target', epoch: 5 }))
  await assert.rejects(driver.stop(running, 0, { scope: 'target', epoch: 4 }), { code: 'RUN_FENCED' })
  await assert.rejects(driver.start(order('exec sleep 60'), { scope: 'target', epoch: 4 }), { code: 'RUN_FENCED' })
  assert.equal((await later.find(running)).state, 'running')
  await later.stop(running, 0, { scope: 'another target', epoch: 1 })
})

test('a pid that was given out again is not taken for the process that had it', async () => {
  const stat = parseStat(readFileSync('/proc/self/stat', 'latin1'))
  assert.equal(stat?.pid, process.pid)
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  assert.equal(await isRunning({ pid: process.pid, started: `${boot}/${stat?.startTick}` }), true)
  assert.equal(await isRunning({ pid: process.pid, started: `${boot}/${Number(stat?.startTick) - 1}` }), false)
  assert.equal(await isRunning({ pid: process.pid, started: `another boot/${stat?.startTick}` }), false)
})

test('a command in parentheses and with blanks does not confuse the reading of a process', () => {
  const fields = Array.from({ length: 50 }, (_, index) => String(index))
  assert.deepEqual(parseStat(`77 (a) (b c) S ${fields.join(' ')}`), { pid: 77, state: 'S', session: 2, startTick: '18' })
  assert.equal(parseStat(''), undefined)
})

test('a log is put aside when it has grown too long, and goes on in the same place', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'output.log'), 'first\nsecond\n')
  assert.equal(await rotateOutput(folder, 100), false)
  assert.equal(await rotateOutput(folder, 10), true)
  assert.equal(readFileSync(join(folder, 'output.log.1'), 'utf8'), 'first\nsecond\n')
  assert.deepEqual(await tailOf(folder, 100), [])
})

test('a free port is one that can be listened on, and none of those to be left alone', async () => {
  const port = await freePort()
  assert.equal(await isFree(port), true)
  assert.notEqual(await freePort(new Set([port])), port)
})

test('limits are written into a control group where the kernel keeps them', async (t) => {
  const root = temporaryFolder(t)
  assert.equal(await controlGroups(root), undefined, 'a plain folder keeps no limits')
})

test('a message never holds a value of a secret, not even a line of it', () => {
  const secrets = [new Secret('fake-key'), new Secret('first fake line\nsecond fake line'), new Secret('abc')]
  assert.equal(strikeOut('key=fake-key at "second fake line", abc', secrets), 'key=[secret] at "[secret]", abc')
})
