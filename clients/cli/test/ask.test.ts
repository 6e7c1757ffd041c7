import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { ask, askHidden, confirm } from '../src/input/ask.ts'
import { Interrupted } from '../src/input/interrupted.ts'
import { readValue } from '../src/input/read-text.ts'
import type { CommandEnded } from '../src/outcome.ts'
import type { World } from '../src/world.ts'

const question = { text: 'Token', what: 'a token', instead: 'use a file' }

test('a hidden answer is read key by key, with rubbing out, and nothing of it is shown', async () => {
  const { world, shown, modes } = terminal(['ab', 'c\u007f', 'd\r'])
  assert.equal(await askHidden(world, question), 'abd')
  assert.equal(shown(), 'Token: \n')
  assert.deepEqual(modes, [true, false])
})

test('Ctrl-C at a hidden question interrupts, and gives the terminal back as it was', async () => {
  const { world, modes } = terminal(['ab\u0003'])
  await assert.rejects(askHidden(world, question), Interrupted)
  assert.deepEqual(modes, [true, false])
})

test('two answers that arrive together are two answers', async () => {
  const { world } = terminal(['first\nsecond\n'])
  assert.equal(await ask(world, question), 'first')
  assert.equal(await ask(world, question), 'second')
})

test('anything but yes is no', async () => {
  const answers: [string, boolean][] = [
    ['y\n', true],
    ['YES\n', true],
    ['\n', false],
    ['yeah\n', false],
    ['n\n', false],
  ]
  for (const [typed, expected] of answers) assert.equal(await confirm(terminal([typed]).world, question), expected, typed)
})

test('the end of input before an answer is an empty answer, so nothing hangs', async () => {
  const { world, stdin } = terminal([])
  stdin.end()
  assert.equal(await confirm(world, question), false)
})

test('without a terminal a question is refused at once, saying what to do instead', async () => {
  const { world } = terminal([], { tty: false })
  await assert.rejects(
    askHidden(world, question),
    (error: CommandEnded) => error.problem.code === 'TERMINAL_REQUIRED' && error.problem.hint === 'use a file',
  )
})

test('a single line from standard input loses its line end, several lines are taken as they are', async () => {
  for (const [given, value] of [
    ['abc\n', 'abc'],
    ['abc\r\n', 'abc'],
    ['abc', 'abc'],
    ['a\nb\n', 'a\nb\n'],
    ['\n', ''],
  ] as const) {
    const { world, stdin } = terminal([given], { tty: false })
    stdin.end()
    assert.equal(await readValue(world, '-'), value)
  }
})

test('bytes that are no text are refused rather than mended', async () => {
  const { world, stdin } = terminal([], { tty: false })
  stdin.end(Buffer.from([0x61, 0xff]))
  await assert.rejects(readValue(world, '-'), (error: CommandEnded) => error.problem.code === 'FILE_UNREADABLE')
})

function terminal(typed: readonly string[], { tty = true } = {}) {
  const modes: boolean[] = []
  const shown: string[] = []
  const stdin = new PassThrough()
  for (const keys of typed) stdin.write(keys)
  const stderr = new PassThrough()
  stderr.on('data', (chunk: Buffer) => shown.push(chunk.toString()))
  const world: World = {
    stdin: Object.assign(stdin, { isTTY: tty, setRawMode: (on: boolean) => modes.push(on) }),
    stdout: new PassThrough(),
    stderr,
    env: {},
    cwd: '/',
    onSignal: () => () => {},
    handsOverTerminal: false,
  }
  return { world, stdin, modes, shown: () => (stderr.read(), shown.join('')) }
}
