import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type YamlNode, readYaml } from '@headgate/lang'
import { evaluateText } from './evaluating.ts'

/** Kinds and texts of a document, compact. */
function shown(node: YamlNode | undefined): unknown {
  if (!node) return undefined
  if (node.kind === 'array') return node.children.map(shown)
  if (node.kind === 'object')
    return Object.fromEntries(Array.from({ length: node.size }, (_, i) => [node.keyAt(i).value, shown(node.valueAt(i))]))
  return node.kind === 'string' ? node.text : `${node.kind}:${node.text}`
}

function read(text: string | Uint8Array): unknown {
  const { root, diagnostics } = readYaml('file', text)
  assert.deepEqual(diagnostics, [])
  return shown(root)
}

function messages(text: string | Uint8Array): string[] {
  return readYaml('file', text).diagnostics.map(({ message }) => message)
}

test('numbers keep every digit, and only the words of YAML 1.2 are booleans', () => {
  assert.deepEqual(
    read('[0x1F, 017, 0b-1, 1_000, 123456789012345678901, 1e3, 08, 0123456789, yes, on, True, NULL, ~, 1e400, .5_, 12:30]'),
    [
      'number:31',
      'number:15',
      'number:-1',
      'number:1000',
      'number:1.2345678901234568e+20',
      'number:1000',
      'number:8',
      'number:1.23456789e+08',
      'yes',
      'on',
      'boolean:true',
      'null:',
      'null:',
      '1e400',
      '.5_',
      '12:30',
    ],
  )
})

test('dates are strings, and what is no date is not taken for one', () => {
  assert.deepEqual(read('[2024-02-29, 2023-02-29, 2024-01-01 10:00:00, 2024-13-01]'), [
    '2024-02-29',
    '2023-02-29',
    '2024-01-01 10:00:00',
    '2024-13-01',
  ])
})

test('texts in UTF-16 with a mark are read', () => {
  const text = '\ufeffa: é\n'
  const bytes = new Uint8Array(Array.from(text).flatMap((character) => [character.charCodeAt(0) & 255, character.charCodeAt(0) >> 8]))
  assert.deepEqual(read(bytes), { a: 'é' })
})

test('only the first document of a text is read', () => {
  assert.deepEqual(read('a: 1\n---\nb: @\n'), { a: 'number:1' })
  assert.equal(read(''), undefined)
  assert.equal(read('# nothing\n'), undefined)
})

test('a text that is no YAML gives one diagnostic without a place', () => {
  assert.deepEqual(messages('a: [1, 2\nb: 3\n'), ["yaml: line 1: did not find expected ',' or ']'"])
  assert.deepEqual(messages('a: "x\n'), ['yaml: line 2: found unexpected end of stream'])
  assert.deepEqual(messages('a: 1\n\tb: 2\n'), ['yaml: line 2: found a tab character that violates indentation'])
  assert.deepEqual(messages('a: \u0001'), ['yaml: control characters are not allowed'])
  assert.deepEqual(messages(Uint8Array.of(97, 58, 32, 0xc3)), ['yaml: incomplete UTF-8 octet sequence'])
})

test('every mistake in what the YAML says is found at once, each at its place', () => {
  const { diagnostics } = readYaml('file', '1: x\n&a b: *a\n"c": {~: 1}\n!!int d: 2\n')
  assert.deepEqual(
    diagnostics.map(({ message, path, range }) => [message, path, range?.begin.line, range?.begin.column]),
    [
      ['mapping keys must be strings', '["1"]', 1, 1],
      ['alias nodes are not supported', 'b', 2, 7],
      ['mapping keys must be strings', 'c["~"]', 3, 7],
      ['yaml: cannot decode !!str `d` as a !!int', 'd', 4, 1],
    ],
  )
})

test('places count code points, and bytes by the cells of a line', () => {
  const { root } = readYaml('file', 'é: 1\n東京: {k: "😀x", l: 2}\nlast: 3')
  const values = root?.children.filter((_, i) => i % 2 === 1) ?? []
  assert.deepEqual(
    values.map(({ range }) => [range.begin.line, range.begin.column, range.begin.byte]),
    [
      [1, 4, 4],
      [2, 5, 12],
      [3, 7, 0],
    ],
  )
})

test('reading takes time in proportion to the text', () => {
  const cost = (size: number): number => {
    const text = `a:\n${'  - {k: [1, "two", three], l: >-\n      folded}\n'.replace('>-\n      folded', 'plain').repeat(size)}`
    let least = Number.POSITIVE_INFINITY
    for (let round = 0; round < 5; round++) {
      const { user, system } = process.cpuUsage()
      readYaml('file', text)
      const after = process.cpuUsage({ user, system })
      least = Math.min(least, after.user + after.system)
    }
    return least
  }
  cost(500)
  const small = cost(1000)
  const large = cost(8000)
  assert.ok(large < small * 8 * 4, `${small} µs for 1000, ${large} µs for 8000`)
})

test('a reference in a plain scalar has a place of its own, under the tag `!` too, and none under another tag', async () => {
  const columns = async (scalar: string) => {
    const { diagnostics } = await evaluateText(`values:\n  a: ${scalar}\n`, { mode: 'check' })
    return diagnostics.map(({ range }) => [range?.begin.column, range?.end.column])
  }
  assert.deepEqual(await columns('x ${nope}'), [[10, 14]])
  assert.deepEqual(await columns('! x ${nope}'), [[10, 14]], 'counted from where the tag begins, as the reference does')
  assert.deepEqual(await columns('!!str x ${nope}'), [[6, 21]])
})

test('the value a last key does not have is where its block ends, which comments as far in as the block belong to', () => {
  const cases: readonly (readonly [string, number, number])[] = [
    ['v:\n  ? "a b"\n\n', 2, 10],
    ['v:\n  ? a\n\n', 4, 1],
    ["v:\n  ? 'a b' # c\n", 2, 14],
    ['v:\n  ? "a b"\n  # c\nw: 1\n', 3, 4],
    ['v:\n  ? a\n  # c\n# d\n', 3, 4],
    ['v:\n  ? "a b"\n # c\nw: 1\n', 2, 10],
  ]
  for (const [text, line, column] of cases) {
    const { begin } = readYaml('env', text).root?.get('v')?.valueAt(0).range ?? {}
    assert.deepEqual([begin?.line, begin?.column], [line, column], JSON.stringify(text))
  }
})
