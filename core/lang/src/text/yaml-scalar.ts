import { isBlank, isBlankOrEnd, isBreak } from '../yaml/characters.ts'
import { resolvePlain } from '../yaml/resolve-scalar.ts'

/** How a text can be written as a YAML scalar so that it reads back as the same string. */
export interface ScalarForms {
  /** As it is, in block context or in flow context. */
  readonly plain: boolean
  readonly flowPlain: boolean
  readonly single: boolean
  readonly literal: boolean
  readonly multiline: boolean
}

const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
/** Words that YAML 1.1 readers take for booleans. */
const OLD_BOOLEANS = new Set('y Y yes Yes YES on On ON n N no No NO off Off OFF'.split(' '))

/** Whether a plain scalar of this text would be read as a string, by this language and by readers of YAML 1.1. */
export function readsAsString(text: string): boolean {
  return resolvePlain(text).kind === 'string' && !isTimestampLike(text) && !BASE_60.test(text) && !OLD_BOOLEANS.has(text)
}

/** Dates are strings here, but something else to most readers. */
function isTimestampLike(text: string): boolean {
  return /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?$/.test(text)
}

const ALWAYS_INDICATORS = new Set(Array.from('#,[]{}&*!|>\'"%@`', (character) => character.charCodeAt(0)))
const FLOW_INDICATORS = new Set(Array.from(',?[]{}', (character) => character.charCodeAt(0)))

/** The forms that keep a text as it is, apart from what it would be taken for. */
export function scalarForms(text: string): ScalarForms {
  if (text === '') return { plain: true, flowPlain: false, single: true, literal: false, multiline: false }
  const indicators = findIndicators(text)
  const spaces = findSpaces(text)
  const special = hasSpecial(text)
  const odd = spaces.beforeBreak || special || text.includes('\t')
  const plain = !spaces.outer && !spaces.behindBreak && !odd && !spaces.multiline
  return {
    plain: plain && !indicators.block,
    flowPlain: plain && !indicators.flow,
    single: !spaces.behindBreak && !odd,
    literal: !spaces.trailing && !spaces.beforeBreak && !special,
    multiline: spaces.multiline,
  }
}

function findIndicators(text: string): { block: boolean; flow: boolean } {
  const first = text.charCodeAt(0)
  const second = text.length > 1 ? text.charCodeAt(1) : 0
  const blankFollows = second === 0 || isBlank(second)
  let block = ALWAYS_INDICATORS.has(first) || text.startsWith('---') || text.startsWith('...')
  let flow = block || first === 63 || first === 58
  if ((first === 63 || first === 58 || first === 45) && blankFollows) block = flow = true
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const next = i + 1 < text.length ? text.charCodeAt(i + 1) : 0
    if (FLOW_INDICATORS.has(code) || code === 58) flow = true
    if (code === 58 && (next === 0 || isBlank(next))) block = true
    if (code === 35 && isBlankOrEnd(text.charCodeAt(i - 1))) block = flow = true
  }
  return { block, flow }
}

interface Spaces {
  /** A space or break at the beginning or end. */
  outer: boolean
  trailing: boolean
  beforeBreak: boolean
  behindBreak: boolean
  multiline: boolean
}

function findSpaces(text: string): Spaces {
  const last = text.charCodeAt(text.length - 1)
  const first = text.charCodeAt(0)
  const spaces = {
    outer: first === 32 || isBreak(first) || last === 32 || isBreak(last),
    trailing: last === 32,
    beforeBreak: false,
    behindBreak: false,
    multiline: false,
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (!isBreak(code)) continue
    spaces.multiline = true
    if (i > 0 && text.charCodeAt(i - 1) === 32) spaces.beforeBreak = true
    if (text.charCodeAt(i + 1) === 32) spaces.behindBreak = true
  }
  return spaces
}

/** Characters that only escapes can write; everything outside the basic plane is written so too. */
function hasSpecial(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== 9 && !isPrintable(text.charCodeAt(i))) return true
  return false
}

function isPrintable(code: number): boolean {
  return (
    code === 10 || (code >= 32 && code <= 126) || (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)
  )
}

const ESCAPES = new Map<number, string>([
  [0, '0'],
  [7, 'a'],
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [11, 'v'],
  [12, 'f'],
  [13, 'r'],
  [27, 'e'],
  [34, '"'],
  [92, '\\'],
  [0x85, 'N'],
  [0xa0, '_'],
  [0x2028, 'L'],
  [0x2029, 'P'],
])

/** A text in double quotes: what is not printable is escaped. */
export function doubleQuoted(text: string): string {
  let quoted = '"'
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (code !== 34 && code !== 92 && code <= 0xffff && isPrintable(code) && !isBreak(code)) quoted += character
    else quoted += `\\${ESCAPES.get(code) ?? numberedEscape(code)}`
  }
  return `${quoted}"`
}

function numberedEscape(code: number): string {
  const [letter, length] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8]
  return `${letter}${code.toString(16).toUpperCase().padStart(length, '0')}`
}

export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * A text as a literal block, or undefined where that cannot hold it.
 *
 * @param indent columns its lines are moved by
 * @param parent columns its parent stands at, which an indentation indicator counts from
 */
export function literalBlock(text: string, indent: number, parent: number, lineBreak = '\n'): string | undefined {
  if (!scalarForms(text).literal || /[\r\u0085\u2028\u2029]/.test(text)) return undefined
  const hint = /^[ \n]/.test(text) ? String(indent - parent) : ''
  if (hint !== '' && (indent - parent < 1 || indent - parent > 9)) return undefined
  const chomp = text.endsWith('\n\n') || text === '\n' ? '+' : text.endsWith('\n') ? '' : '-'
  const body = text.endsWith('\n') ? text.slice(0, -1) : text
  const lines = body.split('\n').map((line) => (line === '' ? '' : ' '.repeat(indent) + line))
  return `|${hint}${chomp}${lineBreak}${lines.join(lineBreak)}`
}

/** A text on one line: plain where that says the same, else in quotes. */
export function inlineScalar(text: string, context: 'block' | 'flow' | 'key' = 'block'): string {
  if (!readsAsString(text)) return doubleQuoted(text)
  const forms = scalarForms(text)
  const plain = context === 'flow' ? forms.flowPlain : forms.plain
  if (plain && !(text === '' && context !== 'block')) return text
  return forms.single && !forms.multiline ? singleQuoted(text) : doubleQuoted(text)
}
