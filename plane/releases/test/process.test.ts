import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
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
import { type ProcessDriver, createProcessDriver } from '../src/process/process-driver.ts'
import { isRunning, parseStat } from '../src/process/process-table.ts'
import { valueOf } from './kit/upload.ts'

const command = { scope: 'target', epoch: 1 }

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
  const driver = createProcessDriver({ folder, fence: await openFence(join(folder, 'fence')), clock: systemClock })
  drivers.push(driver)
  const order = (run: string) => {
    const attempt = { id: `web-${started.length}`, attempt: 1 }
    started.push(attempt)
    return { ...attempt, folder, run, port: 4000, variables: {}, limits: {} }
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
  const again = createProcessDriver({ folder, fence: await openFence(join(folder, 'fence')), clock: systemClock })
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
  const later = createProcessDriver({ folder, fence: await openFence(join(folder, 'fence')), clock: systemClock })
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
