import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Json,
  JsonFault,
  NumberText,
  parseJson,
  parsePath,
  quote,
  unwrapEnvelope,
  wrapEnvelope,
  writeJson,
  writeYaml,
} from '@headgate/lang'
import { decodeBase64, encodeBase64 } from '../src/text/base64.ts'
import { crc32 } from '../src/text/crc32.ts'
import { compareDecimals, isMultiple, parseDecimal, type Decimal } from '../src/text/number-text.ts'
import { compareBytes, fromBytes, joinTexts, toBytes } from '../src/yaml/bytes.ts'

function decimal(text: string): Decimal {
  const parsed = parseDecimal(text)
  assert.ok(!('fault' in parsed), text)
  return parsed
}

test('decimals are compared exactly, however large or small', () => {
  const ascending = [
    '-1e2000000000',
    '-2',
    '-1.10',
    '-1.1e-5',
    '0',
    '1e-2000000000',
    '0.09',
    '0.1',
    '1',
    '9007199254740993',
    '9007199254740993.1',
    '1e30',
    '1e2000000000',
  ]
  for (const [i, left] of ascending.entries()) {
    for (const [j, right] of ascending.entries())
      assert.equal(Math.sign(compareDecimals(decimal(left), decimal(right))), Math.sign(i - j), `${left} and ${right}`)
  }
  assert.equal(compareDecimals(decimal('1.10'), decimal('11e-1')), 0)
  assert.ok('fault' in parseDecimal('1e99999999999'))
})

test('multiples are exact, without writing out large powers of ten', () => {
  for (const [number, of, expected] of [
    ['1.07', '0.01', true],
    ['0.3', '0.1', true],
    ['0.35', '0.1', false],
    ['36893488147419103232', '3', false],
    ['36893488147419103233', '3', true],
    ['1e2000000000', '7', false],
    ['7e2000000000', '7', true],
    ['1e-2000000000', '1', false],
    ['0', '0.7', true],
    ['-9', '3', true],
  ] as const) {
    assert.equal(isMultiple(decimal(number), decimal(of)), expected, `${number} of ${of}`)
  }
})

test('base64 is strict, tells where it is wrong, and reads over line breaks', () => {
  for (let length = 0; length < 40; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 255)
    assert.equal(encodeBase64(bytes), Buffer.from(bytes).toString('base64'))
    assert.deepEqual(decodeBase64(encodeBase64(bytes)), bytes)
  }
  assert.deepEqual(decodeBase64('aGVs\r\nbG8='), new TextEncoder().encode('hello'))
  for (const [text, at] of [
    ['aGVsbG8', 4],
    ['aGVs=bG8', 4],
    ['a', 0],
    ['aGVsbG8=x', 8],
    ['aG!s', 2],
    ['====', 0],
    ['aA=', 3],
  ] as const) {
    assert.deepEqual(decodeBase64(text), { illegalAt: at }, text)
  }
})

test('an envelope is opened only whole', () => {
  const payload = new TextEncoder().encode('payload')
  const text = wrapEnvelope(payload)
  assert.deepEqual(unwrapEnvelope(text), payload)
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926)
  const bytes = Buffer.from(text, 'base64')
  const broken = (change: (bytes: Buffer) => void) => {
    const copy = Buffer.from(bytes)
    change(copy)
    return unwrapEnvelope(copy.toString('base64'))
  }
  assert.deepEqual(
    broken((copy) => copy.writeUInt8(0, 0)),
    { fault: 'invalid header' },
  )
  assert.deepEqual(
    broken((copy) => copy.writeUInt8(0, 9)),
    { fault: 'invalid checksum' },
  )
  const other = Buffer.concat([Buffer.from('escx'), Buffer.from([0, 0, 0, 2]), Buffer.from('abcd')])
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(other))
  assert.deepEqual(unwrapEnvelope(Buffer.concat([other, sum]).toString('base64')), { fault: 'unsupported version' })
  assert.deepEqual(unwrapEnvelope('ZXNjeAAAAAHz'), { fault: 'EOF' })
})

test('bytes that are no text survive, and come together again', () => {
  const bytes = Uint8Array.of(0xff, 0x41, 0xe2, 0x82)
  assert.deepEqual(toBytes(fromBytes(bytes)), bytes)
  assert.equal(joinTexts([fromBytes(Uint8Array.of(0xe2, 0x82)), fromBytes(Uint8Array.of(0xac))]), '€')
  assert.deepEqual(['\u{10000}', '\uffff', 'a', 'é'].toSorted(compareBytes), ['a', 'é', '\uffff', '\u{10000}'])
})

test('JSON is read with its numbers as written, and mistakes in the words of the reference', () => {
  assert.deepEqual(
    parseJson(' {"a": [1.0e5, -0, true, null, "\\u00e9\\ud83d\\ude00\\ud800"]} trailing'),
    new Map([['a', [new NumberText('1.0e5'), new NumberText('-0'), true, null, 'é😀\ufffd']]]),
  )
  for (const [text, message] of [
    ['', 'EOF'],
    ['[1,', 'unexpected EOF'],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{a: 1}', "invalid character 'a' looking for beginning of object key string"],
    ['01', undefined],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['nul', 'unexpected EOF'],
    ['trUe', "invalid character 'U' in literal true (expecting 'u')"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\t"', "invalid character '\\t' in string literal"],
  ] as const) {
    if (message === undefined) assert.deepEqual(parseJson(text), new NumberText('0'))
    else
      assert.throws(
        () => parseJson(text),
        (error) => error instanceof JsonFault && error.message === message,
        text,
      )
  }
})

test('JSON is written safely for HTML, YAML so that it reads back the same', () => {
  const texts = new Map<string, Json>()
  for (const [key, value] of [
    ['k10', '1'],
    ['k9', 'yes'],
    ['m', 'a\nb\n'],
    ['n', null],
    ['o', '- x'],
    ['p', "it's"],
    ['q', ' s '],
  ] as const)
    texts.set(key, value)
  assert.equal(
    writeJson(
      new Map<string, Json>([
        ['b', '<&>\u2028'],
        ['a', new NumberText('1.50')],
      ]),
    ),
    '{"a":1.50,"b":"\\u003c\\u0026\\u003e\\u2028"}',
  )
  assert.equal(
    writeYaml(['x', texts]),
    '- x\n- k9: "yes"\n  k10: "1"\n  m: |\n    a\n    b\n  "n": null\n  o: \'- x\'\n  p: it\'s\n  q: \' s \'\n',
  )
})

test('texts are quoted as the language quotes them', () => {
  assert.equal(quote('a"b\\\n\t\u0001é\u200b\u{1f600}\u{e0001}'), '"a\\"b\\\\\\n\\t\\x01é\\u200b😀\\U000e0001"')
})

test('paths are read, and what is wrong with one is told', () => {
  assert.deepEqual(parsePath('a.b-c["d \\"e\\""][0].x'), ['a', 'b-c', 'd "e"', 0, 'x'])
  assert.deepEqual(parsePath('["1st"]'), ['1st'])
  for (const path of ['', '.a', 'a..b', 'a[', 'a[x]', 'a["b]', 'a[0]b']) assert.ok('reason' in parsePath(path), path)
})
