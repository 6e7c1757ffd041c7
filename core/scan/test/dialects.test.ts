import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Dialect, compareDialects, readAs } from '@headgate/scan'
import { leaveOut } from '../../../test/left-out.ts'
import { sharedFolder } from '../../../test/shared-folder.ts'

const corpus = sharedFolder('env-corpus')

function readers(name: string): Record<string, Record<string, string> | null> {
  return JSON.parse(readFileSync(join(corpus!, `${name.slice(0, -'.env'.length)}.readers.json`), 'utf8')) as Record<
    string,
    Record<string, string> | null
  >
}

function envFiles(): string[] {
  return readdirSync(corpus!).filter((name) => name.endsWith('.env'))
}

for (const [column, dialect] of [
  ['python_dotenv', 'python-dotenv'],
  ['python_dotenv_interpolated', 'python-dotenv-interpolated'],
] as const) {
  test(`the corpus reads as ${dialect} reads it`, (context) => {
    if (corpus === undefined) return leaveOut('the corpus of .env files', 'no shared data', context)
    for (const name of envFiles()) {
      const { values } = readAs(readFileSync(join(corpus, name), 'utf8'), dialect)
      // Order is no matter: assert compares maps as sets of pairs.
      assert.deepEqual(values, new Map(Object.entries(readers(name)[column] ?? {})), name)
    }
  })
}

test('what is read as bash is what bash has, up to where it cannot be told', (context) => {
  if (corpus === undefined) return leaveOut('the corpus of .env files', 'no shared data', context)
  let compared = 0
  for (const name of envFiles()) {
    const real = readers(name)['bash']
    if (!real) continue
    const { values, stoppedAt } = readAs(readFileSync(join(corpus, name), 'utf8'), 'bash')
    for (const [key, value] of values) assert.equal(value, real[key], `${name} ${key}`)
    if (stoppedAt === undefined) assert.ok(Object.keys(real).filter((key) => !values.has(key)).length <= 1, name)
    compared += values.size
  }
  assert.ok(compared > 300, `${compared} variables compared`)
})

/** From measurements on the real readers: what each makes of one line. */
const MEASURED: readonly (readonly [string, Partial<Record<Dialect, string | null>>])[] = [
  ['A=foo#bar', { dotenv: 'foo', 'python-dotenv': 'foo#bar', bash: 'foo#bar', docker: 'foo#bar' }],
  ['A=foo #bar', { dotenv: 'foo', 'python-dotenv': 'foo', bash: 'foo', docker: 'foo #bar' }],
  ["A='it\\'s'", { dotenv: "it\\'s", 'python-dotenv': "it's" }],
  ['A="a\\"b"', { dotenv: 'a\\"b', 'python-dotenv': 'a"b', bash: 'a"b' }],
  ['A="a\\nb"', { dotenv: 'a\nb', 'python-dotenv': 'a\nb', bash: 'a\\nb', docker: '"a\\nb"' }],
  ['A="a\\tb"', { dotenv: 'a\\tb', 'python-dotenv': 'a\tb', bash: 'a\\tb' }],
  ['A=`x y`', { dotenv: 'x y', 'python-dotenv': '`x y`' }],
  ['A=pa\\$word', { dotenv: 'pa\\$word', bash: 'pa$word' }],
  ['A={"k":"v"}', { dotenv: '{"k":"v"}', bash: '{k:v}' }],
  ['A="a"b', { dotenv: '"a"b', bash: 'ab' }],
  ['A=${N:-d}', { dotenv: '${N:-d}', 'python-dotenv-interpolated': 'd', bash: 'd', docker: '${N:-d}' }],
  ['A', { 'python-dotenv': null, docker: null }],
]

for (const [line, expected] of MEASURED) {
  test(`${line} means to each reader what was measured`, () => {
    for (const [dialect, value] of Object.entries(expected)) {
      assert.equal(readAs(`${line}\n`, dialect as Dialect).values.get('A'), value, dialect)
    }
  })
}

test('a shell that would run something stops the reading there', () => {
  const { values, stoppedAt } = readAs('A=1\nB=$(touch x)\nC=2\n', 'bash')
  assert.deepEqual([...values], [['A', '1']])
  assert.equal(stoppedAt, 2)
})

test('the variables that mean something else elsewhere are named, with the readers', () => {
  assert.deepEqual(compareDialects('A=1\nB=x#y\n', ['python-dotenv', 'bash', 'docker']), [
    { name: 'B', readers: ['python-dotenv', 'bash', 'docker'] },
  ])
})
