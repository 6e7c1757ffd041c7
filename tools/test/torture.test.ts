import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { leaveOut } from '../../test/left-out.ts'
import { proving, seed, times } from '../../test/proving.ts'
import { readLedger } from '../torture/store/ledger.ts'
import { recordRun, replayAt } from '../torture/store/torn-writes.ts'
import { openBench } from '../torture/store/torture.ts'
import { canTrace } from '../torture/store/trace.ts'
import { tortureStore } from '../torture/store.ts'

test(
  'whatever kills a plane or fails below it, nothing acknowledged is lost, nothing is half there, and no secret is out without its record',
  { timeout: proving ? 7_200_000 : 300_000 },
  async (t) => {
    const tallies = await tortureStore({ points: times({ short: 240, long: 10_000 }), seed })
    for (const { kind, points, runs, leftOut } of tallies) {
      t.diagnostic(leftOut === undefined ? `${kind}: ${points} points, ${runs} runs` : `left out: ${kind}: ${leftOut}`)
    }
    const missing = tallies.find(({ leftOut }) => leftOut !== undefined)
    const broken = tallies.flatMap(({ failures }) => failures)
    assert.deepEqual(broken, [], `seed ${seed}`)
    if (missing) leaveOut(missing.kind, missing.leftOut ?? '', t)
  },
)

test('a plane whose writes are not synced is caught by the replay', async (t) => {
  await caught(t, /is not on record|left without its record/, (operations) => operations.filter(({ kind }) => kind !== 'sync'))
})

test('a plane that answers before it has committed is caught by the replay', async (t) => {
  await caught(t, /left without its record/, (operations) => operations, 'early')
})

type Operations = Awaited<ReturnType<typeof recordRun>>['operations']

async function caught(t: TestContext, expected: RegExp, spoil: (operations: Operations) => Operations, answers?: 'early'): Promise<void> {
  if (!canTrace()) return leaveOut('torture that must find something', 'strace is not installed, or may not attach here', t)
  const bench = await openBench(seed, 'short')
  try {
    const recorded = await recordRun(bench, 24, answers)
    const operations = spoil(recorded.operations)
    const said = operations.flatMap((operation) => (operation.kind === 'say' ? [operation.text] : [])).join('')
    assert.ok(readLedger(said).some(({ act, outcome }) => act.kind === 'open' && outcome === 'done'))
    const each = operations.map((_, n) => ({ after: n + 1, loss: 'synced' as const }))
    const attempts = await replayAt(
      bench,
      { ...recorded, operations },
      each.filter((_, n) => n % 20 === 19),
    )
    const broken = attempts.flatMap((attempt) => attempt.broken)
    assert.ok(
      broken.some((line) => expected.test(line)),
      `nothing was found in ${attempts.length} replays`,
    )
  } finally {
    bench.close()
  }
}
