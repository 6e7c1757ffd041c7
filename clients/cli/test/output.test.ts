import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { createOutput } from '../src/output/output.ts'
import { maskPlaintext } from '../src/output/mask-plaintext.ts'
import { paintOf } from '../src/output/paint.ts'
import { printable } from '../src/output/printable.ts'
import { renderProblem } from '../src/output/problem.ts'
import { renderTable, widthOf } from '../src/output/table.ts'
import { parseTime } from '../src/output/time.ts'
import { typedValue } from '../src/environment/typed-value.ts'
import { maskSealed } from '../src/environment/mask-sealed.ts'
import type { World } from '../src/world.ts'

const plain = paintOf({}, {})

test('columns are as wide as their widest cell, and numbers stand at the right', () => {
  const rows = [
    { name: 'a', count: '1' },
    { name: 'longer', count: '120' },
  ]
  const columns = [
    { title: 'NAME', cell: (row: (typeof rows)[number]) => row.name },
    { title: 'COUNT', cell: (row: (typeof rows)[number]) => row.count, align: 'right' as const },
  ]
  assert.equal(renderTable(rows, columns, plain), 'NAME    COUNT\na           1\nlonger    120\n')
})

test('a table fits the terminal by cutting its widest column, and is never cut in a pipe', () => {
  const rows = ['x'.repeat(200)]
  const columns = [
    { title: 'KEY', cell: () => 'key' },
    { title: 'VALUE', cell: (row: string) => row },
  ]
  for (const width of [20, 40, 79]) {
    const widest = Math.max(...renderTable(rows, columns, plain, width).split('\n').map(widthOf))
    assert.equal(widest, width)
  }
  assert.match(renderTable(rows, columns, plain), /x{200}/)
})

test('a terminal that does not know how wide it is has 80 columns, as behind some pipes and in containers', () => {
  for (const [size, width] of [
    [{ isTTY: true, columns: 0 }, 80],
    [{ isTTY: true }, 80],
    [{ isTTY: true, columns: 132 }, 132],
    [{}, undefined],
  ] as const) {
    const stdout = Object.assign(new PassThrough(), size)
    assert.equal(createOutput({ stdout, stderr: new PassThrough(), env: {} } as unknown as World, { json: false }).width, width)
  }
})

test('colour is for terminals, and for none that asks for none', () => {
  assert.equal(paintOf({ isTTY: true }, {}).red('x'), '\u001b[31mx\u001b[39m')
  for (const [stream, env] of [
    [{}, {}],
    [{ isTTY: true }, { NO_COLOR: '1' }],
    [{ isTTY: true }, { TERM: 'dumb' }],
  ] as const) {
    assert.equal(paintOf(stream, env).red('x'), 'x')
  }
})

test('text of others steers no terminal', () => {
  assert.equal(printable('a\u001b[2Jb\nc\td\u202ee\u009b'), 'a\\u{1b}[2Jb\\nc\\td\\u{202e}e\\u{9b}')
  assert.equal(printable('a\nb\tc\u001b', 'lines'), 'a\nb\tc\\u{1b}')
})

test('a problem shows its code, the place with a caret, and what to do', () => {
  const begin = { line: 2, column: 3, byte: 10 }
  const diagnostic = {
    severity: 'error',
    code: 'X',
    message: 'this is wrong',
    hint: 'write it so',
    range: { file: 'f', begin, end: { ...begin, column: 6 } },
  } as const
  const text = renderProblem(
    { code: 'DOCUMENT_INVALID', message: 'not saved', details: {}, hint: 'mend it', diagnostics: [diagnostic] },
    { f: 'values:\n  abc: 1\n' },
    plain,
  )
  assert.equal(
    text,
    'DOCUMENT_INVALID  not saved\nerror X  this is wrong\n  --> f:2:3\n2 |   abc: 1\n  |   ^^^\n  try: write it so\n  try: mend it\n',
  )
})

