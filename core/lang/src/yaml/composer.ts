import type { Diagnostic } from '@headgate/model'
import { diagnosticAt } from '../diagnostics.ts'
import { NESTING_LIMIT } from '../limits.ts'
import { YamlNode } from './node.ts'
import { resolvePlain, resolveTagged } from './resolve-scalar.ts'
import { Scanner } from './scanner.ts'
import type { DecodedSource } from './decode-source.ts'
import type { SourceText } from './source-text.ts'
import * as T from './token.ts'

const CORE_PREFIX = 'tag:yaml.org,2002:'

/** Where a node stands: what it belongs to, and what came before its content. */
interface Place {
  readonly parent: YamlNode | undefined
  readonly key: string | number
}

interface Properties {
  readonly start: T.Mark
  readonly tag: string
  readonly anchor: string
}

/** Tokens to a tree of typed nodes: the first document of a text. */
export class Composer {
  /** What is wrong with nodes; a key's path is known only when the key is read, so places are worked out at the end. */
  readonly #faults: { readonly node: YamlNode; readonly message: string }[] = []
  readonly #source: SourceText
  readonly #scanner: Scanner
  readonly #anchors = new Set<string>()
  readonly #handles = new Map<string, string>()
  #depth = 0
  /** End of the last token taken, in text units. */
  #end = 0

  constructor(source: SourceText, decoded: DecodedSource) {
    this.#source = source
    this.#scanner = new Scanner(decoded)
  }

  get diagnostics(): Diagnostic[] {
    return this.#faults.map(({ node, message }) => diagnosticAt('LANG_YAML', message, node))
  }

  /** The root of the first document, or undefined where there is none. */
  compose(): YamlNode | undefined {
    this.#scanner.peek()
    this.#take()
    let token = this.#scanner.peek()
    if (token.kind === T.STREAM_END) return undefined
    const explicit = token.kind === T.DOCUMENT_START || token.kind === T.VERSION_DIRECTIVE || token.kind === T.TAG_DIRECTIVE
    token = this.#directives(token)
    if (explicit) {
      if (token.kind !== T.DOCUMENT_START) throw T.parserFault('did not find expected <document start>', undefined, token.start)
      this.#take()
      token = this.#scanner.peek()
    }
    const empty = token.kind <= T.DOCUMENT_END && explicit
    const root = empty ? this.#empty(token.start, { parent: undefined, key: '' }) : this.#node({ parent: undefined, key: '' }, true, false)
    this.#scanner.peek()
    return root
  }

