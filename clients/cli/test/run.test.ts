import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { test } from 'node:test'
import { holdSignals } from '../src/run/hold-signals.ts'
import { writePrivateFiles } from '../src/run/private-files.ts'
import { runProgram } from '../src/run/run-program.ts'
import { programVariables } from '../src/run/variables.ts'
import type { World } from '../src/world.ts'

const variable = (name: string, value = 'x') => ({ name, value, secret: false })

test('values of the environment win over the process, unless what is set is to be kept', () => {
  const opened = [variable('PORT', '3000')]
  assert.equal(programVariables({ PORT: '1' }, opened, { preserve: false }).variables['PORT'], '3000')
  assert.equal(programVariables({ PORT: '1' }, opened, { preserve: true }).variables['PORT'], '1')
  assert.equal(programVariables({}, opened, { preserve: true }).variables['PORT'], '3000')
})

test('what belongs to the machine is never taken from an environment', () => {
  const { variables, dropped } = programVariables(
    { PATH: '/bin' },
    ['PATH', 'HOME', 'PS1', 'SHELL', 'PORT'].map((name) => variable(name)),
    { preserve: false },
  )
  assert.deepEqual(dropped, ['PATH', 'HOME', 'PS1', 'SHELL'])
  assert.deepEqual(variables, { PATH: '/bin', PORT: 'x' })
})

test('variables that make a program load code are taken and named, but not where they were not taken', () => {
  const opened = [variable('LD_PRELOAD'), variable('NODE_OPTIONS'), variable('BASH_ENV'), variable('NODE_ENV')]
  assert.deepEqual(programVariables({}, opened, { preserve: false }).loading, ['LD_PRELOAD', 'NODE_OPTIONS', 'BASH_ENV'])
  assert.deepEqual(programVariables({ LD_PRELOAD: 'mine' }, opened, { preserve: true }).loading, ['NODE_OPTIONS', 'BASH_ENV'])
})

test('a value or a name no program can be handed is refused by name', () => {
  const { invalid, variables } = programVariables({}, [variable('A', 'with\0nul'), variable('B=C'), variable('')], { preserve: false })
  assert.deepEqual(
    invalid.map(({ name }) => name),
    ['A', 'B=C', ''],
  )
  assert.deepEqual(variables, {})
})

test('files are readable by their owner alone, and gone afterwards', async () => {
  const files = writePrivateFiles([variable('CERTIFICATE', 'line 1\nline 2\n'), variable('strange/../name', '')], {})
  const [first, second] = files.variables
  assert.equal((await stat(first?.value ?? '')).mode & 0o777, 0o600)
  assert.equal((await stat(dirname(first?.value ?? ''))).mode & 0o777, 0o700)
  assert.equal(second?.name, 'strange/../name')
  assert.ok(!second?.value.includes('strange'))
  files.remove()
  files.remove()
  await assert.rejects(stat(first?.value ?? ''), { code: 'ENOENT' })
})

test('a program ends as it ends: its code, 128 and the signal, 127 where it is not there, 126 where it cannot start', async () => {
  assert.equal((await run(['sh', '-c', 'exit 7'])).exitCode, 7)
  assert.equal((await run(['sh', '-c', 'kill -9 $$'])).exitCode, 128 + constants.signals.SIGKILL)
  const missing = await run(['headgate-no-such-program'])
  assert.deepEqual([missing.exitCode, missing.problem?.code], [127, 'COMMAND_NOT_FOUND'])
  const folder = await run(['/'])
  assert.deepEqual([folder.exitCode, folder.problem?.code], [126, 'COMMAND_NOT_STARTED'])
  const large = await run(['true'], { VALUE: 'x'.repeat(4_000_000) })
  assert.deepEqual([large.exitCode, large.problem?.code], [126, 'COMMAND_NOT_STARTED'])
  assert.match(large.problem?.message ?? '', /the largest is VALUE with 4000000 bytes, which could be a file/)
})

test('what a program reads and writes goes through', async () => {
  const { stdout, exitCode } = await run(['cat'], {}, 'three\nlines\nhere\n')
  assert.deepEqual([stdout, exitCode], ['three\nlines\nhere\n', 0])
})

test('a signal reaches the program; one before there is a program is kept until it can be honoured', async () => {
  const sent: { listener?: (signal: NodeJS.Signals) => void } = {}
  const world = testWorld('', (listener) => (sent.listener = listener))
  const signals = holdSignals(world)
  sent.listener?.('SIGTERM')
  assert.equal(signals.early, 'SIGTERM')
  world.stdout.once('data-seen', () => sent.listener?.('SIGUSR1'))
  const ended = await runProgram(
    ['sh', '-c', 'sleep 60 & pid=$!; trap "kill $pid; exit 42" USR1; echo ready; wait $pid'],
    pathOnly,
    world,
    signals,
  )
  assert.equal(ended.exitCode, 42)
})

test("on a terminal the keyboard's signals are the terminal's to deliver", () => {
  const sent: { listener?: (signal: NodeJS.Signals) => void } = {}
  const world = testWorld('', (listener) => (sent.listener = listener), { terminal: true })
  const killed: string[] = []
  holdSignals(world).sendTo({ kill: (signal: string) => killed.push(signal) } as never)
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const) sent.listener?.(signal)
  assert.deepEqual(killed, ['SIGTERM', 'SIGHUP'])
})

const pathOnly = { PATH: process.env['PATH'] ?? '' }

async function run(command: readonly string[], variables: Record<string, string> = {}, input = '') {
  const world = testWorld(input)
  const ended = await runProgram(command, { ...pathOnly, ...variables }, world, holdSignals(world))
  return { ...ended, stdout: world.text() }
}

function testWorld(
  input: string,
  listen: (listener: (signal: NodeJS.Signals) => void) => void = () => {},
  { terminal = false } = {},
): World & { text(): string } {
  const chunks: string[] = []
  const collect = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString())
      this.emit('data-seen')
      done()
    },
  })
  const stdin = Object.assign(new PassThrough(), terminal ? { isTTY: true } : {})
  stdin.end(input)
  const onSignal: World['onSignal'] = (_signals, listener) => {
    listen(listener)
    return () => {}
  }
  return { stdin, stdout: collect, stderr: collect, env: {}, cwd: '/', onSignal, handsOverTerminal: false, text: () => chunks.join('') }
}
