import { wrapEnvelope } from '@headgate/lang'
import { turnBytes } from '../../test/conformance/lang/providers.ts'
import { SCHEMA_INPUTS, makeSchema } from './generate-schema.ts'
import { type Piece, list, map, scalar } from './pieces.ts'
import type { Seeded } from './seeded.ts'
import { BROKEN_CIPHERTEXTS, CALLS, SECRETS, TEXTS } from './words.ts'

/** What a value will probably be, so that most calls get arguments that suit them. */
export type Kind = 'text' | 'list' | 'object' | 'other'

/** Makes the parts of a call that are not its own. */
export interface Maker {
  readonly random: Seeded
  /** Anything. */
  piece(depth: number): Piece
  map(depth: number): Piece
  /** A reference to something that is probably of a kind. */
  referenceTo(kind: Kind): string
}

/** A builtin with its argument: mostly a suitable one. */
export function makeCall(maker: Maker, depth: number): Piece {
  const { random } = maker
  const name = random.pick(CALLS)
  const entries: (readonly [string, Piece])[] = [[name, argumentOf(maker, name, depth + 1)]]
  if (random.chance(0.02)) entries.push([random.pick(['extra', 'fn::toJSON']), maker.piece(depth + 1)])
  return { kind: 'map', entries }
}

/** What a call of that name gives. */
export function kindOfCall(name: string): Kind {
  if (/join|Base64|toJSON|toString|toYAML|secret$/.test(name)) return 'text'
  if (/split|concat/.test(name)) return 'list'
  return /open|rotate/.test(name) ? 'object' : 'other'
}

function argumentOf(maker: Maker, name: string, depth: number): Piece {
  if (maker.random.chance(0.03)) return maker.piece(depth)
  const make = ARGUMENTS[name]
  if (make) return make(maker, depth)
  return /toJSON|toYAML|toString|final/.test(name) ? anything(maker, depth) : text(maker, depth)
}

type Argument = (maker: Maker, depth: number) => Piece

const ARGUMENTS: Readonly<Record<string, Argument>> = {
  'fn::join': (maker, depth) => pair(maker, text(maker, depth), texts(maker, depth)),
  'fn::split': (maker, depth) =>
    pair(maker, scalar(maker.random.pick([',', '"-"', '""', '", "', maker.referenceTo('text')])), text(maker, depth)),
  'fn::concat': (maker, depth) => list(...several(maker, () => texts(maker, depth))),
  'fn::secret': secret,
  'fn::open': (maker, depth) => named(maker, maker.random.pick(['test', 'test', 'schema', 'nope']), depth),
  'fn::open::test': inputs,
  'fn::open::secret-wrapper': inputs,
  'fn::open::schema': schemaInputs,
  'fn::open::error': (maker, depth) => map({ why: text(maker, depth) }),
  'fn::rotate': (maker, depth) => {
    const rotation = rotationOf(maker, 'swap', depth)
    return map({ ...(maker.random.chance(0.95) ? { provider: scalar('swap') } : {}), ...rotation })
  },
  'fn::rotate::swap': (maker, depth) => map(rotationOf(maker, 'swap', depth)),
  'fn::rotate::echo': (maker, depth) => map(rotationOf(maker, 'echo', depth)),
  'fn::rotate::nope': (maker, depth) => map(rotationOf(maker, 'swap', depth)),
  'fn::validate': (maker, depth) => ({
    kind: 'map',
    entries: [...(maker.random.chance(0.97) ? [['schema', makeSchema(maker.random)] as const] : []), ['value', anything(maker, depth)]],
  }),
}

function anything(maker: Maker, depth: number): Piece {
  return maker.random.chance(0.4) ? scalar(maker.referenceTo(maker.random.pick(['text', 'list', 'object', 'other']))) : maker.piece(depth)
}

function text(maker: Maker, depth: number): Piece {
  const { random } = maker
  const roll = random.next()
  if (roll < 0.45) return scalar(random.pick(TEXTS))
  if (roll < 0.8) return scalar(maker.referenceTo('text'))
  return roll < 0.92 && depth < 4 ? makeCall(maker, depth) : maker.piece(depth)
}

function texts(maker: Maker, depth: number): Piece {
  const { random } = maker
  const roll = random.next()
  if (roll < 0.6) return list(...several(maker, () => text(maker, depth + 1)))
  return roll < 0.85 ? scalar(maker.referenceTo('list')) : maker.piece(depth)
}

function several(maker: Maker, make: () => Piece): Piece[] {
  return Array.from({ length: maker.random.below(4) }, make)
}

function pair(maker: Maker, first: Piece, second: Piece): Piece {
  const roll = maker.random.next()
  if (roll < 0.95) return list(first, second)
  return roll < 0.98 ? list(first) : list(first, second, first)
}

function secret(maker: Maker): Piece {
  const { random } = maker
  if (random.chance(0.45)) return map({ ciphertext: scalar(random.chance(0.85) ? sealed(random) : random.pick(BROKEN_CIPHERTEXTS)) })
  if (random.chance(0.05)) return { kind: 'block', header: '|-', lines: ['{"k":', '  [1, "two"]}'] }
  return scalar(
    random.pick(['hunter2', '"quoted secret"', '12', '${a}', '', 'a$$b', '"a,b"', '"{\\"a\\": [1, {\\"b\\": 2}]}"', 'aGk=', '"[\\"x\\"]"']),
  )
}

/** A text sealed with the suite's crypter. */
function sealed(random: Seeded): string {
  return wrapEnvelope(turnBytes(new TextEncoder().encode(random.pick(SECRETS))))
}

function named(maker: Maker, provider: string, depth: number): Piece {
  const { random } = maker
  const entries: (readonly [string, Piece])[] = []
  if (random.chance(0.95)) entries.push(['provider', scalar(random.chance(0.93) ? provider : random.pick(['nope', '${a}', '1']))])
  if (random.chance(0.95)) entries.push(['inputs', provider === 'schema' ? schemaInputs(maker, depth) : inputs(maker, depth)])
  return { kind: 'map', entries }
}

function inputs(maker: Maker, depth: number): Piece {
  const roll = maker.random.next()
  if (roll < 0.8) return maker.map(depth)
  return roll < 0.95 ? scalar(maker.referenceTo('object')) : maker.piece(depth + 1)
}

function schemaInputs(maker: Maker, depth: number): Piece {
  const { random } = maker
  const chosen = SCHEMA_INPUTS.filter(() => random.chance(0.12))
  return {
    kind: 'map',
    entries: chosen.map(([key, fitting]) => {
      const roll = random.next()
      if (roll < 0.65) return [key, scalar(fitting)]
      return [key, roll < 0.9 ? scalar(maker.referenceTo('other')) : maker.piece(depth + 1)]
    }),
  }
}

function rotationOf(maker: Maker, rotator: 'swap' | 'echo', depth: number): Record<string, Piece> {
  const { random } = maker
  const state = rotator === 'swap' ? { a: text(maker, depth), b: text(maker, depth) } : { current: text(maker, depth) }
  const roll = random.next()
  return {
    ...(random.chance(0.97) ? { inputs: map(rotator === 'swap' ? { i: text(maker, depth) } : { next: text(maker, depth) }) } : {}),
    ...(roll < 0.7
      ? { state: map(state) }
      : roll < 0.8
        ? { state: random.pick([scalar('null'), scalar('${data}'), map({ a: scalar('1') })]) }
        : {}),
  }
}
