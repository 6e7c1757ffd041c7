/** Everything a file refers to in other files, however it is written. */
import { Visitor } from 'oxc-parser'
import type { Source } from './source.ts'

export interface Import {
  readonly specifier: string
  /**
   * `types`: gone when the types are stripped. `static`: loaded with the file. `lazy`: loaded or named when the line runs
   * (`import()`, `require()`, `import.meta.resolve`, `new URL(…, import.meta.url)`).
   */
  readonly how: 'types' | 'static' | 'lazy'
  /** The names taken out of the module; `*` is all of it. Empty for an import for its effect alone. */
  readonly names: readonly string[]
  readonly line: number
}

/**
 * The imports of a file. `import { type A } from 'a'` counts as static: with its types stripped it still loads the
 * module. A specifier that is computed cannot be read and is not reported.
 */
export function readImports(source: Source): Import[] {
  const found: Import[] = []
  const add = (specifier: string | undefined, how: Import['how'], names: readonly string[], offset: number): void => {
    if (specifier !== undefined) found.push({ specifier, how, names, line: source.lineAt(offset) })
  }
  new Visitor({
    ImportDeclaration: (node) =>
      add(node.source.value, node.importKind === 'type' ? 'types' : 'static', node.specifiers.map(importedName), node.start),
    ExportNamedDeclaration: (node) =>
      add(
        node.source?.value,
        node.exportKind === 'type' ? 'types' : 'static',
        node.specifiers.map((s) => moduleName(s.local)),
        node.start,
      ),
    ExportAllDeclaration: (node) => add(node.source.value, node.exportKind === 'type' ? 'types' : 'static', ['*'], node.start),
    ImportExpression: (node) => add(literalText(node.source), 'lazy', ['*'], node.start),
    TSImportType: (node) => add(literalText(node.source), 'types', ['*'], node.start),
    CallExpression: (node) => {
      if (loaders.has(source.text.slice(node.callee.start, node.callee.end))) add(literalText(node.arguments[0]), 'lazy', ['*'], node.start)
    },
    NewExpression: (node) => {
      const [address, base] = node.arguments
      const isRelative = base !== undefined && source.text.slice(base.start, base.end) === 'import.meta.url'
      if (isRelative) add(literalText(address), 'lazy', ['*'], node.start)
    },
  }).visit(source.program)
  return found
}

/** Calls whose first argument names a module. */
const loaders = new Set(['require', 'require.resolve', 'import.meta.resolve', 'process.getBuiltinModule'])

interface ImportedNames {
  readonly type: string
  readonly imported?: ModuleName
}

type ModuleName = { readonly name: string } | { readonly value: unknown }

function importedName(specifier: ImportedNames): string {
  if (specifier.type === 'ImportNamespaceSpecifier') return '*'
  return specifier.imported === undefined ? 'default' : moduleName(specifier.imported)
}

function moduleName(node: ModuleName): string {
  return 'name' in node ? node.name : String(node.value)
}

/** The text of a string written out in the source, quoted any way; undefined for anything computed. */
function literalText(node: unknown): string | undefined {
  const literal = node as
    | { type?: string; value?: unknown; expressions?: unknown[]; quasis?: { value: { cooked?: string | null } }[] }
    | undefined
  if (literal?.type === 'Literal' && typeof literal.value === 'string') return literal.value
  if (literal?.type === 'TemplateLiteral' && literal.expressions?.length === 0) return literal.quasis?.[0]?.value.cooked ?? undefined
  return undefined
}
