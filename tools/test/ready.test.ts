import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runProcess } from '../../test/child-process.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { describeFinding } from '../checks/finding.ts'
import { watchTree } from '../checks/tree.ts'

const ready = join(import.meta.dirname, '..', 'ready.ts')

test('one check can be asked for, and the exit code says what its line says', async (context) => {
  const { code, stdout } = await runProcess(context, ['node', '--conditions=source', ready, '--only', 'names'], { within: 60_000 })
  assert.match(stdout, /\nnames +\d+\.\d s {2}(?:ok|\d+ found)\n$/)
  assert.equal(code, stdout.endsWith(' ok\n') ? 0 : 1)
})

test('a check that does not exist is refused with those that do', async (context) => {
  const { code, stderr } = await runProcess(context, ['node', '--conditions=source', ready, '--only', 'toast'])
  assert.equal(code, 1)
  assert.match(stderr, /no check toast; there are format, types, lint, boundaries/)
})

test('a finding is its place, what is wrong, why, and what to do', () => {
  const finding = { place: 'a.ts:3', message: 'imports b', reason: 'b is closed', hint: 'ask c' }
  assert.equal(describeFinding(finding), 'a.ts:3  imports b\n  because b is closed\n  try: ask c')
})

test('what the tests leave in the tree is found; what was there before is not, but in CI', async (context) => {
  const folder = await newRepository(context)
  writeFileSync(join(folder, 'before'), '')
  const tree = await watchTree(folder)
  writeFileSync(join(folder, 'left behind'), '')
  const places = async (): Promise<string[]> => (await tree.run(folder)).map(({ place }) => place).toSorted()
  const own = process.env['CI']
  context.after(() => (own === undefined ? delete process.env['CI'] : (process.env['CI'] = own)))
  delete process.env['CI']
  assert.deepEqual(await places(), ['"left behind"'])
  process.env['CI'] = 'true'
  assert.deepEqual(await places(), ['"left behind"', 'before'])
})

async function newRepository(context: TestContext): Promise<string> {
  const folder = temporaryFolder(context, { spaces: true })
  const { code, stderr } = await runProcess(context, ['git', 'init', '--quiet', folder])
  assert.equal(code, 0, stderr)
  return folder
}
