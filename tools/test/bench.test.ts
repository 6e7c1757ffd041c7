import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { comparePaired, cpuOf, cpuOfEndedChildren, median, percentile } from '../../bench/measure.ts'
import type { BenchTable } from '../../bench/table.ts'
import { leaveOut } from '../../test/left-out.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { figure, markdownTable, terminalTable } from '../benching/print.ts'
import { record, withSection } from '../benching/record.ts'

const table: BenchTable = {
  title: 'Reading',
  rows: [
    { name: 'bare | file', value: 12.3456, unit: 'CPU µs' },
    { name: 'ours', value: 24.7, unit: 'CPU µs', comparedTo: 'bare | file', ratio: 2.0007, target: 'at most 3 ×', met: true },
    { name: 'other', value: 123_456, unit: 'CPU µs', target: 'at most 3 ×', met: false },
  ],
  notes: ['one note'],
}

function spin(times: number): void {
  let sum = 0
  for (let index = 0; index < times * 20_000; index += 1) sum += Math.sqrt(index)
  assert.ok(sum > 0)
}

test('contestants that take turns come out in the ratio of their work', async () => {
  const [one, three] = await comparePaired({ one: spin, three: (times) => spin(times * 3) }, { rounds: 9, operations: 100 })
  assert.equal(one?.ratio, 1)
  assert.ok(three !== undefined && three.ratio > 1.5 && three.ratio < 6, `the ratio is ${three?.ratio}`)
  assert.ok(one.cpuMicroseconds > 0)
})

test('only work counts, and waiting does not', async () => {
  const waiting = await cpuOf(() => new Promise((resolve) => setTimeout(resolve, 200)))
  assert.ok(waiting < 150_000, `waiting took ${waiting} µs`)
})

if (process.platform === 'linux') {
  test('the time of children that have ended is counted', () => {
    const before = cpuOfEndedChildren() ?? 0
    spawnSync(process.execPath, ['-e', 'const end = process.cpuUsage().user + 100_000; while (process.cpuUsage().user < end);'])
    assert.ok((cpuOfEndedChildren() ?? 0) - before >= 90_000)
  })
} else {
  leaveOut('the time of children that have ended is counted', 'this platform has no /proc')
}

test('percentiles are values that were measured', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.95), 10)
  assert.equal(percentile([5], 0), 5)
  assert.ok(Number.isNaN(median([])))
})

test('a table is printed with three figures, its target met or missed, and safe for Markdown', () => {
  assert.deepEqual([12.3456, 123_456, 0.001234, Number.NaN].map(figure), ['12.3', '123,000', '0.00123', '–'])
  assert.match(terminalTable(table), /ours +24\.7 {2}CPU µs {2}bare \| file +2 × {2}at most 3 × {2}met/)
  const markdown = markdownTable(table)
  assert.match(markdown, /\| bare \\\| file \| 12\.3 \| CPU µs \|/)
  assert.match(markdown, /\| missed \|/)
  assert.match(markdown, /- one note/)
})

test('figures are written down with machine and day, in place of the former ones', (context) => {
  const file = join(temporaryFolder(context), 'benchmarks.md')
  record(file, 'reading', [table])
  record(file, 'other', [table])
  record(file, 'reading', [{ ...table, title: 'Reading again' }])
  const text = readFileSync(file, 'utf8')
  assert.equal(existsSync(file), true)
  assert.match(text, /^# Benchmarks/)
  assert.match(text, /\d{4}-\d\d-\d\d, \d+ cores \(.+\), \d+ GiB, .+Node 2\d/)
  assert.equal(text.match(/### Reading again/g)?.length, 1)
  assert.equal(text.match(/### Reading\n/g)?.length, 1)
  assert.equal(withSection('a\n', 'x', 'b'), 'a\n\n<!-- bench x -->\nb\n<!-- end of bench x -->\n')
})
