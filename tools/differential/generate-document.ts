import { damageText } from './damage-text.ts'
import { type Kind, type Maker, kindOfCall, makeCall } from './generate-call.ts'
import { Layout, type Piece, scalar } from './pieces.ts'
import type { Seeded } from './seeded.ts'
import { CONTEXTS, ENVIRONMENTS, KEYS, ODD_KEYS, ODD_REFERENCES, RESERVED_KEYS, SCALARS, SUFFIXES } from './words.ts'

/** Environments of one generated case: `env` is the root, the others can be imported. */
export interface GeneratedCase {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly rotate: boolean
}

const IMPORTS = ['base', 'lib', 'mid', 'p/app', 'p/db', 'top']

/** Makes random environments: mostly sensible ones, with mistakes of every kind strewn in. */
export function generateCase(random: Seeded): GeneratedCase {
  const share = random.pick([0, 0.2, 0.35, 0.35, 0.8])
  const names = IMPORTS.filter(() => random.chance(share))
  const files: Record<string, string> = {}
  const known: Known[] = []
  // With few keys, objects lie over one another at every level.
  const keys = random.chance(0.3) ? Array.from({ length: 3 }, () => random.pick(KEYS)) : KEYS
  for (const [i, name] of names.entries()) {
    const later = random.chance(0.05) ? names.slice(i, i + 2) : []
    const maker = new DocumentMaker(random, keys, known, [...names.slice(0, i), ...later])
    files[name] = maker.make()
    known.push({ name, paths: maker.paths })
  }
  files['env'] = new DocumentMaker(random, keys, known, names).make()
  return { name: random.chance(0.1) ? 'p/root' : 'env', files, rotate: Object.values(files).some((text) => text.includes('fn::rotate')) }
}

/** A place in an environment, with what it probably holds. */
interface Place {
  readonly path: string
  readonly kind: Kind
}

interface Known {
  readonly name: string
  readonly paths: readonly Place[]
}

class DocumentMaker implements Maker {
  readonly random: Seeded
  readonly paths: Place[] = []
  readonly #keys: readonly string[]
  readonly #known: readonly Known[]
  readonly #importable: readonly string[]
  readonly #layout: Layout

  constructor(random: Seeded, keys: readonly string[], known: readonly Known[], importable: readonly string[]) {
    this.random = random
    this.#keys = keys
    this.#known = known
    this.#importable = importable
    this.#layout = new Layout(random)
  }

