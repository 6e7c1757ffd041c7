import { type Diagnostic, hasErrors } from '@headgate/model'
import { type LanguageCode, diagnosticAt } from '../diagnostics.ts'
import { type Crypter, type LoadedImport, type Withheld, isFailure } from '../host.ts'
import { ALWAYS } from '../schema/schema.ts'
import { quote } from '../text/quote.ts'
import { IMPORT_LIMIT, NESTING_LIMIT, TOTAL_PER_CHARACTER } from '../limits.ts'
import type { Document } from '../syntax/document.ts'
import type { YamlNode } from '../yaml/node.ts'
import { contextValue } from './context.ts'
import { declare } from './declare.ts'
import { evaluate } from './evaluate.ts'
import { DECLARED, DONE, EVALUATING, Expr, NO_CIRCLE, outside } from './expression-state.ts'
import { type OutsideCall, type Run } from './run.ts'
import { mergeValues, overridesFinal } from './merge-values.ts'
import { Value } from './value.ts'
import { withhold } from './withhold.ts'

const RESERVED_KEYS = new Set(['imports', 'context', 'environments'])

/** How an import came out; undefined while something it needs is missing. */
export type ImportOutcome = { readonly value: Value } | 'failed' | undefined

export type Report = (diagnostics: readonly Diagnostic[]) => void

/** One environment in a run: the one asked for, or one it imports. Evaluated once, however often it is imported. */
export class EnvironmentRun {
  readonly run: Run
  /** What it is really called: the file of its ranges, `currentEnvironment.name`, and the importer's name for its imports. */
  readonly name: string
  readonly rootName: string
  readonly document: Document
  readonly isRoot: boolean
  readonly crypter: Crypter | undefined
  /** What of its values is kept from whoever evaluates. */
  withheld: Withheld | undefined
  state = DECLARED
  depth = 0
  missingIn = 0
  boundTo = NO_CIRCLE
  value: Value | undefined
  /** All merged imports. */
  base: Value | undefined
  /** The imports by name, each as it is in itself. */
  imports: Value | undefined
  root: Expr | undefined
  /** Answers of providers, rotators and crypters by their call; they outlive a second evaluation. */
  readonly calls = new Map<YamlNode, Map<string, OutsideCall<unknown>>>()
  /** Expressions that have something to say. */
  readonly reporting = new Set<Expr>()
  readonly #loadDiagnostics: readonly Diagnostic[]
  #declareDiagnostics: Diagnostic[] = []
  readonly #importDiagnostics = new Map<YamlNode, readonly Diagnostic[]>()
  #context: Value | undefined

  constructor(
    run: Run,
    name: string,
    importerRoot: string,
    loaded: { document: Document; diagnostics: readonly Diagnostic[] },
    crypter?: Crypter,
  ) {
    this.run = run
    this.name = name
    this.isRoot = run.table.size === 0
    // Below an environment without a name, each of its imports is a root of its own.
    this.rootName = importerRoot === '' || importerRoot === ANONYMOUS ? name : importerRoot
    this.document = loaded.document
    this.crypter = crypter
    this.#loadDiagnostics = loaded.diagnostics
    run.sizeLimit += loaded.document.source.text.length
    run.totalLimit += TOTAL_PER_CHARACTER * loaded.document.source.text.length
  }

  get rotating(): boolean {
    return this.isRoot && this.run.mode === 'rotate'
  }

  /** Whether the rotator at a document path is to be rotated. */
  rotates(path: string): boolean {
    return this.rotating && (this.run.selected?.has(path) ?? true)
  }

  get validating(): boolean {
    return this.run.mode === 'check'
  }

