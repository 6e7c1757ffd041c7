import { type Diagnostic, type Problem, type Result, hasErrors, ok, refuse } from '@headgate/model'
import { type PathPart, joinPath, parsePath } from '../yaml/document-path.ts'
import type { YamlNode } from '../yaml/node.ts'
import { readYaml } from '../yaml/read-yaml.ts'
import { contentEnd, inFlow, lastWithin, replaceInline, skipToContent } from './node-span.ts'
import { type TextEdit, applyEdits, isLineBreak, lineBreakOf, lineEnd, lineStart, nextLine, restIsBlank } from './text-edits.ts'
import { type Content, blockLines, writeBlockValue, writeFlow } from './write-content.ts'

/** What stands at a path of a document. */
export interface Found {
  readonly node: YamlNode
  /** The node's own text, comments and line breaks inside it included. */
  readonly text: string
}

/** A text to be edited, and the place in it. */
interface Target {
  readonly text: string
  readonly root: YamlNode | undefined
  readonly parts: readonly PathPart[]
  /** The path as it was given, for messages. */
  readonly given: string
}

/** What stands at a path. Paths are relative to `values` unless they begin with `imports`; the empty path is all of `values`. */
export function getPath(text: string, path: string): Result<Found> {
  const target = targetOf(text, path)
  if (!target.ok) return target
  let node = target.value.root
  for (const part of target.value.parts) node = node && childOf(node, part)
  if (!node) return refuse('LANG_PATH_MISSING', { path })
  return ok({ node, text: text.slice(node.start, contentEnd(text, node)) })
}

/**
 * The text with something else at a path. What is missing on the way is made; everything else stays byte for byte.
 *
 * An index one behind the last element of a list adds an element.
 */
export function setPath(text: string, path: string, content: Content): Result<string> {
  const target = targetOf(text, path)
  if (!target.ok) return target
  const edits = editsFor(target.value, content)
  return edits.ok ? ok(applyEdits(text, edits.value)) : edits
}

/** As `setPath`, by the whole path from the document's root. */
export function setDocumentPath(text: string, path: string, content: Content): Result<string> {
  return setDocumentPaths(text, [{ path, content }])
}

/** As `setDocumentPath`, for several places in turn, none of which is inside another one; the text is read once. */
export function setDocumentPaths(text: string, changes: readonly { readonly path: string; readonly content: Content }[]): Result<string> {
  const { root, diagnostics } = readYaml('', text)
  if (hasErrors(diagnostics)) return unreadable(diagnostics)
  const edits: TextEdit[] = []
  for (const { path, content } of changes) {
    const parts = parsePath(path)
    if ('reason' in parts) return refuse('PATH_INVALID', { path, reason: parts.reason })
    const found = editsFor({ text, root, parts, given: path }, content)
    if (!found.ok) return found
    for (const edit of found.value) edits.push(edit)
  }
  return ok(applyEdits(text, edits))
}

/** The text without what stands at a path. A collection that loses its last part stays, empty. */
export function removePath(text: string, path: string): Result<string> {
  const found = getPath(text, path)
  if (!found.ok) return found
  const { node } = found.value
  if (!node.parent?.parent && path !== '') return ok(applyEdits(text, removal(text, node)))
  return node.parent ? ok(applyEdits(text, removal(text, node))) : refuse('PATH_INVALID', { path, reason: 'it is the whole document' })
}

function targetOf(text: string, path: string): Result<Target> {
  const parsed = path === '' ? [] : parsePath(path)
  if ('reason' in parsed) return refuse('PATH_INVALID', { path, reason: parsed.reason })
  const { root, diagnostics } = readYaml('', text)
  if (hasErrors(diagnostics)) return unreadable(diagnostics)
  const parts = parsed[0] === 'imports' ? parsed : ['values', ...parsed]
  return ok({ text, root, parts, given: path })
}

function unreadable(diagnostics: readonly Diagnostic[]): { ok: false; problem: Problem } {
  const { length } = diagnostics
  const count = length === 1 ? 'one mistake' : `${length} mistakes`
  return refuse('DOCUMENT_INVALID', { environment: 'the document', count }, diagnostics)
}

function childOf(node: YamlNode, part: PathPart): YamlNode | undefined {
  if (typeof part === 'number') return node.kind === 'array' ? node.children[part] : undefined
  return node.get(part)
}

