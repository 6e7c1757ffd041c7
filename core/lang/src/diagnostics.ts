import type { Diagnostic, Range, Severity } from '@headgate/model'
import type { YamlNode } from './yaml/node.ts'

/** The language's codes; each is an entry of the error catalogue. The message is the language's own text. */
export type LanguageCode =
  | 'LANG_SYNTAX'
  | 'LANG_YAML'
  | 'LANG_SHAPE'
  | 'LANG_DUPLICATE'
  | 'LANG_UNKNOWN_FIELD'
  | 'LANG_CALL'
  | 'LANG_REFERENCE_SYNTAX'
  | 'LANG_REFERENCE'
  | 'LANG_CYCLE'
  | 'LANG_IMPORT'
  | 'LANG_VALUE'
  | 'LANG_SCHEMA'
  | 'LANG_PROVIDER'
  | 'LANG_SECRET'
  | 'LANG_FINAL'
  | 'LANG_LIMIT'

/** A diagnostic at a node of a document, or at a place inside it. */
export function diagnosticAt(
  code: LanguageCode,
  message: string,
  node: YamlNode,
  severity: Severity = 'error',
  range: Range = node.range,
): Diagnostic {
  return { severity, code, message, range, path: shownPath(node) }
}

/** A diagnostic at no place. */
export function plainDiagnostic(code: LanguageCode, message: string, severity: Severity = 'error'): Diagnostic {
  return { severity, code, message, path: '' }
}

/** Longest path of a collection that diagnostics inside it tell: under one endless key there may be very many of them. */
const PATH_LENGTH = 2048

function shownPath(node: YamlNode): string {
  const above = node.parent?.path ?? ''
  return above.length > PATH_LENGTH ? `${above.slice(0, PATH_LENGTH)}…` : node.path
}