  #take(): T.Token {
    const token = this.#scanner.peek()
    this.#scanner.skip()
    this.#end = token.end.index
    return token
  }

  #directives(first: T.Token): T.Token {
    let token = first
    let version = false
    for (; token.kind === T.VERSION_DIRECTIVE || token.kind === T.TAG_DIRECTIVE; token = this.#scanner.peek()) {
      if (token.kind === T.TAG_DIRECTIVE) {
        if (this.#handles.has(token.value)) throw T.parserFault('found duplicate %TAG directive', undefined, token.start)
        this.#handles.set(token.value, token.suffix)
      } else {
        if (version) throw T.parserFault('found duplicate %YAML directive', undefined, token.start)
        if (token.value !== '1.1') throw T.parserFault('found incompatible YAML document', undefined, token.start)
        version = true
      }
      this.#take()
    }
    if (!this.#handles.has('!')) this.#handles.set('!', '!')
    if (!this.#handles.has('!!')) this.#handles.set('!!', CORE_PREFIX)
    return token
  }

  // --- nodes ------------------------------------------------------------------------------------------------------

  #node(place: Place, block: boolean, indentless: boolean): YamlNode {
    let token = this.#scanner.peek()
    if (token.kind === T.ALIAS) return this.#alias(place)
    const properties = this.#properties(token)
    token = this.#scanner.peek()
    if (indentless && token.kind === T.BLOCK_ENTRY) return this.#indentlessSequence(this.#start(token, place, properties, 'array'))
    switch (token.kind) {
      case T.SCALAR:
        return this.#scalar(token, place, properties)
      case T.FLOW_SEQUENCE_START:
        return this.#flowSequence(this.#start(token, place, properties, 'array', true))
      case T.FLOW_MAPPING_START:
        return this.#flowMapping(this.#start(token, place, properties, 'object', true))
      case T.BLOCK_SEQUENCE_START:
        if (block) return this.#blockSequence(this.#start(token, place, properties, 'array'))
        break
      case T.BLOCK_MAPPING_START:
        if (block) return this.#blockMapping(this.#start(token, place, properties, 'object'))
        break
    }
    if (properties) return this.#typed(this.#make(place, properties, '', 'plain', properties.start, this.#end))
    throw T.parserFault('did not find expected node content', token.start, token.start)
  }

  #alias(place: Place): YamlNode {
    const token = this.#take()
    if (!this.#anchors.has(token.value)) throw new T.YamlFault(`unknown anchor '${token.value}' referenced`)
    const node = this.#make(place, { start: token.start, tag: '', anchor: '' }, token.value, 'plain', token.start, token.end.index)
    node.kind = 'alias'
    this.#faults.push({ node, message: 'alias nodes are not supported' })
    return node
  }

  #properties(first: T.Token): Properties | undefined {
    if (first.kind !== T.ANCHOR && first.kind !== T.TAG) return undefined
    let anchor = ''
    let tagToken: T.Token | undefined
    for (let token = first, part = 0; part < 2; part++, token = this.#scanner.peek()) {
      if (token.kind === T.ANCHOR && anchor === '') anchor = token.value
      else if (token.kind === T.TAG && !tagToken) tagToken = token
      else break
      this.#take()
    }
    if (tagToken) this.#scanner.peek()
    return { start: first.start, tag: tagToken ? this.#tagOf(tagToken, first.start) : '', anchor }
  }

  #tagOf(token: T.Token, start: T.Mark): string {
    if (token.value === '') return shortTag(token.suffix)
    const prefix = this.#handles.get(token.value)
    const tag = prefix === undefined ? '' : prefix + token.suffix
    if (tag === '') throw T.parserFault('found undefined tag handle', start, token.start)
    return shortTag(tag)
  }

  #make(place: Place, properties: Properties, value: string, style: T.ScalarStyle, content: T.Mark, end: number, flow = false): YamlNode {
    if (properties.anchor !== '') this.#anchors.add(properties.anchor)
    return new YamlNode({
      source: this.#source,
      value,
      style,
      tag: properties.tag,
      flow,
      start: properties.start.index,
      contentStart: content.index,
      end,
      line: properties.start.line + 1,
      column: properties.start.column + 1,
      parent: place.parent,
      key: place.key,
    })
  }

  #start(token: T.Token, place: Place, properties: Properties | undefined, kind: 'array' | 'object', flow = false): YamlNode {
    const start = properties ?? { start: token.start, tag: '', anchor: '' }
    return this.#make(place, start, '', 'plain', token.start, token.end.index, flow).open(kind)
  }

  #scalar(token: T.Token, place: Place, properties: Properties | undefined): YamlNode {
    this.#take()
    const start = properties ?? { start: token.start, tag: '', anchor: '' }
    return this.#typed(this.#make(place, start, token.value, token.style, token.start, token.end.index))
  }

  /** A value that is nowhere in the text: the language may place it at the next token, an edit belongs behind the last one. */
  #empty(mark: T.Mark, place: Place): YamlNode {
    const start = { ...mark, index: this.#end }
    return this.#typed(this.#make(place, { start, tag: '', anchor: '' }, '', 'plain', start, this.#end))
  }

  /** Gives a scalar its kind and text. */
  #typed(node: YamlNode): YamlNode {
    if (node.tagged) {
      const resolved = resolveTagged(node.tag, node.value)
      if ('fault' in resolved) {
        node.kind = 'alias'
        this.#faults.push({ node, message: resolved.fault })
        return node
      }
      node.kind = resolved.kind
      node.text = resolved.text
    } else if (node.style === 'plain') {
      const resolved = resolvePlain(node.value)
      node.kind = resolved.kind
      node.text = resolved.text
    } else {
      node.kind = 'string'
      node.text = node.value
    }
    return node
  }

  // --- collections ------------------------------------------------------------------------------------------------

  #enter(node: YamlNode): void {
    if (++this.#depth > NESTING_LIMIT) throw new DepthExceeded(node)
  }

  #leave(node: YamlNode, end = this.#end): YamlNode {
    this.#depth--
    node.close(end)
    return node
  }

  #element(node: YamlNode): Place {
    return { parent: node, key: node.children.length }
  }

  /** Adds an entry's key and makes the place of its value; anything but a string cannot be a key. */
  #key(node: YamlNode, read: (place: Place) => YamlNode): Place {
    const key = read({ parent: node, key: '' })
    key.key = key.value
    node.children.push(key)
    if (key.kind !== 'string' && key.kind !== 'alias') this.#faults.push({ node: key, message: 'mapping keys must be strings' })
    return { parent: node, key: key.value }
  }

  #blockSequence(node: YamlNode): YamlNode {
    const start = this.#take().start
    this.#enter(node)
    for (;;) {
      const token = this.#scanner.peek()
      if (token.kind === T.BLOCK_END) break
      if (token.kind !== T.BLOCK_ENTRY) throw T.parserFault("did not find expected '-' indicator", start, token.start)
      const { end } = this.#take()
      const next = this.#scanner.peek().kind
      const bare = next === T.BLOCK_ENTRY || next === T.BLOCK_END
      node.children.push(bare ? this.#empty(end, this.#element(node)) : this.#node(this.#element(node), true, false))
    }
    const end = this.#end
    this.#take()
    return this.#leave(node, end)
  }

  #indentlessSequence(node: YamlNode): YamlNode {
    this.#enter(node)
    while (this.#scanner.peek().kind === T.BLOCK_ENTRY) {
      const { end } = this.#take()
      const next = this.#scanner.peek().kind
      const bare = next === T.BLOCK_ENTRY || next === T.KEY || next === T.VALUE || next === T.BLOCK_END
      node.children.push(bare ? this.#empty(end, this.#element(node)) : this.#node(this.#element(node), true, false))
    }
    return this.#leave(node)
  }

  #blockMapping(node: YamlNode): YamlNode {
    const start = this.#take().start
    this.#enter(node)
    for (;;) {
      const token = this.#scanner.peek()
      if (token.kind === T.BLOCK_END) break
      // A value without a key never begins an entry: the scanner puts a KEY token before it or fails.
      if (token.kind !== T.KEY) throw T.parserFault('did not find expected key', start, token.start)
      const place = this.#blockKey(node)
      node.children.push(this.#blockValue(place))
    }
    const end = this.#end
    this.#take()
    return this.#leave(node, end)
  }

  #blockKey(node: YamlNode): Place {
    const { end } = this.#take()
    const next = this.#scanner.peek().kind
    const bare = next === T.KEY || next === T.VALUE || next === T.BLOCK_END
    return this.#key(node, (place) => (bare ? this.#empty(end, place) : this.#node(place, true, true)))
  }

  #blockValue(place: Place): YamlNode {
    const token = this.#scanner.peek()
    if (token.kind !== T.VALUE) return this.#empty(token.start, place)
    const { end } = this.#take()
    const next = this.#scanner.peek().kind
    if (next === T.KEY || next === T.VALUE || next === T.BLOCK_END) return this.#empty(end, place)
    return this.#node(place, true, true)
  }

  #flowSequence(node: YamlNode): YamlNode {
    const start = this.#take().start
    this.#enter(node)
    for (let first = true; ; first = false) {
      let token = this.#scanner.peek()
      if (token.kind === T.FLOW_SEQUENCE_END) break
      if (!first) {
        if (token.kind !== T.FLOW_ENTRY) throw T.parserFault("did not find expected ',' or ']'", start, token.start)
        this.#take()
        token = this.#scanner.peek()
      }
      if (token.kind === T.KEY) node.children.push(this.#pair(token, this.#element(node)))
      else if (token.kind !== T.FLOW_SEQUENCE_END) node.children.push(this.#node(this.#element(node), false, false))
      else break
    }
    this.#take()
    return this.#leave(node)
  }

  /** `[a: b]`: a mapping of one entry inside a flow sequence. */
  #pair(token: T.Token, place: Place): YamlNode {
    const node = this.#start(token, place, undefined, 'object', true)
    this.#take()
    this.#enter(node)
    const first = this.#scanner.peek()
    const bare = first.kind === T.VALUE || first.kind === T.FLOW_ENTRY || first.kind === T.FLOW_SEQUENCE_END
    const valuePlace = this.#key(node, (keyPlace) => (bare ? this.#empty(this.#take().end, keyPlace) : this.#node(keyPlace, false, false)))
    const next = this.#scanner.peek()
    if (next.kind === T.VALUE) {
      this.#take()
      const content = this.#scanner.peek()
      if (content.kind !== T.FLOW_ENTRY && content.kind !== T.FLOW_SEQUENCE_END) {
        node.children.push(this.#node(valuePlace, false, false))
        return this.#leave(node)
      }
    }
    node.children.push(this.#empty(next.start, valuePlace))
    return this.#leave(node)
  }

  #flowMapping(node: YamlNode): YamlNode {
    const start = this.#take().start
    this.#enter(node)
    for (let first = true; ; first = false) {
      let token = this.#scanner.peek()
      if (token.kind === T.FLOW_MAPPING_END) break
      if (!first) {
        if (token.kind !== T.FLOW_ENTRY) throw T.parserFault("did not find expected ',' or '}'", start, token.start)
        this.#take()
        token = this.#scanner.peek()
      }
      if (token.kind === T.FLOW_MAPPING_END) break
      this.#flowEntry(node, token)
    }
    this.#take()
    return this.#leave(node)
  }

  #flowEntry(node: YamlNode, token: T.Token): void {
    if (token.kind !== T.KEY) {
      const place = this.#key(node, (keyPlace) => this.#node(keyPlace, false, false))
      node.children.push(this.#empty(this.#scanner.peek().start, place))
      return
    }
    this.#take()
    const first = this.#scanner.peek()
    const bare = first.kind === T.VALUE || first.kind === T.FLOW_ENTRY || first.kind === T.FLOW_MAPPING_END
    const place = this.#key(node, (keyPlace) => (bare ? this.#empty(first.start, keyPlace) : this.#node(keyPlace, false, false)))
    let next = this.#scanner.peek()
    if (next.kind === T.VALUE) {
      this.#take()
      next = this.#scanner.peek()
      if (next.kind !== T.FLOW_ENTRY && next.kind !== T.FLOW_MAPPING_END) {
        node.children.push(this.#node(place, false, false))
        return
      }
    }
    node.children.push(this.#empty(next.start, place))
  }
}

/** A document nested deeper than the limit: thrown inside the reader only. */
export class DepthExceeded extends Error {
  readonly node: YamlNode

  constructor(node: YamlNode) {
    super(`the document is nested deeper than ${NESTING_LIMIT} levels`)
    this.node = node
  }
}

function shortTag(tag: string): string {
  return tag.startsWith(CORE_PREFIX) ? `!!${tag.slice(CORE_PREFIX.length)}` : tag
}
