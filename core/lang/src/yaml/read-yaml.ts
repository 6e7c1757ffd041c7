import type { Diagnostic } from '@headgate/model'
import { diagnosticAt, plainDiagnostic } from '../diagnostics.ts'
import { Composer, DepthExceeded } from './composer.ts'
import { decodeSource } from './decode-source.ts'
import type { YamlNode } from './node.ts'
import { SourceText } from './source-text.ts'
import { YamlFault } from './token.ts'

export interface ReadYaml {
  /** The first document of the text; absent for a text that is empty or only comments, and for one that cannot be read. */
  readonly root?: YamlNode
  readonly source: SourceText
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads the first YAML document of a text.
 *
 * The YAML is the language's: version 1.1 as its reference parses it, with string keys only, without aliases, and with
 * numbers kept as decimal text. A text that is no YAML gives one diagnostic without a place; keys that are no strings,
 * aliases and values that do not fit their tag are found all at once, each with its place.
 */
export function readYaml(name: string, text: string | Uint8Array): ReadYaml {
  const decoded = decodeSource(text)
  const source = new SourceText(name, decoded.text)
  let composer: Composer | undefined
  try {
    composer = new Composer(source, decoded)
    const root = composer.compose()
    return root ? { root, source, diagnostics: composer.diagnostics } : { source, diagnostics: composer.diagnostics }
  } catch (error) {
    if (error instanceof YamlFault) {
      const where = error.line === undefined ? '' : `line ${error.line}: `
      return { source, diagnostics: [plainDiagnostic('LANG_SYNTAX', `yaml: ${where}${error.message}`)] }
    }
    if (error instanceof DepthExceeded) return { source, diagnostics: [diagnosticAt('LANG_LIMIT', error.message, error.node)] }
    throw error
  }
}
