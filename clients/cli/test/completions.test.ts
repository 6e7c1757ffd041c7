import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
  assert.deepEqual(await offered('h'), ['help'])
  assert.deepEqual(await offered('help env h'), ['history'])
  assert.deepEqual(await offered('release l'), ['ls'])
  assert.deepEqual(await offered('release list --li'), ['--limit'])
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
      else {
        // fish reads no script from a socket, which is what Node would give it.
        const file = join(session.folder, `headgate.${shell}`)
        await writeFile(file, stdout)
        execFileSync(shell, ['-n', file])
      }
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

test('zsh completes with the script, at the first key too where the script is a function that zsh loads by itself', async (t) => {
  if (!isThere('zsh')) return console.log('left out: zsh is not on this machine, it does not complete with the script')
  const session = await startSession()
  t.after(() => session.end())
  const { stdout } = await session.run(['completion', 'zsh'])
  const trial = `headgate() { [ "$1" = __complete ] && shift && print -l history 'with space' }
compadd() { print -r -- "offers <\${(j:><:)@[2,-1]}>" }; compdef() { print -r -- "completes $2" }
words=(headgate env h); CURRENT=3`
  const loaded = `${trial}\n_headgate() {\n${stdout}}\n_headgate`
  const sourced = `${trial}\n${stdout}_headgate`
  assert.equal(execFileSync('zsh', ['-fc', loaded], { encoding: 'utf8' }), 'offers <history><with space>\n')
  assert.equal(execFileSync('zsh', ['-fc', sourced], { encoding: 'utf8' }), 'completes headgate\noffers <history><with space>\n')
})

test('fish completes with the script', async (t) => {
  if (!isThere('fish')) return console.log('left out: fish is not on this machine, it does not complete with the script')
  const session = await startSession()
  t.after(() => session.end())
  const { stdout } = await session.run(['completion', 'fish'])
  const file = join(session.folder, 'trial.fish')
  const trial = "function headgate; printf '%s\\n' history 'with space'; end"
  await writeFile(file, `${trial}\n${stdout}complete -C 'headgate env '\n`)
  assert.deepEqual(execFileSync('fish', [file], { encoding: 'utf8', env: session.env }).trim().split('\n'), ['history', 'with space'])
})

function isThere(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
