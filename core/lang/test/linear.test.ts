import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyPatches, check, load, open, rotate, serialise, toYaml } from '@headgate/lang'
import { evaluateText, hostOf } from './evaluating.ts'

/** Documents of any size whose cost once grew with the square of it, or without bound. */
const SHAPES: Readonly<Record<string, (size: number) => string>> = {
  'references in one plain scalar': (size) => `b: x\n  a: ${'${b}'.repeat(size)}`,
  'references in one scalar outside ASCII': (size) => `b: x\n  a: é${'${c}'.repeat(size)}`,
  'elements on one line outside ASCII': (size) => `a: [${'é, '.repeat(size)}é]`,
  'misspelt references': (size) => many(size / 8, (i) => `key${i}: 1\n  ref${i}: \${kee${i}x}`),
  'endless digits': (size) =>
    `a: {fn::validate: {schema: {maximum: 3}, value: {fn::fromJSON: "1${'0'.repeat(size * 8)}1"}}}\n  b: ${'9'.repeat(size * 8)}`,
  'mistakes below an endless key': (size) => `? ${'k'.repeat(size * 4)}\n  : [${'"${z}", '.repeat(size / 2)}]`,
  'members of an enumeration': (size) =>
    `a: {fn::validate: {schema: {items: {enum: [${listed(size, 'e')}]}}, value: [${listed(size, 'x')}]}}`,
  rotators: (size) => many(size / 16, (i) => `k${i}: {fn::rotate::swap: {inputs: {}, state: {a: x, b: y}}}`),
}

function many(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join('\n  ')
}

function listed(count: number, prefix: string): string {
  return Array.from({ length: count }, (_, i) => prefix + i).join(', ')
}

/** Processor time of every mode together, in microseconds. */
async function cost(values: string): Promise<number> {
  const before = process.cpuUsage()
  const text = `values:\n  ${values}\n`
  const { document } = load('env', text)
  assert.ok(document)
  const checked = await check(document, hostOf(), { trace: 'full' })
  if (checked.environment) JSON.parse(serialise(checked.environment))
  JSON.stringify((await open(document, hostOf())).diagnostics)
  const { rotations } = await rotate(document, hostOf())
  applyPatches(
    text,
    rotations.flatMap((rotation) => (rotation.status === 'succeeded' ? [rotation.patch] : [])),
  )
  const { user, system } = process.cpuUsage(before)
  return user + system
}

for (const [what, make] of Object.entries(SHAPES)) {
  test(`${what} take time in proportion to the text`, async () => {
    await cost(make(256))
    const small = Math.min(await cost(make(512)), await cost(make(512)))
    const large = Math.min(await cost(make(4096)), await cost(make(4096)))
    assert.ok(large < small * 8 * 4, `${small} µs for 512, ${large} µs for 4096`)
  })
}

const LINES = Array.from({ length: 12 }, (_, i) => `t${i + 1}: "\${t${i}}\${t${i}}"`)
const LONG_TEXT = `t0: ${'x'.repeat(200)}\n  ${LINES.join('\n  ')}`

test('what references and functions make in all is limited, and the limit is named once', async () => {
  const { messages } = await evaluateText(`values:\n  ${LONG_TEXT}\n  ${many(160, (i) => `k${i}: {fn::toBase64: "\${t12}"}`)}\n`)
  assert.equal(messages.filter((message) => /references and functions make more than [0-9]+ parts in all/.test(message)).length, 1)
})

test('validations share one limit: a schema that asks for a lot cannot be asked again and again', async () => {
  const definitions = many(16, (i) => `d${i}: {anyOf: [{$ref: "#/$defs/d${i + 1}"}, {$ref: "#/$defs/d${i + 1}"}]},`)
  const schema = `s: {$defs: {${definitions} d16: {type: string}}, $ref: "#/$defs/d0"}`
  const calls = many(200, (i) => `k${i}: {fn::validate: {schema: "\${s}", value: 1}}`)
  const { messages } = await evaluateText(`values:\n  ${schema}\n  ${calls}\n`)
  assert.ok(messages.some((message) => message.includes('references and functions make more than')))
})

test('a rotation that is under way when the limit is met is not lost', async () => {
  const calls = many(160, (i) => `k${i}: {fn::toBase64: "\${t12}"}`)
  const rotators = `a: {fn::toJSON: {fn::rotate::swap: {inputs: {}, state: {a: x, b: y}}}}\n  late: {fn::toJSON: "\${a}"}`
  const { document } = load('env', `values:\n  ${rotators}\n  ${LONG_TEXT}\n  ${calls}\n`)
  assert.ok(document)
  const { rotations, diagnostics } = await rotate(document, hostOf())
  assert.ok(diagnostics.some(({ message }) => message.includes('parts in all')))
  assert.deepEqual(
    rotations.map(({ status }) => status),
    ['succeeded'],
  )
})

test('a text is not split into more parts than a value may have', async () => {
  const { messages } = await evaluateText(`values:\n  ${LONG_TEXT}\n  a: {fn::split: ["", "\${t12}"]}\n`)
  assert.match(messages.join('\n'), /error values\.a: the value has more than [0-9]+ parts/)
})

test('nested lists are not written as YAML that is all indentation', async () => {
  const { messages } = await evaluateText(`values:\n  a: {fn::toYAML: ${'['.repeat(400)}${'1, '.repeat(20_000)}1${']'.repeat(400)}}\n`)
  assert.deepEqual(messages, ['error values.a: the text would be longer than 2097152 characters'])
})

test('names that depend on one another may be very many', async () => {
  const { messages } = await evaluateText(
    `values: {a: {fn::validate: {schema: {dependentRequired: {a: [${listed(150_000, 'e')}]}}, value: {a: 1}}}}\n`,
  )
  assert.equal(messages.length, 1)
  assert.match(messages[0] as string, /missing required properties: e0, e1, /)
})

test('a bound of very many digits is refused, and where it stands', async () => {
  const { messages } = await evaluateText(
    `values: {a: {fn::validate: {schema: {maximum: {fn::fromJSON: "${'9'.repeat(1001)}"}}, value: 1}}}\n`,
  )
  assert.deepEqual(messages, ['error values.a["fn::validate"].schema.maximum: invalid schema: maximum has more than 1000 digits'])
})

test('a tree that repeats itself at every level is written in bounded room', async () => {
  const { environment } = await evaluateText(`values:\n  a: ${'['.repeat(300)}${'1, '.repeat(20_000)}1${']'.repeat(300)}\n`)
  assert.ok(environment)
  assert.ok(serialise(environment).length < 64 * 1024 * 1024)
  assert.ok(toYaml(environment, { redact: false }).length > 0)
})
