/**
 * `npm run torture -- store [--points N] [--seed S]`: faults from outside until the points are done. Prints how many
 * points and runs there were of each kind, and every promise that was broken; the same seed makes the same faults.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { tortureStore } from './torture/store.ts'
import type { Tally } from './torture/store/torture.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { points: { type: 'string', default: '1000' }, seed: { type: 'string', default: String(randomInt(2 ** 31)) } },
})
const points = Number(values.points)
const seed = Number(values.seed)

if (positionals.length !== 1 || positionals[0] !== 'store' || !Number.isInteger(points) || !Number.isInteger(seed)) {
  console.error('usage: npm run torture -- store [--points N] [--seed S]')
  process.exitCode = 2
} else {
  console.log(`torture of the store, ${points} points, seed ${seed}`)
  const tallies = await tortureStore({ points, seed, onTally: print })
  const total = (of: 'points' | 'runs') => tallies.reduce((sum, tally) => sum + tally[of], 0)
  const failures = tallies.reduce((sum, tally) => sum + tally.failures.length, 0)
  console.log(`${total('points')} points, ${total('runs')} runs, ${failures} with a broken promise`)
  if (failures > 0) process.exitCode = 1
}

function print({ kind, points: count, runs, failures, leftOut }: Tally): void {
  if (leftOut !== undefined) return console.log(`  left out: ${kind}: ${leftOut}`)
  console.log(`  ${kind}: ${count} points, ${runs} runs, ${failures.length} with a broken promise`)
  for (const { what, broken } of failures.slice(0, 20)) console.log(`    ✗ ${what}\n${broken.map((line) => `        ${line}`).join('\n')}`)
}