/** What has to be written where, so that the content stands at the target. */
function editsFor(target: Target, content: Content): Result<TextEdit[]> {
  const { text, root, parts } = target
  if (!root || root.kind === 'null')
    return (
      gap(target, 0) ?? ok([appendLines(text, blockLines(nested(parts, content) as ReadonlyMap<string, Content>, 0, lineBreakOf(text)))])
    )
  let node = root
  for (const [i, part] of parts.entries()) {
    if (node.kind === 'null') return gap(target, i) ?? ok(replacement(text, node, nested(parts.slice(i), content)))
    const child = childOf(node, part)
    if (!child) return insert(target, node, i, content)
    node = child
  }
  return ok(replacement(text, node, content))
}

/** The content wrapped in what is missing above it. */
function nested(parts: readonly PathPart[], content: Content): Content {
  return parts.reduceRight<Content>((inner, part) => (typeof part === 'number' ? [inner] : new Map([[part, inner]])), content)
}

/** A list that is made on the way has one element, its first; any other place in it would be one that was not asked for. */
function gap({ parts, given }: Target, from: number): { ok: false; problem: Problem } | undefined {
  const at = parts.findIndex((part, i) => i >= from && typeof part === 'number' && part > 0)
  if (at < 0) return undefined
  return refuse('PATH_INVALID', { path: given, reason: `${joinPath(parts.slice(0, at))} is no list yet, and its first place is [0]` })
}

function refuseKind(target: Target, node: YamlNode, at: number): { ok: false; problem: Problem } {
  const part = target.parts[at] as PathPart
  const where = joinPath(target.parts.slice(0, at))
  const wanted = typeof part === 'number' ? 'a list with an element' : 'an object with a key'
  return refuse('PATH_INVALID', {
    path: target.given,
    reason: `${where === '' ? 'the document' : where} is ${describe(node)}, not ${wanted} ${part}`,
  })
}

function describe(node: YamlNode): string {
  if (node.kind === 'array') return `a list of ${node.size}`
  return node.kind === 'object' ? 'an object' : `a ${node.kind}`
}

// --- inserting ------------------------------------------------------------------------------------------------------

function insert(target: Target, node: YamlNode, at: number, content: Content): Result<TextEdit[]> {
  const part = target.parts[at] as PathPart
  const fits = typeof part === 'number' ? node.kind === 'array' && part === node.size : node.kind === 'object'
  if (!fits) return refuseKind(target, node, at)
  const missing = gap(target, at + 1)
  if (missing) return missing
  const inner = nested(target.parts.slice(at + 1), content)
  const { text } = target
  if (node.flow) return ok([insertFlow(text, node, part, inner)])
  const column = node.column - 1
  const single: Content = typeof part === 'number' ? [inner] : new Map([[part, inner]])
  return ok([insertBlock(text, node, column, blockLines(single, column, lineBreakOf(text)))])
}

function insertFlow(text: string, node: YamlNode, part: PathPart, content: Content): TextEdit {
  const entry = writeFlow(typeof part === 'number' ? content : new Map([[part, content]]))
  const written = typeof part === 'number' ? entry : entry.slice(1, -1)
  const last = node.children[node.children.length - 1]
  if (!last) return { start: node.contentStart + 1, end: node.contentStart + 1, text: written }
  const at = contentEnd(text, last)
  const comma = /^\s*,/.exec(text.slice(at, node.end))
  if (comma) return { start: at + comma[0].length, end: at + comma[0].length, text: ` ${written}` }
  return { start: at, end: at, text: `, ${written}` }
}

/** Adds lines behind the last one of a block collection. */
function insertBlock(text: string, node: YamlNode, column: number, lines: readonly string[]): TextEdit {
  const lineBreak = lineBreakOf(text)
  const pad = ' '.repeat(column)
  const written = lines.map((line) => pad + line).join(lineBreak)
  const { end } = lastWithin(node)
  if (end > 0 && isLineBreak(text[end - 1])) return { start: end, end, text: `${written}${lineBreak}` }
  const stop = lineEnd(text, end)
  return { start: stop, end: stop, text: `${lineBreak}${written}` }
}

function appendLines(text: string, lines: readonly string[]): TextEdit {
  const lineBreak = lineBreakOf(text)
  const separator = text === '' || text.endsWith('\n') ? '' : lineBreak
  return { start: text.length, end: text.length, text: `${separator}${lines.join(lineBreak)}${lineBreak}` }
}

// --- replacing ------------------------------------------------------------------------------------------------------

function replacement(text: string, node: YamlNode, content: Content): TextEdit[] {
  if (node.start === node.end) return [fillEmpty(text, node, content)]
  const isBlockCollection = (node.kind === 'array' || node.kind === 'object') && !node.flow
  return isBlockCollection ? [replaceBehindKey(text, node, content)] : replaceInline(text, node, writeFlow(content))
}

