import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dotenvValues, readDotenv } from '@headgate/scan'
import fc from 'fast-check'
import { dotenvText } from './dotenv-text.ts'
import { readByExpression } from './npm-dotenv-grammar.ts'
import { runs } from './runs.ts'

function assertReadsAlike(text: string): void {
  assert.deepEqual([...dotenvValues(readDotenv(text))], [...readByExpression(text)])
}

test('reads any text as the expression of npm dotenv does', () => {
  fc.assert(fc.property(dotenvText, assertReadsAlike), runs(3000, 300_000))
})

const ODD = [
  ['a quoted value may start on a later line', 'A=\n\n"hello\nworld"'],
  ['what follows a quoted value on a later line empties it', 'A=\n\n"x" junk'],
  ['an escaped quote closes a value when nothing else does', "A='it\\'\nB=1"],
  ['a name and its = may stand on different lines', 'A\n\n=1'],
  ['a colon takes one white space, a line end too', 'A:\nB=1\nC: 2\nD :3'],
  ['export is a name where no other follows', 'export=1\nexport =2\nexport\nA=3'],
  ['a line separator ends a line for names and comments, and not for values', 'A=1\u{2028}B=2\n# x\u{2028}C=3'],
  ['quotes inside lines of a bare value are taken off at its line ends', "A=x\u{2028}'y'\u{2028}z"],
  ['a missing quote swallows the lines up to the next one', 'A="abc\nB=1\nC="\nD=2'],
  ['escapes are expanded behind an opening quote that never closes', 'A="a\\nb'],
] as const

for (const [sentence, text] of ODD) test(`odd case: ${sentence}`, () => assertReadsAlike(text))

test('bytes that are not UTF-8 are read as U+FFFD and reported, never thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.deepEqual(
        [...dotenvValues(readDotenv(bytes))],
        [...readByExpression(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))],
      )
    }),
    runs(500, 100_000),
  )
  const damaged = readDotenv(new Uint8Array([65, 61, 0xff, 10]))
  assert.ok(damaged.diagnostics.some(({ code }) => code === 'DOTENV_NOT_UTF8'))
})