test('with --json standard output is one document, also where the command ends in a problem', () => {
  const { output, stdout, stderr } = testOutput()
  output.note('a remark')
  output.problem({ code: 'ENV_NOT_FOUND', message: 'none', details: {} })
  assert.deepEqual(JSON.parse(stdout()), { problem: { code: 'ENV_NOT_FOUND', message: 'none', details: {} } })
  assert.match(stderr(), /a remark\nENV_NOT_FOUND/)
  const answered = testOutput()
  answered.output.answer({ ok: false }, () => 'text')
  answered.output.problem({ code: 'ENV_NOT_FOUND', message: 'none', details: {} })
  assert.deepEqual(JSON.parse(answered.stdout()), { ok: false })
  assert.throws(() => answered.output.answer({}, () => ''))
})

test('a word means a value only where nothing of it is lost', () => {
  const words = ['true', 'false', 'null', '0', '-5', '1.5', '007', '1.10', '1e5', '12345678901234567890', 'TRUE', '', ' 1', 'yes', '0x10']
  assert.deepEqual(words.map(typedValue), [
    true,
    false,
    null,
    0,
    -5,
    1.5,
    '007',
    '1.10',
    '1e5',
    '12345678901234567890',
    'TRUE',
    '',
    ' 1',
    'yes',
    '0x10',
  ])
})

test('sealed values are masked in every way they are written', () => {
  assert.equal(maskSealed('a:\n  fn::secret: {ciphertext: ZXNjeAAAAAE=}\n'), 'a:\n  fn::secret: [secret]\n')
  assert.equal(maskSealed('a:\n  fn::secret: { "ciphertext": "ZXNjeA==" }\nb: 1\n'), 'a:\n  fn::secret: [secret]\nb: 1\n')
  assert.equal(maskSealed('a:\n  fn::secret:\n    ciphertext: ZXNjeA==\nb: 1\n'), 'a:\n  fn::secret:\n    [secret]\nb: 1\n')
})

test('a line that is quoted in a message shows no plaintext of a secret', () => {
  const text = [
    'values:',
    '  a:',
    '    fn::secret: hunter2',
    '  b: {fn::secret: "hunter2", x: 1}',
    '  c:',
    '    fn::secret:',
    '      hunter2',
    '  d:',
    "    'fn::secret': |",
    '      hunter2',
    '',
    '      hunter2 again',
    '  e: plain',
    '  f:',
    '    fn::secret: {ciphertext: ZXNjeA==}',
    '  g: plain # fn::secret: is how',
  ]
  const masked = maskPlaintext(text.join('\n')).split('\n')
  assert.ok(!masked.join('\n').includes('hunter2'))
  assert.equal(masked.length, text.length)
  for (const line of [0, 1, 4, 5, 7, 10, 12, 13, 14, 15]) assert.equal(masked[line], text[line])
  assert.equal(masked[2], '    fn::secret: [secret]')
})

test('a time is a date or so long ago', () => {
  const now = Date.parse('2026-03-02T00:00:00Z')
  assert.equal(parseTime('24h', now), now - 86_400_000)
  assert.equal(parseTime('90m', now), now - 5_400_000)
  assert.equal(parseTime('2026-03-01T00:00:00Z', now), now - 86_400_000)
  assert.equal(parseTime('yesterday', now), undefined)
})

function testOutput() {
  const collect = () => {
    const chunks: string[] = []
    const stream = new PassThrough().on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
    return { stream, text: () => (stream.read(), chunks.join('')) }
  }
  const stdout = collect()
  const stderr = collect()
  const world: World = {
    stdin: new PassThrough(),
    stdout: Object.assign(stdout.stream, {}),
    stderr: Object.assign(stderr.stream, {}),
    env: {},
    cwd: '/',
    onSignal: () => () => {},
    handsOverTerminal: false,
  }
  return { output: createOutput(world, { json: true }), stdout: stdout.text, stderr: stderr.text }
}
