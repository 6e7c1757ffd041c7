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

/** A diagnostic at a node of a document. */
export function diagnosticAt(code: LanguageCode, message: string, node: YamlNode, severity: Severity = 'error'): Diagnostic {
  return { severity, code, message, range: node.range, path: node.path }
}

/** A diagnostic at a place, or at none. */
export function plainDiagnostic(code: LanguageCode, message: string, range?: Range, path = '', severity: Severity = 'error'): Diagnostic {
  return range ? { severity, code, message, range, path } : { severity, code, message, path }
}
