import { type Piece, list, map, scalar } from './pieces.ts'
import type { Seeded } from './seeded.ts'
import { KEYS, SCALARS } from './words.ts'

/** Levels of schemas inside schemas. */
const DEPTH = 2

/** A schema as `fn::validate` takes one: mostly right, of every keyword. */
export function makeSchema(random: Seeded, depth = 0): Piece {
  if (random.chance(0.05)) return scalar(random.pick(['true', 'false', '${a}', '${data}', '1', '"string"', '~']))
  const keywords: Record<string, Piece> = {}
  for (let count = random.chance(0.7) ? 1 : 2; count > 0; count--)
    Object.assign(keywords, random.pick(depth < DEPTH ? ALL : FLAT)(random, depth))
  if (random.chance(0.03)) keywords[random.pick(['not', 'format', 'title', 'default', 'examples', 'deprecated'])] = scalar('x')
  return map(keywords)
}

type Keywords = (random: Seeded, depth: number) => Record<string, Piece>

const NUMBERS = ['0', '1.5', '10', '-3', '1e2', '0.5']
const COUNTS = ['0', '1', '2', '3', '1.5', '-1']

const FLAT: readonly Keywords[] = [
  (random) => ({ type: scalar(random.pick(['string', 'number', 'object', 'array', 'null', 'boolean', 'integer'])) }),
  (random) => ({
    type: scalar('number'),
    [random.pick(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'])]: scalar(random.pick(NUMBERS)),
  }),
  (random) => ({ multipleOf: scalar(random.pick(['2', '3', '0.5', '10'])) }),
  (random) => ({
    [random.pick(['minLength', 'maxLength'])]: scalar(random.pick(COUNTS)),
    pattern: scalar(random.pick(['"^[a-z]+$"', 'b', '"^\\\\d+$"', '"(?i)ABC"', '"["', '"a{2,}"', '"\\\\bw"', '"(?=x)"'])),
  }),
  (random) => ({ required: list(...KEYS.slice(0, 4).flatMap((key) => (random.chance(0.4) ? [scalar(key)] : []))) }),
  (random) => ({ const: constant(random) }),
  (random) => ({ enum: list(...Array.from({ length: 1 + random.below(3) }, () => constant(random))) }),
  (random) => ({ [random.pick(['minItems', 'maxItems', 'minProperties', 'maxProperties'])]: scalar(random.pick(COUNTS)) }),
  (random) => ({ dependentRequired: map({ [random.pick(['a', 'b'])]: list(scalar('c'), scalar('d')) }) }),
  (random) => ({
    $ref: scalar(random.pick(['"#/$defs/x"', '"#/$defs/x"', '"#/$defs/nope"', '"#/other"'])),
    $defs: map({ x: map({ type: scalar('string') }) }),
  }),
]

const NESTED: readonly Keywords[] = [
  (random, depth) => ({ anyOf: list(makeSchema(random, depth + 1), makeSchema(random, depth + 1)) }),
  (random, depth) => ({ oneOf: list(makeSchema(random, depth + 1), makeSchema(random, depth + 1)) }),
  (random, depth) => ({
    type: scalar('object'),
    properties: map({ a: makeSchema(random, depth + 1), ...(random.chance(0.5) ? { b: makeSchema(random, depth + 1) } : {}) }),
    ...(random.chance(0.3) ? { additionalProperties: makeSchema(random, depth + 1) } : {}),
    ...(random.chance(0.3) ? { required: list(scalar('a')) } : {}),
  }),
  (random, depth) => ({
    type: scalar('array'),
    ...(random.chance(0.6) ? { items: makeSchema(random, depth + 1) } : {}),
    ...(random.chance(0.4) ? { prefixItems: list(makeSchema(random, depth + 1), makeSchema(random, depth + 1)) } : {}),
  }),
]

const ALL = [...FLAT, ...NESTED, ...NESTED]

function constant(random: Seeded): Piece {
  return random.chance(0.2)
    ? list(scalar('1'), scalar('a'))
    : scalar(random.pick(['a', '1', 'true', 'abc', '{a: 1}', random.pick(SCALARS)]))
}

/** Inputs of the provider whose schema has every keyword: each with a text that fits. */
export const SCHEMA_INPUTS: readonly (readonly [string, string])[] = [
  ['null', 'null'],
  ['boolean', 'true'],
  ['false', 'false'],
  ['true', 'true'],
  ['number', '1'],
  ['pi', '3.14'],
  ['string', 'word'],
  ['hello', 'hello'],
  ['array', '[1, a]'],
  ['tuple', '[hello, world]'],
  ['map', '{k: v}'],
  ['record', '{foo: f}'],
  ['anyOf', '1'],
  ['oneOf', 'text'],
  ['ref', '{baz: qux}'],
  ['const-array', '[hello, 42]'],
  ['const-object', '{hello: world}'],
  ['enum', 'foo'],
  ['always', '[x]'],
  ['double', '[a, 1]'],
  ['triple', '[a, 1, true]'],
  ['dependentReq', '{foo: f, bar: 1}'],
  ['multiple', '4'],
  ['minimum', '1'],
  ['exclusiveMinimum', '2'],
  ['maximum', '1'],
  ['exclusiveMaximum', '0'],
  ['minLength', 'x'],
  ['maxLength', 'x'],
  ['pattern', 'foo1'],
  ['minItems', '[1, 2, 3]'],
  ['maxItems', '[1]'],
  ['minProperties', '{a: 1}'],
  ['maxProperties', '{a: 1}'],
  ['extra', 'x'],
]
