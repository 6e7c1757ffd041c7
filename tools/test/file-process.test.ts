import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { leaveOut } from '../../test/left-out.ts'
import { type FileOutcome, runTestFile } from '../testing/file-process.ts'

const limits = { testMilliseconds: 1500, fileMilliseconds: 60_000, idleMilliseconds: 2000 }

const run = (name: string, own: Partial<typeof limits> = {}): Promise<FileOutcome> =>
  runTestFile(join(import.meta.dirname, '../testdata/test-files', `${name}.ts`), { ...limits, ...own }, process.env)

const errors = ({ failed }: FileOutcome): string[] => failed.map(({ name, error }) => `${name.split('/').at(-1)}: ${error.split('\n')[0]}`)
const names = (tests: readonly { name: string }[]): string[] => tests.map(({ name }) => name)

test('every test of a file counts, subtests too, and a skipped one with its reason', async () => {
  const outcome = await run('passes')
  assert.deepEqual(outcome.failed, [])
  assert.deepEqual(names(outcome.passed).toSorted(), ['in it', 'in time', 'inside', 'long', 'one', 'short'])
  assert.deepEqual(
    outcome.leftOut.map(({ name, reason }) => [name, reason]),
    [['not here', 'no such thing on this machine']],
  )
  assert.match(outcome.output, /said by a test/)
})

test('a failure carries its line and what was thrown, once, and a failing hook is a failure', async () => {
  const outcome = await run('fails')
  const [inside] = outcome.failed
  assert.equal(inside?.name, 'wrong by one')
  assert.equal(inside.line, 5)
  assert.match(inside.error, /2 !== 3[^]*fails\.ts:5/)
  assert.match(errors(outcome).slice(1).join(), /the hook fails/)
})

test('a test that does not come to its end fails by name, and the file goes on', async () => {
  const outcome = await run('hangs')
  assert.deepEqual(errors(outcome), ['waits for ever: test timed out after 1500ms'])
  assert.deepEqual(names(outcome.passed), ['is run all the same'])
})

test('a test that never lets go of the processor is ended, and named', async () => {
  const outcome = await run('spins', { fileMilliseconds: 4000 })
  assert.deepEqual(errors(outcome), ['spins.ts: still running after 4 s, in "outer" > "never comes back"'])
})

test('a file that leaves something open fails, and says what', async () => {
  const outcome = await run('holds-open')
  assert.deepEqual(errors(outcome), ['holds-open.ts: its tests ended, but something keeps the process open: Timeout'])
})

test('an exit in the middle of a file is a failure, whatever its code', async () => {
  const outcome = await run('exits')
  assert.deepEqual(errors(outcome), ['exits.ts: its process ended with exit code 0 before its tests did, in "leaves early"'])
})

test('what a test throws after its end fails its file', async () => {
  assert.match(errors(await run('throws-late')).join(), /"over before it fails".*too late/)
})

test('a file that cannot be loaded fails, and so does one without a test', async () => {
  assert.match(errors(await run('cannot-load')).join(), /it cannot be loaded: Error: the file itself fails/)
  assert.deepEqual(errors(await run('empty')), ['empty.ts: it holds no test'])
})

if (process.platform === 'linux') {
  test('a process that outlives its test is ended and is a failure, whatever group it is in', async () => {
    const outcome = await run('leaves-a-process')
    assert.deepEqual(outcome.failed[0]?.error, 'it left processes behind (ended now):\nsleep 60')
  })
} else {
  leaveOut('a process in a group of its own is found again', 'this platform has no /proc')
}