/** A value that is nowhere in the text: it goes behind its colon or dash, or brings the colon along. */
function fillEmpty(text: string, node: YamlNode, content: Content): TextEdit {
  const { parent } = node
  if (parent?.kind !== 'object') return valueAfter(text, node, node.start, node.start, content)
  const key = parent.children[parent.children.indexOf(node) - 1] as YamlNode
  const from = contentEnd(text, key)
  const colon = /^(?:[ \t\r\n]|#[^\n]*\n)*:/.exec(text.slice(from, node.start))
  if (colon) return valueAfter(text, node, from + colon[0].length, from + colon[0].length, content)
  if (inFlow(node)) return { start: from, end: from, text: `: ${writeFlow(content)}` }
  const at = lineEnd(text, from)
  return { start: at, end: at, text: `${lineBreakOf(text)}${' '.repeat(parent.column - 1)}: ${writeFlow(content)}` }
}

/** Puts content in the place of a collection in lines of its own: behind the colon or dash, or behind a comment that is there. */
function replaceBehindKey(text: string, node: YamlNode, content: Content): TextEdit {
  const end = contentEnd(text, node)
  const indicator = node.parent && indicatorBefore(text, node.parent, node)
  if (indicator === undefined || /[^\s]/.test(text.slice(indicator + 1, node.start)))
    return { start: node.start, end, text: writeFlow(content) }
  return valueAfter(text, node, indicator + 1, end, content)
}

/** Where the colon or dash before a value stands; undefined where there is none. */
function indicatorBefore(text: string, parent: YamlNode, node: YamlNode): number | undefined {
  const index = parent.children.indexOf(node)
  const behindKey = parent.kind === 'object' && index % 2 === 1
  const at = behindKey
    ? skipToContent(text, contentEnd(text, parent.children[index - 1] as YamlNode), node.start)
    : partStart(text, parent, index)
  return text[at] === (behindKey ? ':' : '-') ? at : undefined
}

/** A value behind a colon or dash, in lines of its own where nothing else follows on the line. */
function valueAfter(text: string, node: YamlNode, start: number, end: number, content: Content): TextEdit {
  const inline = !node.parent || inFlow(node) || !restIsBlank(text, end)
  return { start, end, text: inline ? ` ${writeFlow(content)}` : writeBlockValue(content, columnOfKey(node), lineBreakOf(text)) }
}

/** Where the key or dash before a value stands. */
function columnOfKey(node: YamlNode): number {
  const parent = node.parent as YamlNode
  const at = parent.children.indexOf(node)
  return parent.kind === 'array' ? parent.column - 1 : (parent.children[at - 1] as YamlNode).column - 1
}

// --- removing -------------------------------------------------------------------------------------------------------

function removal(text: string, node: YamlNode): TextEdit[] {
  const parent = node.parent as YamlNode
  const step = parent.kind === 'object' ? 2 : 1
  const last = parent.children.indexOf(node)
  const first = last - step + 1
  if (parent.children.length === step) return replacement(text, parent, parent.kind === 'object' ? {} : [])
  if (parent.flow) return [removeFlow(text, parent, first, last)]
  const next = last + 1 < parent.children.length
  const from = partStart(text, parent, first)
  // The first entry may share its line with a dash: then the next one takes its place.
  const shares = /\S/.test(text.slice(lineStart(text, from), from))
  if (shares && next) return [{ start: from, end: partStart(text, parent, last + 1), text: '' }]
  return [{ start: lineStart(text, from), end: removalEnd(text, node), text: '' }]
}

/** Where an element or entry of a block collection begins: its dash, its `?`, or its key. */
function partStart(text: string, parent: YamlNode, index: number): number {
  const previous = parent.children[index - 1]
  return skipToContent(text, previous ? contentEnd(text, previous) : parent.contentStart, (parent.children[index] as YamlNode).start)
}

function removalEnd(text: string, node: YamlNode): number {
  const last = lastWithin(node)
  return last.end > last.start && isLineBreak(text[last.end - 1]) ? last.end : nextLine(text, last.end)
}

function removeFlow(text: string, parent: YamlNode, first: number, last: number): TextEdit {
  const start = (parent.children[first] as YamlNode).start
  const next = parent.children[last + 1]
  if (next) return { start, end: next.start, text: '' }
  const previous = parent.children[first - 1] as YamlNode
  // A colon directly before a bracket would belong to the key.
  const gap = previous.start === previous.end ? ' ' : ''
  return { start: contentEnd(text, previous), end: contentEnd(text, parent.children[last] as YamlNode), text: gap }
}
