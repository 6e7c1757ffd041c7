import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const bin = join(import.meta.dirname, '..', 'bin', 'headgate.mjs')

test('the command answers, and its exit code is that of the process', (context) => {
  const version = run(context, process.execPath, [bin, '--version'])
  assert.deepEqual([version.status, version.stdout], [0, '0.1.0\n'])
  const wrong = run(context, process.execPath, [bin, 'nonsense', '--json'])
  assert.equal(wrong.status, 2)
  assert.equal((JSON.parse(wrong.stdout) as { problem: { code: string } }).problem.code, 'USAGE')
})

test('a reader that has seen enough is no failure', (context) => {
  const { status, stdout, stderr } = run(context, 'bash', ['-o', 'pipefail', '-c', `"${process.execPath}" "${bin}" --help | head -1`])
  assert.deepEqual([status, stdout.split('  ')[0], stderr], [0, 'headgate', ''])
})

test('a reader of what is said about an answer may go, too', (context) => {
  const script = `{ "${process.execPath}" "${bin}" nonsense; echo $? >"$HOME/code"; } 2>&1 | exec <&-; cat "$HOME/code"`
  const { stdout } = run(context, 'bash', ['-c', script])
  assert.equal(stdout, '2\n')
})

test('a full disk behind standard output is said, and fails', (context) => {
  if (!existsSync('/dev/full')) return context.skip('left out: this machine has no /dev/full')
  const { status, stderr } = run(context, 'sh', ['-c', `exec "${process.execPath}" "${bin}" --help >/dev/full`])
  assert.deepEqual([status, stderr], [1, 'FILE_UNWRITABLE  cannot write standard output (ENOSPC)\n'])
})

test('started with a Node that is too old, it goes on with the one the repository brings', (context) => {
  const old = oldNode()
  if (!old) return context.skip('left out: this machine has no Node older than 24')
  const { status, stdout } = run(context, old, [bin, '--version'])
  assert.deepEqual([status, stdout], [0, '0.1.0\n'])
})

test('started with a Node that is too old, and no other to go on with, it says so', (context) => {
  const old = oldNode()
  if (!old) return context.skip('left out: this machine has no Node older than 24')
  const folder = temporaryFolder(context)
  cpSync(bin, join(folder, 'headgate.mjs'))
  const { status, stdout, stderr } = run(context, old, [join(folder, 'headgate.mjs'), '--version'])
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(stderr, /^NODE_UNSUPPORTED {2}Headgate needs Node 24 or newer, and this is Node \d+\.[\d.]+\n {2}try: install Node 24/)
})

function run(context: TestContext, program: string, args: readonly string[]) {
  const home = temporaryFolder(context, { spaces: true })
  const env = { PATH: process.env['PATH'], HOME: home, XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] }
  return spawnSync(program, args, { env, encoding: 'utf8', input: '' })
}

/** A Node of the machine itself that is older than what is needed. */
function oldNode(): string | undefined {
  return ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
    if (!existsSync(path)) return false
    return Number.parseInt(execFileSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }), 10) < 24
  })
}
