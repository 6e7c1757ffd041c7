import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseEnv } from 'node:util'
import { type Dialect, readAs, readDotenv, writeDotenv } from '@headgate/scan'
import fc from 'fast-check'
import { leaveOut } from '../../../test/left-out.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { runs } from './runs.ts'

const READERS: readonly Dialect[] = ['dotenv', 'python-dotenv', 'python-dotenv-interpolated', 'bash']
const awkward = fc.constantFrom(
  ...[
    '"',
    "'",
    '`',
    '\\',
    '\\n',
    '\n',
    '\r',
    '$',
    '${A}',
    '$(x)',
    '#',
    ' #',
    ' ',
    '=',
    'a',
    'é',
    '\u{2028}',
    '\u{feff}',
    '~',
    '!',
    '&',
    '*',
    '<',
    '\t',
  ],
)
const value = fc
  .array(fc.oneof({ weight: 3, arbitrary: awkward }, fc.string({ maxLength: 4 })), { maxLength: 8 })
  .map((parts) => parts.join(''))
const entries = fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,3}$/), value }), {
  selector: ({ name }) => name,
  maxLength: 6,
})

test('every reader gets back what was written, or a diagnostic says that it was left out', () => {
  fc.assert(
    fc.property(entries, (wanted) => {
      const { text, diagnostics } = writeDotenv(wanted)
      for (const reader of READERS) {
        const { values } = readAs(text, reader)
        for (const { name, value: expected } of wanted) {
          const leftOut = diagnostics.some(({ message }) => message.startsWith(`${name} `))
          assert.equal(values.get(name), leftOut ? undefined : expected, `${name} as ${reader} reads it`)
        }
      }
    }),
    runs(400, 50_000),
  )
})

test('plain values are written plainly, and all others in the quotes that suit every reader', () => {
  const written = writeDotenv([
    { name: 'PLAIN', value: 'http://localhost:3000/a?b'.replace('?b', '') },
    { name: 'SPACED', value: ' a b # c ' },
    { name: 'APOSTROPHE', value: "it's" },
    { name: 'LINES', value: 'one\ntwo' },
    { name: 'DOLLAR', value: 'pa$$w$rd', comments: ['as given'], exported: true },
    { name: 'EMPTY', value: '' },
  ])
  assert.deepEqual(written.diagnostics, [])
  assert.equal(
    written.text,
    [
      'PLAIN=http://localhost:3000/a',
      "SPACED=' a b # c '",
      'APOSTROPHE="it\'s"',
      "LINES='one\ntwo'",
      '# as given',
      "export DOLLAR='pa$$w$rd'",
      'EMPTY=',
      '',
    ].join('\n'),
  )
})

test('what no environment variable can be is left out with an error', () => {
  const { text, diagnostics } = writeDotenv([
    { name: 'A', value: 'a\0b' },
    { name: 'A.B', value: 'x' },
    { name: 'C', value: '\u{d800}' },
    { name: 'D', value: 'ok' },
  ])
  assert.equal(text, 'D=ok\n')
  assert.deepEqual(
    diagnostics.map(({ code, severity }) => `${severity} ${code}`),
    Array(3).fill('error DOTENV_UNWRITABLE'),
  )
})

test('a value that a shell cannot be given is left out, unless no shell is to read it', () => {
  const entry = { name: 'A', value: `'"` }
  const strict = writeDotenv([entry, { name: 'B', value: 'b' }])
  assert.equal(strict.text, 'B=b\n')
  assert.match(strict.diagnostics[0]?.message ?? '', /^A cannot be written so that .*bash.* read it back unchanged/)
  assert.equal(writeDotenv([entry], { readers: ['dotenv'] }).text, 'A=`\'"`\n')
})

test('changing one variable leaves every other byte of the file', () => {
  const before = '# head\r\n  A = "one"   # first\r\nB=two\r\n\r\nexport C=three'
  const { items } = readDotenv(before)
  const changed = items.map((item) => (item.kind === 'assignment' && item.name === 'B' ? { ...item, value: 'new one' } : item))
  assert.equal(writeDotenv(changed).text, '# head\r\n  A = "one"   # first\r\nB=\'new one\'\n\r\nexport C=three')
})

/** Values that all models agree on, to hold the models against the real readers on this machine. */
function agreed(): { name: string; value: string }[] {
  const samples = fc.sample(value, { numRuns: 300, seed: 7 }).map((sample, index) => ({ name: `V_${index}`, value: sample }))
  return samples.filter((entry) => writeDotenv([entry]).diagnostics.length === 0)
}

test('Node itself reads back what was written', () => {
  const wanted = agreed()
  assert.ok(wanted.length > 100)
  const parsed = parseEnv(writeDotenv(wanted).text)
  for (const { name, value: expected } of wanted) assert.equal(parsed[name], expected)
})

test('bash itself reads back what was written', (context) => {
  if (!hasBash()) return leaveOut('a file sourced by bash', 'no bash', context)
  const wanted = agreed()
  const file = join(temporaryFolder(context), 'written.env')
  writeFileSync(file, writeDotenv(wanted).text)
  const printed = execFileSync('bash', ['--norc', '-c', 'set -a; . "$1"; env -0', 'bash', file], {
    env: { PATH: process.env['PATH'] ?? '' },
  })
  const got = new Map(
    printed
      .toString('utf8')
      .split('\0')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  for (const { name, value: expected } of wanted) assert.equal(got.get(name), expected, name)
})

function hasBash(): boolean {
  try {
    execFileSync('bash', ['-c', ':'])
    return true
  } catch {
    return false
  }
}
