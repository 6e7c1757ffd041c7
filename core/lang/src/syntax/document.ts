import { type Diagnostic, hasErrors } from '@headgate/model'
import { diagnosticAt, plainDiagnostic } from '../diagnostics.ts'
import { quote } from '../text/quote.ts'
import { sortByDistance } from '../text/edit-distance.ts'
import type { YamlNode } from '../yaml/node.ts'
import { readYaml } from '../yaml/read-yaml.ts'
import type { SourceText } from '../yaml/source-text.ts'
import type { Expression } from './expression.ts'
import { evaluationOrder, parseExpression } from './parse-expression.ts'

/** One element of `imports`. */
export interface ImportDeclaration {
  /** The name as written; absent where the element names nothing. Evaluation skips such an element. */
  readonly name: string | undefined
  /** What names it: the element itself, or the key of `- name: {merge: false}`. */
  readonly node: YamlNode
  readonly merge: boolean
}

export interface ValueDeclaration {
  /** The key as written: the keys directly under `values` know neither `$$` nor references. */
  readonly key: string
  readonly keyNode: YamlNode
  readonly value: Expression
}

/** A parsed environment. It never changes, so one may be kept and evaluated any number of times. */
export interface Document {
  /** What the document is called: the file name in its ranges. */
  readonly name: string
  readonly source: SourceText
  readonly root: YamlNode | undefined
  readonly description: string | undefined
  readonly imports: readonly ImportDeclaration[]
  readonly values: readonly ValueDeclaration[]
  /** The keys of `values` in the order of evaluation, each once. */
  readonly order: readonly string[]
}

export interface Loaded {
  /** Absent where the text is no YAML the language can read. Present despite mistakes in what the YAML says. */
  readonly document?: Document
  readonly diagnostics: readonly Diagnostic[]
}

const FIELDS = ['description', 'imports', 'values'] as const
type Field = (typeof FIELDS)[number]

/**
 * Parses an environment.
 *
 * @param name what its ranges call it; for an environment `project/environment`
 * @param source text, or bytes as they are stored; line breaks and byte order marks are kept
 */
export function load(name: string, source: string | Uint8Array): Loaded {
  const read = readYaml(name, source)
  const diagnostics = [...read.diagnostics]
  if (hasErrors(diagnostics)) return { diagnostics }
  const draft: Draft = { description: undefined, imports: [], values: [] }
  if (read.root && read.root.kind === 'object') readFields(read.root, draft, diagnostics)
  // A text without a single byte is an environment without values; one that says nothing in more bytes is a mistake.
  else if (source.length > 0) diagnostics.push(notAnObject(read.root))
  return { document: { name, source: read.source, root: read.root, ...draft, order: evaluationOrder(draft.values) }, diagnostics }
}

interface Draft {
  description: string | undefined
  imports: ImportDeclaration[]
  values: ValueDeclaration[]
}

function notAnObject(root: YamlNode | undefined): Diagnostic {
  const message = 'environment must be an object'
  return root && root.kind !== 'null' ? diagnosticAt('LANG_SHAPE', message, root) : plainDiagnostic('LANG_SHAPE', message)
}

function readFields(root: YamlNode, draft: Draft, diagnostics: Diagnostic[]): void {
  const seen = new Set<string>()
  for (let i = 0; i < root.size; i++) {
    const keyNode = root.keyAt(i)
    const key = keyNode.text
    if (seen.has(key)) diagnostics.push(diagnosticAt('LANG_DUPLICATE', `duplicate key ${quote(key)}`, keyNode, 'warning'))
    seen.add(key)
    const folded = foldName(key)
    const field = FIELDS.find((name) => name === folded)
    if (field) readField(field, root.valueAt(i), draft, diagnostics)
    else diagnostics.push(unknownField(key, keyNode))
  }
}

/** Names of fields are compared by simple case folding: two letters outside ASCII fold into it. */
function foldName(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k')
}

function unknownField(key: string, node: YamlNode): Diagnostic {
  const fields = sortByDistance(
    key,
    FIELDS.map((field) => `'${field}'`),
  ).join(', ')
  const message = `Field '${key}' does not exist on Object 'environment'. Existing fields are: ${fields}`
  return diagnosticAt('LANG_UNKNOWN_FIELD', message, node, 'warning')
}

function readField(field: Field, node: YamlNode, draft: Draft, diagnostics: Diagnostic[]): void {
  switch (field) {
    case 'description': {
      const description = parseExpression(node, diagnostics)
      draft.description = description.kind === 'string' ? description.text : undefined
      if (description.kind !== 'string') diagnostics.push(diagnosticAt('LANG_SHAPE', 'description must be a string', node))
      break
    }
    case 'imports':
      draft.imports = []
      if (node.kind === 'array') draft.imports = node.children.map((element) => readImport(element, diagnostics))
      else diagnostics.push(diagnosticAt('LANG_SHAPE', 'imports must be a list', node))
      break
    case 'values':
      draft.values = []
      if (node.kind === 'object') draft.values = readValues(node, diagnostics)
      else diagnostics.push(diagnosticAt('LANG_SHAPE', 'values must be an object', node))
      break
  }
}

function readImport(node: YamlNode, diagnostics: Diagnostic[]): ImportDeclaration {
  if (node.kind === 'string') return { name: node.text, node, merge: true }
  if (node.kind !== 'object') {
    diagnostics.push(diagnosticAt('LANG_SHAPE', 'import must be a string or an object', node))
    return { name: undefined, node, merge: true }
  }
  if (node.size !== 1) {
    diagnostics.push(diagnosticAt('LANG_SHAPE', 'import must have a single key', node))
    return { name: undefined, node, merge: true }
  }
  return { name: node.keyAt(0).text, node: node.keyAt(0), merge: readMerge(node.valueAt(0), diagnostics) }
}

/** The options of an import; the only one is `merge`, others mean nothing and are let be. */
function readMerge(options: YamlNode, diagnostics: Diagnostic[]): boolean {
  if (options.kind !== 'object') {
    diagnostics.push(diagnosticAt('LANG_SHAPE', 'import must be an object', options))
    return true
  }
  let merge = true
  const seen = new Set<string>()
  for (let i = 0; i < options.size; i++) {
    const key = options.keyAt(i).text
    if (seen.has(key)) diagnostics.push(diagnosticAt('LANG_DUPLICATE', `duplicate key ${quote(key)}`, options.keyAt(i), 'warning'))
    seen.add(key)
    if (foldName(key) !== 'merge') continue
    const value = parseExpression(options.valueAt(i), diagnostics)
    if (value.kind !== 'boolean') diagnostics.push(diagnosticAt('LANG_SHAPE', 'merge must be a boolean value', options.valueAt(i)))
    // A value that is no boolean counts as false: the reference falls back to an empty boolean.
    merge = value.kind === 'boolean' && value.text === 'true'
  }
  return merge
}

function readValues(node: YamlNode, diagnostics: Diagnostic[]): ValueDeclaration[] {
  const values: ValueDeclaration[] = []
  for (let i = 0; i < node.size; i++) {
    const keyNode = node.keyAt(i)
    const key = keyNode.text
    if (key.startsWith('fn::')) {
      diagnostics.push(diagnosticAt('LANG_CALL', `builtin function call ${quote(key)} not allowed at the top level`, keyNode))
    }
    values.push({ key, keyNode, value: parseExpression(node.valueAt(i), diagnostics) })
  }
  return values
}
