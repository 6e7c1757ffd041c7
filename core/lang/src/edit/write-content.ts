import { Secret } from '@headgate/model'
import { NumberText } from '../text/number-text.ts'
import { inlineScalar } from '../text/yaml-scalar.ts'
import { escapeDollars } from './dollar-escapes.ts'

/**
 * What can be written into a document: plain data, whose strings stand as document text (so `${…}` in them is a
 * reference), and secrets, which are written as `fn::secret` and mean exactly themselves.
 */
export type Content =
  | null
  | boolean
  | number
  | NumberText
  | string
  | Secret
  | readonly Content[]
  | ReadonlyMap<string, Content>
  | { readonly [key: string]: Content }

/** Content on one line, in a form that means the same in block and in flow context. */
export function writeFlow(content: Content): string {
  if (content instanceof Secret) return `{fn::secret: ${inlineScalar(escapeDollars(content.reveal()), 'flow')}}`
  if (isScalar(content)) return writeScalar(content, 'flow')
  if (Array.isArray(content)) return `[${content.map((element: Content) => writeFlow(element)).join(', ')}]`
  return `{${entriesOf(content as ReadonlyMap<string, Content>)
    .map(([key, entry]) => `${inlineScalar(key, 'flow')}: ${writeFlow(entry)}`)
    .join(', ')}}`
}

/**
 * Content as the value of an entry or element in block context: what follows `key:` or `-`, with a leading blank or line
 * break.
 *
 * @param column where the key or dash stands
 */
export function writeBlockValue(content: Content, column: number, lineBreak: string): string {
  if (content instanceof Secret) return writeBlockValue({ 'fn::secret': escapeDollars(content.reveal()) }, column, lineBreak)
  if (isScalar(content)) return ` ${writeScalar(content, 'block')}`
  const lines = blockLines(content, column + 2, lineBreak)
  if (lines.length === 0) return ` ${writeFlow(content)}`
  const pad = `${lineBreak}${' '.repeat(column + 2)}`
  return `${pad}${lines.join(pad)}`
}

/** The entries or elements of a collection in block style; none for an empty one. */
export function blockLines(content: Content, column: number, lineBreak: string): string[] {
  if (Array.isArray(content)) return content.map((element: Content) => `-${writeBlockElement(element, column, lineBreak)}`)
  return entriesOf(content as ReadonlyMap<string, Content>).map(
    ([key, entry]) => `${inlineScalar(key, 'key')}:${writeBlockValue(entry, column, lineBreak)}`,
  )
}

/** A collection in a list begins on the line of its dash. */
function writeBlockElement(content: Content, column: number, lineBreak: string): string {
  if (content instanceof Secret || isScalar(content))
    return content instanceof Secret ? ` ${writeFlow(content)}` : ` ${writeScalar(content, 'block')}`
  const lines = blockLines(content, column + 2, lineBreak)
  return lines.length === 0 ? ` ${writeFlow(content)}` : ` ${lines.join(`${lineBreak}${' '.repeat(column + 2)}`)}`
}

type Scalar = null | boolean | number | NumberText | string

function isScalar(content: Content): content is Scalar {
  return content === null || typeof content !== 'object' || content instanceof NumberText
}

function writeScalar(scalar: Scalar, context: 'block' | 'flow'): string {
  return typeof scalar === 'string' ? inlineScalar(scalar, context) : scalar instanceof NumberText ? scalar.text : String(scalar)
}

function entriesOf(content: Exclude<Content, Scalar | Secret | readonly Content[]>): (readonly [string, Content])[] {
  return content instanceof Map ? [...(content as ReadonlyMap<string, Content>)] : Object.entries(content)
}
