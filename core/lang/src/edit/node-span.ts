import type { YamlNode } from '../yaml/node.ts'
import { type TextEdit, isLineBreak, lineEnd, lineStart } from './text-edits.ts'

/** Whether a node stands inside brackets or braces. */
export function inFlow(node: YamlNode): boolean {
  for (let at = node.parent; at; at = at.parent) if (at.flow) return true
  return false
}

/** Where what a node says ends in the text, line breaks behind it not counted. */
export function contentEnd(text: string, node: YamlNode): number {
  let { end } = lastWithin(node)
  while (end > node.start && (text[end - 1] === ' ' || isLineBreak(text[end - 1]))) end--
  return end
}

/** The last scalar or bracket of a node. A collection in lines of its own ends, as scanned, where the next token begins. */
export function lastWithin(node: YamlNode): YamlNode {
  let last = node
  while (last.children.length > 0 && !last.flow) last = last.children[last.children.length - 1] as YamlNode
  return last
}

/** The first place from an offset on, and no later than `stop`, that is neither blank nor in a comment. */
export function skipToContent(text: string, from: number, stop: number): number {
  let at = from
  for (; at < stop; at++) {
    if (text[at] === '#') at = lineEnd(text, at)
    else if (text[at] !== ' ' && text[at] !== '\t' && !isLineBreak(text[at])) return at
  }
  return stop
}

/**
 * The edits that put something on one line in the place of a node. A comment behind the header of a block scalar stays
 * where it is.
 */
export function replaceInline(text: string, node: YamlNode, replacement: string): TextEdit[] {
  const written = `${indentation(text, node)}${replacement}`
  if (node.style !== 'literal' && node.style !== 'folded') return [{ start: node.start, end: contentEnd(text, node), text: written }]
  const header = /^[|>][-+0-9]*/.exec(text.slice(node.contentStart))?.[0] ?? ''
  const headerEnd = node.contentStart + header.length
  const firstLineEnd = lineEnd(text, headerEnd)
  return [
    { start: node.start, end: headerEnd, text: written },
    { start: firstLineEnd, end: Math.max(firstLineEnd, contentEnd(text, node)), text: '' },
  ]
}

/** Block scalars may begin no further right than the key they belong to; whatever else takes their place may not. */
function indentation(text: string, node: YamlNode): string {
  const { parent } = node
  if (!parent || parent.flow || node.column > parent.column || /\S/.test(text.slice(lineStart(text, node.start), node.start))) return ''
  return ' '.repeat(parent.column - node.column + 2)
}
