/** Kinds of tokens the scanner makes. Numbers, because the parser compares them for every token of a document. */
export const STREAM_END = 0
export const VERSION_DIRECTIVE = 1
export const TAG_DIRECTIVE = 2
export const DOCUMENT_START = 3
export const DOCUMENT_END = 4
export const BLOCK_SEQUENCE_START = 5
export const BLOCK_MAPPING_START = 6
export const BLOCK_END = 7
export const FLOW_SEQUENCE_START = 8
export const FLOW_SEQUENCE_END = 9
export const FLOW_MAPPING_START = 10
export const FLOW_MAPPING_END = 11
export const BLOCK_ENTRY = 12
export const FLOW_ENTRY = 13
export const KEY = 14
export const VALUE = 15
export const ALIAS = 16
export const ANCHOR = 17
export const TAG = 18
export const SCALAR = 19
export const STREAM_START = 20

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

/** A place while scanning: `index` in UTF-16 units of the text; line and column count from 0, columns in code points. */
export interface Mark {
  readonly index: number
  readonly line: number
  readonly column: number
}

export interface Token {
  readonly kind: number
  readonly start: Mark
  readonly end: Mark
  /** Decoded text of a scalar, name of an anchor or alias, handle of a tag or tag directive, `major.minor` of a version. */
  readonly value: string
  /** Suffix of a tag, prefix of a tag directive. */
  readonly suffix: string
  readonly style: ScalarStyle
}

/** A text that is not YAML: thrown inside the reader only, and turned into one diagnostic at its door. */
export class YamlFault extends Error {
  /** Where the construct began that could not be read, if known; absent for a text that cannot even be decoded. */
  readonly line: number | undefined

  constructor(problem: string, line?: number) {
    super(problem)
    this.line = line
  }
}

/** The line a fault is reported at: its construct's, else its own; the first line counts as unknown. */
export function scannerFault(problem: string, context: Mark, at: Mark): YamlFault {
  const line = context.line !== 0 ? context.line : at.line
  return new YamlFault(problem, line === 0 ? undefined : line + 1)
}

export function parserFault(problem: string, context: Mark | undefined, at: Mark): YamlFault {
  const line = context && context.line !== 0 ? context.line : at.line
  return new YamlFault(problem, line === 0 ? undefined : line)
}
