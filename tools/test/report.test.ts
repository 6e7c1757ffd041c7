import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { runProcess } from '../../test/child-process.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { collectTestFiles } from '../testing/collect.ts'
import { lastLine, leftOutLines } from '../testing/report.ts'

const outcome = (file: string, passed: number, failed: number, reasons: readonly string[] = []) => ({
  file,
  passed: Array.from({ length: passed }, (_, index) => ({ type: 'passed', name: `p${index}`, milliseconds: 1 }) as const),
  failed: Array.from({ length: failed }, (_, index) => ({ type: 'failed', name: `f${index}`, milliseconds: 1, error: 'no' }) as const),
  leftOut: reasons.map((reason, index) => ({ type: 'left out', name: `l${index}`, milliseconds: 1, reason }) as const),
  milliseconds: 1,
  output: '',
})

test('the last line counts what passed and failed, and what was left out is counted apart, by reason', () => {
  const outcomes = [outcome('a', 2, 1, ['no docker', 'no shared folder']), outcome('b', 3, 0, ['no docker'])]
  assert.equal(lastLine(outcomes), '5 passed, 1 failed')
  assert.deepEqual(leftOutLines(outcomes), ['', '2 left out: no docker (l0; l0)', '1 left out: no shared folder (l1)'])
  assert.equal(lastLine([]), '0 passed, 0 failed')
})

test('test files are found where they belong, and a filter is a part of the path', (context) => {
  const folder = temporaryFolder(context, { spaces: true })
  const paths = [
    'core/a/test/deep/x.test.ts',
    'core/a/src/y.test.ts',
    'plane/b/test/b.test.ts',
    'e2e/journey.test.ts',
    'test/kit.test.ts',
    'tools/test/t.test.ts',
  ]
  const foreign = ['core/a/test/testdata/z.test.ts', 'e2e/node_modules/m/n.test.ts', 'core/a/test/kit.ts']
  for (const path of [...paths, ...foreign]) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), '')
  }
  const found = (filters: readonly string[]) => collectTestFiles(folder, filters).map((path) => relative(folder, path))
  assert.deepEqual(found([]).toSorted(), paths.filter((path) => !path.includes('/src/')).toSorted())
  assert.deepEqual(found(['core/a', 'journey']).toSorted(), ['core/a/test/deep/x.test.ts', 'e2e/journey.test.ts'])
})

test('a run of nothing fails, and says what it looked for', async (context) => {
  const { code, stdout } = await runProcess(context, [
    'node',
    '--conditions=source',
    join(import.meta.dirname, '../test.ts'),
    'no such path',
  ])
  assert.equal(code, 1)
  assert.match(stdout, /no test file's path holds "no such path"/)
  assert.match(stdout, /\n0 passed, 0 failed\n$/)
})

test('a run passes its seed to the tests, and nothing else of Headgate from the shell', async (context) => {
  const words = ['node', '--conditions=source', join(import.meta.dirname, '../test.ts'), 'test/node-version'] as const
  const { code, stdout } = await runProcess(context, words, {
    env: { ...process.env, HEADGATE_SEED: '77', HEADGATE_TOKEN: 'left-in-the-shell' },
  })
  assert.equal(code, 0, stdout)
  assert.match(stdout, /HEADGATE_SEED=77/)
  assert.match(stdout, /\n1 passed, 0 failed\n$/)
})