  diagnostics(): Diagnostic[] {
    const all = [...this.#loadDiagnostics, ...this.#declareDiagnostics, ...[...this.#importDiagnostics.values()].flat()]
    for (const { diagnostics = [] } of this.reporting) for (const diagnostic of diagnostics) all.push(diagnostic)
    return all
  }

  get context(): Value {
    this.#context ??= contextValue(this)
    return this.#context
  }

  /** Keeps what is known already when only something outside is missing; forgets everything when a circle has to be gone round again. */
  reset(circular = true): void {
    this.state = DECLARED
    if (!circular) return
    this.value = undefined
    this.base = undefined
    this.imports = undefined
    this.root = undefined
    this.#declareDiagnostics = []
    this.#importDiagnostics.clear()
    this.reporting.clear()
  }

  /** The environment's value; undefined while something is missing. */
  evaluate(): Value | undefined {
    if (this.state === DONE) {
      this.run.use(this)
      return this.value
    }
    if (this.missingIn === this.run.round) return undefined
    const before = this.run.enter(this)
    this.value = this.run.leave(this, before, this.#evaluate())
    return this.value
  }

  #evaluate(): Value | undefined {
    if (!this.imports && !this.#evaluateImports()) return undefined
    this.root ??= this.#declareRoot()
    return evaluate(this, this.root, ALWAYS)
  }

  // --- imports ----------------------------------------------------------------------------------------------------

  /** Evaluates all imports; false while one is missing. All of them are begun. */
  #evaluateImports(): boolean {
    const outcomes = this.document.imports.map(({ name, node }, i) => {
      const report: Report = (found) => this.#importDiagnostics.set(node, found)
      if (i >= IMPORT_LIMIT) return this.#failed(node, `an environment imports at most ${IMPORT_LIMIT} others`, report, 'LANG_LIMIT')
      return name === undefined ? 'failed' : this.import(node, name, report)
    })
    if (outcomes.includes(undefined)) return false
    const values = new Map<string, Value>()
    let merged: Value | undefined
    for (const [i, declaration] of this.document.imports.entries()) {
      const outcome = outcomes[i]
      if (outcome === 'failed' || outcome === undefined) continue
      values.set(declaration.name as string, outcome.value)
      if (declaration.merge) merged = this.#merge(outcome.value, merged, declaration.node)
    }
    this.base = merged && this.withheld ? withhold(merged, '', this.withheld) : merged
    this.imports = new Value(outside(), values, undefined)
    return true
  }

  /** A later import over the earlier ones; what is final in them stays. */
  #merge(value: Value, earlier: Value | undefined, node: YamlNode): Value {
    if (this.run.sawFinal && overridesFinal(value, earlier)) {
      const warning = diagnosticAt('LANG_FINAL', 'cannot override final value', node, 'warning')
      this.#importDiagnostics.set(node, [...(this.#importDiagnostics.get(node) ?? []), warning])
    }
    return mergeValues(value, earlier)
  }

  /**
   * An imported environment's value.
   *
   * @param node the place that is blamed when it cannot be had
   * @param report takes what there is to say about the import at this place, each time it is asked for
   */
  import(node: YamlNode, name: string, report: Report): ImportOutcome {
    const importer = { name: this.name, isRoot: this.isRoot }
    const refused = this.run.authorise(importer, name)
    if (!refused.answer) return undefined
    if (refused.answer.value) return this.#failed(node, refused.answer.value.failure, report)
    let environment = this.run.table.get(name)
    if (!environment) {
      const call = this.run.load(name, importer)
      if (!call.answer) return undefined
      if (isFailure(call.answer.value)) return this.#failed(node, call.answer.value.failure, report)
      const loaded = this.run.parse(name, call.answer.value)
      if (!loaded.document || hasErrors(loaded.diagnostics)) {
        report(loaded.diagnostics)
        return 'failed'
      }
      environment = this.#enter(name, call.answer.value, { document: loaded.document, diagnostics: loaded.diagnostics })
    }
    return this.#evaluateImport(environment, name, node, report)
  }

  #enter(name: string, answer: LoadedImport, loaded: { document: Document; diagnostics: readonly Diagnostic[] }): EnvironmentRun {
    const environment = new EnvironmentRun(this.run, answer.resolvedName ?? name, this.rootName, loaded, answer.crypter)
    environment.withheld = answer.withheld
    this.run.table.set(name, environment)
    return environment
  }

  #evaluateImport(environment: EnvironmentRun, name: string, node: YamlNode, report: Report): ImportOutcome {
    if (environment.state === EVALUATING) {
      this.run.circle = Math.min(this.run.circle, environment.depth)
      report([diagnosticAt('LANG_CYCLE', `cyclic import of ${name}`, node)])
      return 'failed'
    }
    if (this.run.depth >= NESTING_LIMIT) {
      report([diagnosticAt('LANG_LIMIT', `imports and references are nested deeper than ${NESTING_LIMIT} levels`, node)])
      return 'failed'
    }
    const value = environment.evaluate()
    return value && { value }
  }

  #failed(node: YamlNode, message: string, report: Report, code: LanguageCode = 'LANG_IMPORT'): ImportOutcome {
    report([diagnosticAt(code, message, node)])
    return 'failed'
  }

  // --- values -----------------------------------------------------------------------------------------------------

  #declareRoot(): Expr {
    const root = new Expr('root', undefined, undefined, this.base)
    const properties = new Map<string, Expr>()
    for (const { key, keyNode, value } of this.document.values) {
      if (RESERVED_KEYS.has(key)) this.report(diagnosticAt('LANG_DUPLICATE', `${quote(key)} is a reserved key`, keyNode))
      else if (properties.has(key)) this.report(diagnosticAt('LANG_DUPLICATE', `duplicate key ${quote(key)}`, keyNode))
      else properties.set(key, declare(this, value, this.base?.property(key, keyNode), undefined, key))
    }
    root.inside = properties
    return root
  }

  /** For what is found while declaring; everything later belongs to an expression. */
  report(diagnostic: Diagnostic): void {
    this.#declareDiagnostics.push(diagnostic)
  }
}

/** What a document without a name is called. */
export const ANONYMOUS = '<yaml>'