  make(): string {
    const { random } = this
    const lines: string[] = []
    if (random.chance(0.05)) lines.push(random.pick(['# a comment', '---', '%YAML 1.1\n---', '', '--- # start', '\ufeff# mark']))
    if (this.#importable.length > 0 && random.chance(0.85)) lines.push(...this.#imports())
    if (random.chance(0.06)) lines.push(`description: ${this.#scalar()}`)
    if (random.chance(0.97)) lines.push(...this.#values())
    if (random.chance(0.04)) lines.push(`${random.pick(['valus', 'Values', 'import', 'other', 'IMPORTS', 'valueſ'])}: ${this.#scalar()}`)
    if (random.chance(0.02)) lines.push(random.pick(['...', '---\nmore: 1', '# the end']))
    let text = lines.join('\n')
    if (random.chance(0.9)) text += '\n'
    if (random.chance(0.04)) text = text.replaceAll('\n', '\r\n')
    return random.chance(0.1) ? damageText(random, text) : text
  }

  #imports(): string[] {
    const { random } = this
    const chosen = this.#importable.filter(() => random.chance(0.7))
    if (random.chance(0.05)) chosen.push(random.pick(['missing', 'env', 'base', 'p/root', 'mid']))
    for (const name of chosen) this.paths.push(...(this.#known.find((other) => other.name === name)?.paths ?? []))
    if (chosen.length === 0) return []
    if (random.chance(0.3)) return [`imports: [ ${chosen.join(', ')} ]`]
    return [
      'imports:',
      ...chosen.map((name) => {
        if (random.chance(0.15)) return `  - ${name}: { merge: ${random.pick(['false', 'false', 'true', 'no', '1', '{}'])} }`
        if (random.chance(0.03)) return `  - ${random.pick(['~', '[x]', '{}', 'name: 1', '1', '"${a}"', 'base: {}', 'base: { other: 1 }'])}`
        return `  - ${random.chance(0.05) ? `"${name}"` : name}`
      }),
    ]
  }

  #values(): string[] {
    const { random } = this
    const entries: (readonly [string, Piece])[] = []
    const keys = Array.from({ length: 1 + random.below(6) }, () => (random.chance(0.02) ? random.pick(RESERVED_KEYS) : this.#key()))
    // Where what comes later is referred to as well, there are circles.
    const tangled = random.chance(0.25)
    if (tangled) for (const key of keys) for (let times = 3; times > 0; times--) this.paths.push({ path: pathOf('', key), kind: 'text' })
    for (const key of keys) {
      const piece = this.piece(0)
      entries.push([key, piece])
      this.#remember(pathOf('', key), piece)
    }
    return ['values:', ...this.#layout.block({ kind: 'map', entries }, 2)]
  }

  #remember(path: string, piece: Piece): void {
    this.paths.push({ path, kind: kindOf(piece) })
    if (piece.kind === 'list') for (const [i, item] of piece.items.entries()) this.#remember(`${path}[${i}]`, item)
    if (piece.kind !== 'map') return
    for (const [key, value] of piece.entries) if (!/^fn::/i.test(key)) this.#remember(pathOf(path, key), value)
  }

  #key(): string {
    const key = this.random.pick(this.#keys)
    if (this.random.chance(0.04)) return `"${key}"`
    return this.random.chance(0.015) ? this.random.pick(ODD_KEYS) : key
  }

  piece(depth: number): Piece {
    const { random } = this
    if (depth > 4) return scalar(this.#scalar())
    const roll = random.next()
    if (roll < 0.22) return scalar(this.#scalar())
    if (roll < 0.4) return scalar(this.#reference())
    if (roll < 0.54) return this.map(depth)
    if (roll < 0.64) return { kind: 'list', items: Array.from({ length: random.below(4) }, () => this.piece(depth + 1)) }
    return roll < 0.68 ? this.#blockScalar() : makeCall(this, depth)
  }

  map(depth: number): Piece {
    const entries = Array.from({ length: this.random.below(4) }, () => [this.#key(), this.piece(depth + 1)] as const)
    return { kind: 'map', entries }
  }

  #scalar(): string {
    return this.random.pick(SCALARS)
  }

  #blockScalar(): Piece {
    const { random } = this
    const header = random.pick(['|', '>', '|-', '>-', '|+', '>+', '| # note', '!!str |', '&x >-', '|2', '>1-'])
    const lines = Array.from({ length: 1 + random.below(4) }, () =>
      random.pick(['one line', 'a ${a} ref', '', '  more', 'Zoë', 'x: y', '# no comment', '${url}', '\ttab', '😀 $${x}', '- item']),
    )
    return { kind: 'block', header, lines }
  }

  // --- references ---------------------------------------------------------------------------------------------------

  referenceTo(kind: Kind): string {
    const suiting = this.paths.filter((place) => place.kind === kind || kind === 'other')
    return suiting.length > 0 && this.random.chance(0.85) ? this.#written(`\${${this.random.pick(suiting).path}}`) : this.#reference()
  }

  #path(): string {
    const { random } = this
    const roll = random.next()
    if (roll < 0.6 && this.paths.length > 0) return random.pick(this.paths).path + this.#suffix()
    if (roll < 0.72 && this.#known.length > 0) {
      const { name, paths } = random.pick(this.#known)
      const path = paths.length > 0 ? random.pick(paths).path : 'a'
      return `imports["${name}"]${path.startsWith('[') ? '' : '.'}${path}${this.#suffix()}`
    }
    if (roll < 0.78) return random.pick(CONTEXTS)
    if (roll < 0.82) return random.pick(ENVIRONMENTS)
    return random.pick(KEYS.slice(0, 8)) + this.#suffix()
  }

  #suffix(): string {
    return this.random.chance(0.7) ? '' : this.random.pick(SUFFIXES)
  }

  #reference(): string {
    const { random } = this
    const path = this.#path()
    const roll = random.next()
    if (roll < 0.5) return this.#written(`\${${path}}`)
    if (roll < 0.75) return this.#written(`pre-\${${path}}/\${${this.#path()}}`)
    if (roll < 0.82) return `"\${${path.replaceAll('"', '\\"')}}"`
    if (roll < 0.92)
      return random.pick(['<$>', 'Zoë $ end', '😀$', '$ two $', '$$$$$', 'a $é']).replace(/\$(?!\$)/g, () => `\${${this.#path()}}`)
    return random.pick(ODD_REFERENCES)
  }

  /** Text that would mean something else to YAML is quoted, mostly. */
  #written(text: string): string {
    if (!/[[\]"é]/.test(text) || this.random.chance(0.6)) return text
    return this.random.chance(0.5) ? `'${text}'` : `"${text.replaceAll('"', '\\"')}"`
  }
}

function kindOf(piece: Piece): Kind {
  if (piece.kind === 'block') return 'text'
  if (piece.kind === 'list') return 'list'
  if (piece.kind === 'scalar') return /^[a-zA-Z"'|>]/.test(piece.text) && !/^(true|False|null|~)$/i.test(piece.text) ? 'text' : 'other'
  const [only] = piece.entries
  return piece.entries.length === 1 && only && only[0].startsWith('fn::') ? kindOfCall(only[0]) : 'object'
}

/** A key as a reference writes it behind a path. */
function pathOf(path: string, key: string): string {
  const name = key.startsWith('"') && key.endsWith('"') ? key.slice(1, -1) : key
  if (/^[A-Za-z_]\w*$/.test(name)) return path === '' ? name : `${path}.${name}`
  return `${path}["${name.replaceAll('"', '\\"')}"]`
}
