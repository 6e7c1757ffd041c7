import type { Seeded } from './seeded.ts'

/** Environments of one generated case: `env` is the root, the others can be imported. */
export interface GeneratedCase {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly rotate: boolean
}

/** A piece of a document before it is laid out as text. */
type Piece =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'block'; readonly header: string; readonly lines: readonly string[] }
  | { readonly kind: 'list'; readonly items: readonly Piece[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, Piece])[] }

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'data', 'list', 'url', 'a-b', 'with space', 'x1', 'é', 'deep']
const IMPORTS = ['base', 'lib', 'p/app', 'p/db']
const CIPHERTEXTS = ['ZXNjeAAAAAHo9e705fKyKo30VQ==', 'ZXNjeAAAAAHz7+3loPPl4/Ll9LIEaeo=', 'ZXNjeAAAAAHz', 'bm9wZQ==', 'not base64!']

/** Makes random environments: mostly sensible ones, with mistakes of every kind strewn in. */
export function generateCase(random: Seeded): GeneratedCase {
  const names = IMPORTS.filter(() => random.chance(0.35))
  const files: Record<string, string> = {}
  for (const [i, name] of names.entries()) files[name] = new DocumentMaker(random, names.slice(0, i + (random.chance(0.05) ? 2 : 0))).make()
  files['env'] = new DocumentMaker(random, names).make()
  return { name: random.chance(0.1) ? 'p/root' : 'env', files, rotate: Object.values(files).some((text) => text.includes('fn::rotate')) }
}

class DocumentMaker {
  readonly #random: Seeded
  readonly #importable: readonly string[]
  readonly #paths: string[] = ['a', 'b', 'c', 'data.a', 'list[0]', 'deep.x1', 'url']
  #depth = 0

  constructor(random: Seeded, importable: readonly string[]) {
    this.#random = random
    this.#importable = importable
  }

