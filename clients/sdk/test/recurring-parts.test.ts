import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecurringParts } from '../src/recurring-parts.ts'

const ROUNDS = process.env['HEADGATE_PROVE'] === '1' ? 200_000 : 5_000
const seed = Number(process.env['HEADGATE_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

function randomFrom(start: number): (below: number) => number {
  let state = start >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const TEXTS = [
  '',
  'a',
  '"',
  '\\',
  '\\"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '":{"',
  '\\\\"',
  'é',
  '\u2028',
  '\u0000',
  '__proto__',
  'values',
  'opened',
  'x'.repeat(250),
]

function anything(random: (below: number) => number, depth: number): unknown {
  const text = () => Array.from({ length: random(3) }, () => TEXTS[random(TEXTS.length)]).join('')
  switch (random(depth > 3 ? 4 : 6)) {
    case 0:
      return text()
    case 1:
      return random(2) === 0 ? random(1000) - 500 : random(1000) / 7e20
    case 2:
      return [true, false, null][random(3)]
    case 3:
      return TEXTS[random(TEXTS.length)]
    case 4:
      return Array.from({ length: random(4) }, () => anything(random, depth + 1))
    default: {
      // As `JSON.parse` makes them: `__proto__` is a name like any other.
      const entries = Array.from({ length: random(5) }, () => `${JSON.stringify(text())}:${JSON.stringify(anything(random, depth + 1))}`)
      return JSON.parse(`{${[...new Map(entries.map((entry) => [entry.split(':')[0], entry])).values()].join()}}`) as unknown
    }
  }
}

test(`frames are read as JSON.parse reads them, whatever stands in them (seed ${seed})`, () => {
  const random = randomFrom(seed)
  const parts = new RecurringParts()
  let values = anything(random, 0)
  for (let round = 0; round < ROUNDS; round += 1) {
    if (random(3) === 0) values = anything(random, 0)
    const opened = { revision: round, values, secrets: anything(random, 2) }
    const frame = random(10) === 0 ? anything(random, 0) : { type: 'values', asked: 0, opened }
    const text = random(10) === 0 ? JSON.stringify(frame, undefined, 1) : JSON.stringify(frame)
    assert.deepEqual(parts.parse(text), JSON.parse(text), text)
    const cut = text.slice(0, random(text.length + 1))
    assert.deepEqual(
      outcomeOf(() => parts.parse(cut)),
      outcomeOf(() => JSON.parse(cut) as unknown),
      cut,
    )
  }
})

test('what stands as it stood is the same object, and what does not is another', () => {
  const parts = new RecurringParts()
  const long = 'x'.repeat(300)
  const read = (a: number, b: number) => {
    const text = JSON.stringify({ type: 'values', opened: { values: { one: { a, long }, other: { b, long }, short: { a: 1 } } } })
    return (parts.parse(text) as { opened: { values: Record<string, unknown> } }).opened.values
  }
  const [first, second, third] = [read(1, 1), read(1, 2), read(3, 2)]
  assert.equal(first['one'], second['one'])
  assert.notEqual(first['other'], second['other'])
  assert.equal(second['other'], third['other'])
  assert.notEqual(second['one'], third['one'])
  assert.notEqual(first['short'], second['short'])
})

test('what is at hand is not read again, unless it would be written otherwise', () => {
  const parts = new RecurringParts()
  const same = { list: Array.from({ length: 100 }, (_, n) => n) }
  const values = { same, changed: { ...same, a: 1 }, gone: { ...same } }
  parts.startWith(values)
  const text = JSON.stringify({ type: 'values', opened: { values: { same, changed: { ...same, a: 2 }, come: { ...same } } } })
  const read = (parts.parse(text) as { opened: { values: Record<string, unknown> } }).opened.values
  assert.deepEqual(read, { same, changed: { ...same, a: 2 }, come: same })
  assert.equal(read['same'], same)
})

function outcomeOf(read: () => unknown): unknown {
  try {
    return { read: read() }
  } catch (error) {
    assert.ok(error instanceof SyntaxError)
    return 'refused'
  }
}
