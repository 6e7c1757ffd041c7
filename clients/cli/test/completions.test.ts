import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { completions } from '../src/completions.ts'
import { registry } from '../src/registry/index.ts'
import { startSession } from './transcript/session.ts'
import type { World } from '../src/world.ts'

const nowhere: World = {
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  env: { HOME: '/nonexistent' },
  cwd: '/',
  onSignal: () => () => {},
  handsOverTerminal: false,
}
const offered = (line: string) => completions(line.split(' '), registry, nowhere)

test('commands, verbs, options and their values are offered as far as they are typed', async () => {
  assert.deepEqual(await offered('env h'), ['history'])
  assert.deepEqual(await offered('a'), ['access', 'audit'])
  assert.deepEqual(await offered('open shop/dev --fo'), ['--format'])
  assert.deepEqual(await offered('open --format d'), ['detailed', 'dotenv'])
  assert.deepEqual(await offered('completion '), ['bash', 'fish', 'zsh'])
  assert.deepEqual(await offered('completion --url http://127.0.0.1:1 z'), ['zsh'])
  assert.deepEqual(await offered('nonsense '), [])
})

test('the value of an option is offered behind an = too, as each shell hands it over', async () => {
  assert.deepEqual(await offered('open --format=d'), ['--format=detailed', '--format=dotenv'])
  assert.deepEqual(await offered('open --format = d'), ['detailed', 'dotenv'])
  assert.deepEqual(await offered('audit export --format ='), ['jsonl', 'ocsf'])
  assert.deepEqual(await offered('completion --url = http://127.0.0.1:1 z'), ['zsh'])
})

test('files are left to the shell, as is everything behind --', async () => {
  for (const line of ['check ', 'check one.yaml ', 'login --token-file ', 'backup -o x', 'run shop/dev -- py', 'restore ']) {
    assert.deepEqual(await offered(line), ['__files'], line)
  }
})

test('without a token or a plane there are no environments to offer, and nothing is said', async () => {
  assert.deepEqual(await offered('env get '), [])
})

test("each shell's script is one the shell can read", async () => {
  const session = await startSession()
  try {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout, exitCode } = await session.run(['completion', shell])
      assert.equal(exitCode, 0)
      if (!isThere(shell)) console.log(`left out: ${shell} is not on this machine, its script is not read by it`)
      else execFileSync(shell, ['-n'], { input: stdout })
    }
  } finally {
    await session.end()
  }
})

test('bash completes with the script', async () => {
  const session = await startSession()
  try {
    const { stdout } = await session.run(['completion', 'bash'])
    // The command itself is replaced by one that answers as it would, so that the script alone is on trial.
    const trial = `headgate() { [ "$1" = __complete ] && shift && printf 'history\\nwith space\\n'; }\n${stdout}
COMP_WORDS=(headgate env h); COMP_CWORD=2; _headgate; printf '<%s>' "\${COMPREPLY[@]}"`
    assert.equal(execFileSync('bash', ['-c', trial], { encoding: 'utf8' }), '<history><with space>')
  } finally {
    await session.end()
  }
})

function isThere(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