  make(): string {
    const lines: string[] = []
    if (this.#random.chance(0.05)) lines.push('# a comment')
    if (this.#importable.length > 0 && this.#random.chance(0.8)) lines.push(...this.#imports())
    if (this.#random.chance(0.06)) lines.push(`description: ${this.#scalar()}`)
    if (this.#random.chance(0.97)) lines.push(...this.#values())
    if (this.#random.chance(0.04)) lines.push(`${this.#random.pick(['valus', 'Values', 'import', 'other', 'IMPORTS'])}: ${this.#scalar()}`)
    let text = lines.join('\n')
    if (this.#random.chance(0.9)) text += '\n'
    if (this.#random.chance(0.04)) text = text.replaceAll('\n', '\r\n')
    return this.#random.chance(0.1) ? this.#damage(text) : text
  }

  #imports(): string[] {
    const chosen = this.#importable.filter(() => this.#random.chance(0.7))
    if (this.#random.chance(0.05)) chosen.push(this.#random.pick(['missing', 'env', 'base', 'p/root']))
    if (chosen.length === 0) return []
    if (this.#random.chance(0.3)) return [`imports: [ ${chosen.join(', ')} ]`]
    return [
      'imports:',
      ...chosen.map((name) => {
        if (this.#random.chance(0.15)) return `  - ${name}: { merge: ${this.#random.pick(['false', 'true', 'no', '1'])} }`
        if (this.#random.chance(0.03)) return `  - ${this.#random.pick(['~', '[x]', '{}', 'name: 1', '1'])}`
        return `  - ${name}`
      }),
    ]
  }

  #values(): string[] {
    const entries: (readonly [string, Piece])[] = []
    const count = 1 + this.#random.below(6)
    for (let i = 0; i < count; i++) {
      const key = this.#random.chance(0.02)
        ? this.#random.pick(['imports', 'context', 'environments', 'fn::secret', '1', '""'])
        : this.#key()
      entries.push([key, this.#piece(0)])
      this.#paths.push(key)
    }
    return ['values:', ...block({ kind: 'map', entries }, 2)]
  }

  #key(): string {
    const key = this.#random.pick(KEYS)
    if (this.#random.chance(0.04)) return `"${key}"`
    return this.#random.chance(0.01) ? this.#random.pick(['$$k', '"${a}"', 'true', '~', 'k$']) : key
  }

  #piece(depth: number): Piece {
    if (depth > 3) return { kind: 'scalar', text: this.#scalar() }
    const roll = this.#random.next()
    if (roll < 0.3) return { kind: 'scalar', text: this.#scalar() }
    if (roll < 0.45) return { kind: 'scalar', text: this.#reference() }
    if (roll < 0.58) return this.#map(depth)
    if (roll < 0.68) return { kind: 'list', items: Array.from({ length: this.#random.below(4) }, () => this.#piece(depth + 1)) }
    if (roll < 0.72) return this.#blockScalar()
    return this.#call(depth)
  }

  #map(depth: number): Piece {
    const entries = Array.from({ length: this.#random.below(4) }, () => [this.#key(), this.#piece(depth + 1)] as const)
    return { kind: 'map', entries }
  }

  #scalar(): string {
    return this.#random.pick([
      '1',
      '-2',
      '0x1F',
      '017',
      '1_000',
      '1.50',
      '1e3',
      '.5',
      '2024-01-01',
      '12:30',
      'true',
      'False',
      'yes',
      '~',
      'null',
      '',
      'word',
      'two words',
      "'single ''quoted'''",
      '"double\\t\\u00e9\\"quoted"',
      '$$5',
      '"$${x}"',
      'a$b',
      'Zoë',
      '東京 tower',
      '😀 face',
      "''",
      '""',
      'x: y',
      '18446744073709551616',
      '-0.0',
      '1234567.5',
      '!!str 12',
      '!!int "7"',
      '! 8',
      '&anchor word',
      '!note text',
      'http://h/p?q=1',
      'a#b',
      'a # comment',
      '08',
      '0b101',
      '[1, 2]',
      '{k: v}',
      'é${a}',
      'a,b',
      '"{\\"k\\": [1, null]}"',
      'aGVsbG8=',
      '"1,2"',
      '>=1',
      '-x',
      '?x',
      ':x',
      '100000000000000000000000',
    ])
  }

  #path(): string {
    const roll = this.#random.next()
    if (roll < 0.55) return this.#random.pick(this.#paths) + this.#suffix()
    if (roll < 0.65 && this.#importable.length > 0)
      return `imports["${this.#random.pick(this.#importable)}"].${this.#random.pick(KEYS.slice(0, 6))}${this.#suffix()}`
    if (roll < 0.72)
      return this.#random.pick([
        'context.pulumi.user.id',
        'context.currentEnvironment.name',
        'context.rootEnvironment.name',
        'context.pulumi',
        'context.nope',
      ])
    if (roll < 0.78)
      return this.#random.pick([
        'environments.p.app.a',
        'environments.p.db.b',
        'environments.p["db"]',
        'environments.p',
        'environments.x.y.z',
      ])
    return this.#random.pick(KEYS.slice(0, 8)) + this.#suffix()
  }

  #suffix(): string {
    return this.#random.chance(0.6)
      ? ''
      : this.#random.pick(['.a', '.b', '[0]', '[1]', '["a-b"]', '.x1', '.deep.a', '[-1]', '[99]', '.nope', '["é"]', '.data'])
  }

  #reference(): string {
    const path = this.#path()
    const roll = this.#random.next()
    if (roll < 0.5) return `\${${path}}`
    if (roll < 0.75) return `pre-\${${path}}/\${${this.#path()}}`
    if (roll < 0.85) return `"\${${path.replaceAll('"', '\\"')}}"`
    if (roll < 0.92) return `<\${${path}}>`
    return this.#random.pick([
      '${',
      '${}',
      '${a',
      '${a.}',
      '${a[}',
      '${a["x}',
      '${[0]}',
      '${a b}',
      '${ a}',
      '${a[x]}',
      '${a[""]}',
      '$${a}',
      '${é.b}',
      '${à}',
      '${a..b}',
      '${a}}',
    ])
  }

  #blockScalar(): Piece {
    const header = this.#random.pick(['|', '>', '|-', '>-', '|+', '>+', '| # note', '!!str |', '&x >-'])
    return {
      kind: 'block',
      header,
      lines: Array.from({ length: 1 + this.#random.below(3) }, () =>
        this.#random.pick(['one line', 'a ${a} ref', '', '  more', 'Zoë', 'x: y']),
      ),
    }
  }

  #call(depth: number): Piece {
    this.#depth++
    const argument = () => this.#piece(depth + 1)
    const text = (): Piece =>
      this.#random.chance(0.6)
        ? {
            kind: 'scalar',
            text: this.#random.pick(['abc', '"a,b,c"', 'aGVsbG8=', '"[1, {\\"k\\": null}]"', '${a}', '${url}', '${data.a}']),
          }
        : argument()
    const list = (): Piece =>
      this.#random.chance(0.7) ? { kind: 'list', items: Array.from({ length: this.#random.below(3) }, text) } : argument()
    const name = this.#random.pick(CALLS)
    const call = (value: Piece, key: string = name): Piece => ({
      kind: 'map',
      entries: [[key, value], ...(this.#random.chance(0.02) ? [['extra', argument()] as const] : [])],
    })
    this.#depth--
    switch (name) {
      case 'fn::join':
        return call({ kind: 'list', items: this.#random.chance(0.93) ? [text(), list()] : [text()] })
      case 'fn::split':
        return call({
          kind: 'list',
          items: this.#random.chance(0.93) ? [{ kind: 'scalar', text: this.#random.pick([',', '"-"', '""', '${a}']) }, text()] : [],
        })
      case 'fn::concat':
        return call({ kind: 'list', items: Array.from({ length: this.#random.below(3) }, list) })
      case 'fn::secret':
        return call(this.#secret())
      case 'fn::open':
        return call(this.#named('test', argument))
      case 'fn::open::test':
      case 'fn::open::secret-wrapper':
        return call(this.#inputs(depth))
      case 'fn::open::schema':
        return call(this.#schemaInputs())
      case 'fn::open::error':
        return call({ kind: 'map', entries: [['why', text()]] })
      case 'fn::rotate::swap':
      case 'fn::rotate::echo':
        return call(this.#rotation(name, text))
      case 'fn::validate':
        return call({
          kind: 'map',
          entries: [
            ['schema', this.#schema(0)],
            ['value', argument()],
          ],
        })
      default:
        return call(text())
    }
  }

  #secret(): Piece {
    if (this.#random.chance(0.5))
      return { kind: 'map', entries: [['ciphertext', { kind: 'scalar', text: this.#random.pick(CIPHERTEXTS) }]] }
    return { kind: 'scalar', text: this.#random.pick(['hunter2', '"quoted secret"', '12', '${a}', '', 'a$$b', '"a,b"']) }
  }

  #named(provider: string, argument: () => Piece): Piece {
    const entries: (readonly [string, Piece])[] = []
    if (this.#random.chance(0.95))
      entries.push(['provider', { kind: 'scalar', text: this.#random.chance(0.9) ? provider : this.#random.pick(['nope', '${a}', '1']) }])
    if (this.#random.chance(0.95)) entries.push(['inputs', this.#random.chance(0.8) ? this.#inputs(1) : argument()])
    return { kind: 'map', entries }
  }

  #inputs(depth: number): Piece {
    return this.#random.chance(0.93) ? this.#map(depth) : this.#piece(depth + 1)
  }

  #schemaInputs(): Piece {
    const chosen = SCHEMA_INPUTS.filter(() => this.#random.chance(0.1))
    return {
      kind: 'map',
      entries: chosen.map(([key, text]) => [key, { kind: 'scalar', text: this.#random.chance(0.8) ? text : this.#reference() }]),
    }
  }

  #rotation(name: string, text: () => Piece): Piece {
    const swap = name === 'fn::rotate::swap'
    const inputs: Piece = swap ? { kind: 'map', entries: [['i', text()]] } : { kind: 'map', entries: [['next', text()]] }
    const state: Piece = {
      kind: 'map',
      entries: swap
        ? [
            ['a', text()],
            ['b', text()],
          ]
        : [['current', text()]],
    }
    const entries: (readonly [string, Piece])[] = [['inputs', inputs]]
    if (this.#random.chance(0.8)) entries.push(['state', state])
    return { kind: 'map', entries }
  }

  #schema(depth: number): Piece {
    const scalar = (text: string): Piece => ({ kind: 'scalar', text })
    const choices: readonly (() => (readonly [string, Piece])[])[] = [
      () => [['type', scalar(this.#random.pick(['string', 'number', 'object', 'array', 'null', 'boolean', 'integer']))]],
      () => [
        ['type', scalar('number')],
        [this.#random.pick(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']), scalar(this.#random.pick(['0', '1.5', '10']))],
      ],
      () => [
        ['type', scalar('string')],
        [this.#random.pick(['minLength', 'maxLength']), scalar('3')],
        ['pattern', scalar('"^[a-z]+$"')],
      ],
      () => [
        ['type', scalar('object')],
        ['required', { kind: 'list', items: [scalar('a')] }],
      ],
      () => [['const', scalar(this.#scalar())]],
      () => [['enum', { kind: 'list', items: [scalar('a'), scalar('1')] }]],
      () => (depth > 1 ? [] : [['anyOf', { kind: 'list', items: [this.#schema(depth + 1), this.#schema(depth + 1)] }]]),
      () =>
        depth > 1
          ? []
          : [
              ['type', scalar('object')],
              ['properties', { kind: 'map', entries: [['a', this.#schema(depth + 1)]] }],
            ],
      () =>
        depth > 1
          ? []
          : [
              ['type', scalar('array')],
              ['items', this.#schema(depth + 1)],
            ],
      () => [
        ['$ref', scalar('"#/$defs/x"')],
        ['$defs', { kind: 'map', entries: [['x', { kind: 'map', entries: [['type', scalar('string')]] }]] }],
      ],
    ]
    return this.#random.chance(0.05)
      ? scalar(this.#random.pick(['true', '${a}', '1']))
      : { kind: 'map', entries: this.#random.pick(choices)() }
  }

  /** Small accidents: what people do to a file by mistake. */
  #damage(text: string): string {
    const characters = Array.from(text)
    const at = characters.slice(0, this.#random.below(characters.length + 1)).join('').length
    const roll = this.#random.next()
    if (roll < 0.3)
      return (
        text.slice(0, at) +
        Array.from(text.slice(at))
          .slice(1 + this.#random.below(3))
          .join('')
      )
    if (roll < 0.7)
      return (
        text.slice(0, at) +
        this.#random.pick([
          '\t',
          ':',
          ' ',
          '\n',
          '"',
          "'",
          '[',
          '}',
          '- ',
          '#',
          '*x',
          '&',
          '!',
          '\u00a0',
          '%',
          '@',
          ',',
          '\n  ',
          '|',
          '\\',
          '\u2028',
          '\r',
          '?',
          '\u0085',
          '...\n',
          '---\n',
        ]) +
        text.slice(at)
      )
    const lines = text.split('\n')
    const line = this.#random.below(lines.length)
    if (roll < 0.8) lines.splice(line, 1)
    else if (roll < 0.9) lines.splice(line, 0, lines[line] as string)
    else lines[line] = ` ${lines[line]}`
    return lines.join('\n')
  }
}

const CALLS = [
  'fn::join',
  'fn::split',
  'fn::concat',
  'fn::secret',
  'fn::secret',
  'fn::open',
  'fn::open::test',
  'fn::open::test',
  'fn::open::secret-wrapper',
  'fn::open::schema',
  'fn::open::error',
  'fn::rotate::swap',
  'fn::rotate::echo',
  'fn::validate',
  'fn::toJSON',
  'fn::fromJSON',
  'fn::toString',
  'fn::toBase64',
  'fn::fromBase64',
  'fn::toYAML',
  'fn::final',
  'fn::nope',
  'FN::join',
]

const SCHEMA_INPUTS: readonly (readonly [string, string])[] = [
  ['null', 'null'],
  ['boolean', 'true'],
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
  ['enum', 'foo'],
  ['double', '[a, 1]'],
  ['dependentReq', '{foo: f, bar: 1}'],
  ['multiple', '4'],
  ['minimum', '1'],
  ['maximum', '1'],
  ['minLength', 'x'],
  ['maxLength', 'x'],
  ['pattern', 'foo1'],
  ['minItems', '[1, 2, 3]'],
  ['maxItems', '[1]'],
  ['minProperties', '{a: 1}'],
  ['extra', 'x'],
]

/** Lines of a collection in block style at a column; some parts are laid out in one line. */
function block(piece: Piece, column: number): string[] {
  const pad = ' '.repeat(column)
  if (piece.kind === 'list') return piece.items.flatMap((item) => withValue(`${pad}-`, item, column))
  if (piece.kind === 'map') return piece.entries.flatMap(([key, value]) => withValue(`${pad}${key}:`, value, column))
  return []
}

function withValue(start: string, value: Piece, column: number): string[] {
  if (value.kind === 'scalar') return [value.text === '' ? start : `${start} ${value.text}`]
  if (value.kind === 'block')
    return [`${start} ${value.header}`, ...value.lines.map((line) => (line === '' ? '' : ' '.repeat(column + 2) + line))]
  const size = value.kind === 'list' ? value.items.length : value.entries.length
  if (size === 0 || (isPlain(value) && (size + column) % 3 === 0)) return [`${start} ${flow(value)}`]
  return [start, ...block(value, column + 2)]
}

/** Whether a collection may stand in one line: no block scalars, and no text that would mean something else there. */
function isPlain(piece: Piece): boolean {
  if (piece.kind === 'scalar') return !/[,{}[\]#?]/.test(piece.text) || piece.text.startsWith('"')
  if (piece.kind === 'block') return false
  return piece.kind === 'list' ? piece.items.every(isPlain) : piece.entries.every(([, value]) => isPlain(value))
}

function flow(piece: Piece): string {
  if (piece.kind === 'scalar') return piece.text
  if (piece.kind === 'list') return `[${piece.items.map(flow).join(', ')}]`
  return piece.kind === 'map' ? `{ ${piece.entries.map(([key, value]) => `${key}: ${flow(value)}`).join(', ')} }` : ''
}
