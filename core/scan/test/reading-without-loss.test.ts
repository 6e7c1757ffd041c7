import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DotenvItem, readDotenv, writeDotenv } from '@headgate/scan'
import fc from 'fast-check'
import { dotenvText } from './dotenv-text.ts'
import { runs } from './runs.ts'

test('every character of a text belongs to exactly one item, and the items are in order', () => {
  fc.assert(
    fc.property(dotenvText, (text) => {
      const file = readDotenv(text)
      assert.equal(file.items.map((item) => item.raw).join(''), text)
      assertRangesMeet(text, file.items)
    }),
    runs(2000, 200_000),
  )
})

/** Each item starts where the one before it ended; lines and columns are counted anew, naively. */
function assertRangesMeet(text: string, items: readonly DotenvItem[]): void {
  let offset = 0
  for (const item of items) {
    assert.deepEqual(item.range.begin, positionOf(text, offset))
    offset += item.raw.length
    assert.deepEqual(item.range.end, positionOf(text, offset))
    assert.equal(item.line, item.range.begin.line)
  }
}

function positionOf(text: string, offset: number): { line: number; column: number; byte: number } {
  const before = text.slice(0, offset)
  const lines = before.split(/\r\n|\n|\r(?!\n)/)
  // A `\r` at the very end may be the first half of a line end.
  const halved = before.endsWith('\r') && text[offset] === '\n'
  const line = halved ? lines.length - (lines.at(-1) === '' ? 1 : 0) : lines.length
  const last = halved ? `${lines.at(-2) ?? ''}\r` : (lines.at(-1) ?? '')
  return { line, column: Array.from(last).length + 1, byte: new TextEncoder().encode(before).length }
}

test('a file that is written without a change is the same, byte for byte', () => {
  fc.assert(
    fc.property(dotenvText, (text) => {
      const written = writeDotenv(readDotenv(text).items)
      assert.equal(written.text, text)
      assert.deepEqual(written.diagnostics, [])
    }),
    runs(2000, 200_000),
  )
})

test('the places of names and values are exact', () => {
  const file = readDotenv('# é\r\n  export KEY = "a\r\nb"   # why\r\n')
  const [item] = file.assignments
  assert.ok(item)
  assert.equal(item.value, 'a\nb')
  assert.deepEqual(item.nameRange, { file: '.env', begin: { line: 2, column: 10, byte: 15 }, end: { line: 2, column: 13, byte: 18 } })
  assert.deepEqual(item.valueRange.begin, { line: 2, column: 16, byte: 21 })
  assert.deepEqual(item.valueRange.end, { line: 3, column: 3, byte: 27 })
  assert.deepEqual([item.exported, item.quote, item.inlineComment, item.comments], [true, 'double', 'why', ['é']])
})
