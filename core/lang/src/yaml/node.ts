import type { Range } from '@headgate/model'
import { byteLength } from './bytes.ts'
import { joinKey } from './document-path.ts'
import type { SourceText } from './source-text.ts'
import type { ScalarStyle } from './token.ts'

export type NodeKind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'alias'

/** What few nodes have, and what is worked out when somebody asks. */
interface Known {
  tag?: string
  contentStart?: number
  flow?: boolean
  range?: Range
  path?: string
  byKey?: ReadonlyMap<string, YamlNode>
}

/** The children of every scalar. */
const NO_NODES: YamlNode[] = []
Object.freeze(NO_NODES)

/**
 * One node of a read document, with its place.
 *
 * `kind` is what the node means after typing. Children of an array are its elements; those of an object alternate,
 * key before value. Places are kept as they were scanned and turned into ranges only when asked for.
 */
export class YamlNode {
  kind: NodeKind = 'null'
  /** What a scalar says: a string's text, a number's decimal text, `true` or `false`. Empty for all others. */
  text = ''
  /** The scalar as it was decoded, before typing; the name for an alias. */
  readonly value: string
  readonly style: ScalarStyle
  children: YamlNode[] = NO_NODES
  /** Place in the text in UTF-16 units: of the tag or anchor if there is one, else of the content; of the end. */
  readonly start: number
  end: number
  readonly line: number
  readonly column: number
  /** The node it is in; of the root, the text. */
  readonly #holder: YamlNode | SourceText
  /** The key (raw) or index this node has in its parent; of a key node its own, known when it is read. */
  key: string | number
  #known: Known | undefined

  constructor(place: {
    source: SourceText
    value: string
    style: ScalarStyle
    tag: string
    flow: boolean
    start: number
    contentStart: number
    end: number
    line: number
    column: number
    parent: YamlNode | undefined
    key: string | number
  }) {
    this.value = place.value
    this.style = place.style
    this.start = place.start
    this.end = place.end
    this.line = place.line
    this.column = place.column
    this.#holder = place.parent ?? place.source
    this.key = place.key
    if (place.tag !== '' || place.flow || place.contentStart !== place.start) {
      this.#known = { tag: place.tag, flow: place.flow, contentStart: place.contentStart }
    }
  }

  get parent(): YamlNode | undefined {
    return this.#holder instanceof YamlNode ? this.#holder : undefined
  }

  get source(): SourceText {
    let holder = this.#holder
    while (holder instanceof YamlNode) holder = holder.#holder
    return holder
  }

  /** Tag as written, shortened to `!!name` where it is a core one; empty without a tag. */
  get tag(): string {
    return this.#known?.tag ?? ''
  }

  /** Whether it is a collection in brackets or braces. */
  get flow(): boolean {
    return this.#known?.flow ?? false
  }

  /** Place of the content itself, behind a tag or an anchor. */
  get contentStart(): number {
    return this.#known?.contentStart ?? this.start
  }

  /** Makes a node that was begun one that has children. */
  open(kind: 'array' | 'object'): this {
    this.kind = kind
    this.children = []
    return this
  }

  /** Ends what `open` began. A list that grew has room for more than it holds, and documents have many. */
  close(end: number): void {
    this.end = end
    this.children = this.children.slice()
  }

  /** The path inside the document, for example `values.a.b[0]`. */
  get path(): string {
    if (!this.parent) return ''
    if (this.#known?.path !== undefined) return this.#known.path
    const path = typeof this.key === 'number' ? `${this.parent.path}[${this.key}]` : joinKey(this.parent.path, this.key)
    // Only what others are in is asked again and again.
    if (this.children.length > 0) (this.#known ??= {}).path = path
    return path
  }

  get range(): Range {
    if (this.#known?.range) return this.#known.range
    const [line, column] = this.#end()
    const range = this.source.range(this.line, this.column, line, column)
    ;(this.#known ??= {}).range = range
    return range
  }

  /** Whether references inside the scalar have places of their own. */
  get hasInnerPlaces(): boolean {
    return this.style === 'plain' && !this.tagged
  }

  get tagged(): boolean {
    return this.tag !== '' && this.tag !== '!'
  }

  /** Line and column behind the node as the language counts them, which is not where its text ends (1.2.4). */
  #end(): [number, number] {
    const last = this.children[this.children.length - 1]
    if (last) return [last.range.end.line, last.range.end.column]
    if (this.kind === 'array' || this.kind === 'object') return [this.line, this.column]
    if (this.tagged) {
      return [this.line, this.column + byteLength(this.value) + (this.style === 'plain' ? byteLength(this.tag) + 1 : 0)]
    }
    if (this.style !== 'literal') return [this.line, this.column + byteLength(this.value)]
    const lines = this.value.split('\n')
    return [this.line + lines.length - 1, this.column + byteLength(lines[lines.length - 1] as string)]
  }

  /** Number of entries of an object or elements of an array. */
  get size(): number {
    return this.kind === 'object' ? this.children.length / 2 : this.children.length
  }

  keyAt(index: number): YamlNode {
    return this.children[index * 2] as YamlNode
  }

  valueAt(index: number): YamlNode {
    return this.children[index * 2 + 1] as YamlNode
  }

  /** The value of the first entry with a key, if this is an object that has it. */
  get(key: string): YamlNode | undefined {
    if (this.kind !== 'object') return undefined
    this.#known ??= {}
    this.#known.byKey ??= this.#index()
    return this.#known.byKey.get(key)
  }

  #index(): ReadonlyMap<string, YamlNode> {
    const index = new Map<string, YamlNode>()
    for (let i = this.children.length - 2; i >= 0; i -= 2) index.set((this.children[i] as YamlNode).value, this.children[i + 1] as YamlNode)
    return index
  }
}
