import type { Range } from '@headgate/model'
import { byteLength } from './bytes.ts'
import { joinKey } from './document-path.ts'
import type { SourceText } from './source-text.ts'
import type { ScalarStyle } from './token.ts'

export type NodeKind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'alias'

/**
 * One node of a read document, with its place.
 *
 * `kind` is what the node means after typing. Children of an array are its elements; those of an object alternate,
 * key before value. Places are kept as they were scanned and turned into ranges only when asked for.
 */
export class YamlNode {
  readonly source: SourceText
  kind: NodeKind = 'null'
  /** What a scalar says: a string's text, a number's decimal text, `true` or `false`. Empty for all others. */
  text = ''
  /** The scalar as it was decoded, before typing; the name for an alias. */
  readonly value: string
  readonly style: ScalarStyle
  /** Tag as written, shortened to `!!name` where it is a core one; empty without a tag. */
  readonly tag: string
  readonly anchor: string
  readonly flow: boolean
  readonly children: YamlNode[]
  /** Place in the text in UTF-16 units: of the tag or anchor if there is one, of the content itself, of the end. */
  readonly start: number
  readonly contentStart: number
  end: number
  readonly line: number
  readonly column: number
  readonly parent: YamlNode | undefined
  /** The key (raw) or index this node has in its parent; of a key node its own, known when it is read. */
  key: string | number
  #range: Range | undefined
  #path: string | undefined
  #byKey: ReadonlyMap<string, YamlNode> | undefined

  constructor(place: {
    source: SourceText
    value: string
    style: ScalarStyle
    tag: string
    anchor: string
    flow: boolean
    start: number
    contentStart: number
    end: number
    line: number
    column: number
    parent: YamlNode | undefined
    key: string | number
  }) {
    this.source = place.source
    this.value = place.value
    this.style = place.style
    this.tag = place.tag
    this.anchor = place.anchor
    this.flow = place.flow
    this.children = []
    this.start = place.start
    this.contentStart = place.contentStart
    this.end = place.end
    this.line = place.line
    this.column = place.column
    this.parent = place.parent
    this.key = place.key
  }

  /** The path inside the document, for example `values.a.b[0]`. */
  get path(): string {
    if (!this.parent) return ''
    if (this.#path !== undefined) return this.#path
    const path = typeof this.key === 'number' ? `${this.parent.path}[${this.key}]` : joinKey(this.parent.path, this.key)
    // Only what others are in is asked again and again.
    if (this.children.length > 0) this.#path = path
    return path
  }

  get range(): Range {
    if (this.#range) return this.#range
    const [line, column] = this.#end()
    this.#range = this.source.range(this.line, this.column, line, column)
    return this.#range
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
    this.#byKey ??= this.#index()
    return this.#byKey.get(key)
  }

  #index(): ReadonlyMap<string, YamlNode> {
    const index = new Map<string, YamlNode>()
    for (let i = this.children.length - 2; i >= 0; i -= 2) index.set((this.children[i] as YamlNode).value, this.children[i + 1] as YamlNode)
    return index
  }
}
