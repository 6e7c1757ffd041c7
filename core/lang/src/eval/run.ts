import { type Diagnostic, hasErrors } from '@headgate/model'
import { type Failure, type Host, type Importer, type LoadedImport, type Options, isFailure } from '../host.ts'
import { type Loaded, load } from '../syntax/document.ts'
import { type Effort, SUGGESTION_EFFORT } from '../text/edit-distance.ts'
import { quote } from '../text/quote.ts'
import { GROWTH_LIMIT, TOTAL_LIMIT } from '../limits.ts'
import { contextValues } from './context.ts'
import type { ExportedValue } from './exported-value.ts'
import { DONE, EVALUATING, NO_CIRCLE } from './expression-state.ts'
import type { EnvironmentRun } from './environment-run.ts'

/** What became of one rotator that was to be rotated. */
export type Rotation =
  | { readonly path: string; readonly status: 'succeeded'; readonly patch: Patch }
  | { readonly path: string; readonly status: 'failed'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly path: string; readonly status: 'not-evaluated' }

/** A value to be written back into the document at a path, for example `values.db["fn::rotate::aws"].state`. */
export interface Patch {
  readonly path: string
  readonly value: ExportedValue
}

export type Mode = 'check' | 'open' | 'rotate'

/** An outside call: under way, or come to an answer. */
export interface OutsideCall<T> {
  /** Absent while it is under way. */
  answer?: { readonly value: T }
}

const PERMITTED: OutsideCall<Failure | undefined> = { answer: { value: undefined } }

/** Something that is evaluated once, and may be met again while it is. */
interface Guarded {
  state: number
  depth: number
  /** Depth of the evaluation a finished result still depends on; `NO_CIRCLE` once it is final. */
  boundTo: number
  /** The round in which it last came to nothing: it is not tried again in the same one. */
  missingIn: number
  /**
   * Back to before it was evaluated.
   *
   * @param circular it, or something it may remember, came to a result inside a circle that has to be gone round again
   */
  reset(circular: boolean): void
}

/** The circle outside of an evaluation, and how much was provisional before it. */
interface Before {
  readonly circle: number
  readonly provisional: number
}

const CONCURRENCY = 64

/** Evaluations one answer is worth: a round that takes more waits for more answers. */
const STEPS_PER_ANSWER = 32

/**
 * One evaluation of an environment and everything it imports.
 *
 * Expressions are evaluated without waiting. What meets an outside call that has no answer yet comes to nothing for the
 * moment, everything else goes on, so that as many calls as possible are under way at once; when an answer arrives, what
 * came to nothing is evaluated again. The order inside one such round is that of the language, whatever order the
 * answers came in, so the outcome is always the same.
 */
export class Run {
  readonly mode: Mode
  readonly host: Host
  readonly options: Options
  /** Environments by their name as written, the root among them. */
  readonly table = new Map<string, EnvironmentRun>()
  readonly context: ReadonlyMap<string, ExportedValue>
  depth = 0
  /** Which round of evaluation this is, and how many evaluations it took so far. */
  round = 0
  steps = 0
  /** Values one value may be made of: grows with the documents that take part. */
  sizeLimit = GROWTH_LIMIT
  /** Values references and functions made so far, and how many they may: grows with the documents too. */
  made = 0
  totalLimit = TOTAL_LIMIT
  /** Said once, where they came to be too many. From then on nothing is made any more. */
  spent: Diagnostic | undefined
  /** What may still be spent on suggestions for misspelt names. */
  readonly suggestions: Effort = { left: SUGGESTION_EFFORT }
  /** Lowest depth of an evaluation that was met inside itself since the current one began. */
  circle = NO_CIRCLE
  /** Finished inside a circle that is not closed yet. */
  readonly provisional: Guarded[] = []
  /** Whether any value is final: only then overriding has to be looked at. */
  sawFinal = false
  readonly rotations = new Map<string, Rotation>()
  /** Document paths of the rotators to rotate, printed alike; undefined for all of them. */
  readonly selected: ReadonlySet<string> | undefined
  readonly #loads = new Map<string, OutsideCall<LoadedImport | Failure>>()
  readonly #authorised = new Map<string, OutsideCall<Failure | undefined>>()
  readonly #parsed = new Map<string, Loaded>()
  readonly #limit: number
  readonly #queue: (() => void)[] = []
  #underWay = 0
  /** Answers since the last round that only a round can go on from. */
  #urgent = 0
  #failure: { readonly reason: unknown } | undefined
  #wake: (() => void) | undefined

  constructor(mode: Mode, host: Host, options: Options, selected?: ReadonlySet<string>) {
    this.selected = selected
    this.mode = mode
    this.host = host
    this.options = options
    this.context = contextValues(host.context)
    this.#limit = Math.max(1, options.concurrency ?? CONCURRENCY)
  }

  /** Whether messages must not quote from secrets. */
  get discreet(): boolean {
    return this.options.messages !== 'verbatim'
  }

  /** Whether sealed secrets are opened. */
  get decrypts(): boolean {
    return this.mode !== 'check' || (this.options.showSecrets ?? false)
  }

  /**
   * Begins an outside call, or queues it while too many are under way.
   *
   * @param answered looks at the answer at once; true if it began what comes next itself, so that a round is not urgent
   */
  start<T>(call: () => Promise<T> | T, answered?: (answer: T) => boolean): OutsideCall<T> {
    const state: OutsideCall<T> = {}
    const begin = () => {
      this.#underWay++
      void this.#settle(state, call, answered)
    }
    if (this.#underWay < this.#limit) begin()
    else this.#queue.push(begin)
    return state
  }

  async #settle<T>(state: OutsideCall<T>, call: () => Promise<T> | T, answered: ((answer: T) => boolean) | undefined): Promise<void> {
    try {
      const value = await call()
      state.answer = { value }
      if (!answered?.(value)) this.#urgent++
    } catch (reason) {
      this.#failure ??= { reason }
    }
    this.#underWay--
    this.#queue.shift()?.()
    if (this.#failure || this.#isTime()) this.#wake?.()
  }

  /**
   * Whether another round is worth its price: always when nothing is under way any more; before that when a good part of
   * what was missing has come, measured by what a round costs and by what is still missing.
   */
  #isTime(): boolean {
    if (this.#underWay === 0) return true
    const missing = this.#underWay + this.#queue.length
    return this.#urgent > 0 && (this.#urgent * STEPS_PER_ANSWER >= this.steps || this.#urgent * 2 >= missing)
  }

  /**
   * Evaluates until nothing is missing any more.
   *
   * @param evaluate one round; undefined as long as outside calls are missing
   * @throws the signal's reason when it is aborted, and whatever an outside call threw
   */
  async drive<T>(evaluate: () => T | undefined): Promise<T> {
    const { signal } = this.options
    const abort = () => this.#wake?.()
    signal?.addEventListener('abort', abort)
    try {
      for (;;) {
        signal?.throwIfAborted()
        if (this.#failure) throw this.#failure.reason
        this.round++
        this.steps = 0
        this.#urgent = 0
        const result = evaluate()
        if (result !== undefined) return result
        await this.#nextAnswer()
      }
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  #nextAnswer(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    return promise
  }

  /** Begins to evaluate something that may be met again while it is being evaluated. */
  enter(subject: Guarded): Before {
    this.steps++
    const before = { circle: this.circle, provisional: this.provisional.length }
    this.circle = NO_CIRCLE
    subject.state = EVALUATING
    subject.depth = ++this.depth
    return before
  }

  /**
   * Ends what `enter` began, and keeps the outcome only as long as it cannot depend on where a circle was entered: what
   * finished inside a circle that is not finished itself is evaluated again.
   *
   * @param before what `enter` answered
   * @param result undefined where an outside call is missing
   */
  leave<T>(subject: Guarded, before: Before, result: T | undefined): T | undefined {
    this.depth--
    const { circle } = this
    this.circle = before.circle
    if (result === undefined) {
      subject.missingIn = this.round
      const undone = this.provisional.splice(before.provisional)
      for (const finished of undone) {
        finished.boundTo = NO_CIRCLE
        finished.reset(true)
      }
      subject.reset(undone.length > 0)
      return undefined
    }
    subject.state = DONE
    if (circle < subject.depth) {
      this.provisional.push(subject)
      subject.boundTo = circle
      this.circle = Math.min(before.circle, circle)
    } else if (this.provisional.length > before.provisional) {
      for (const finished of this.provisional.splice(before.provisional)) finished.boundTo = NO_CIRCLE
    }
    return result
  }

  /** To be told when a finished result is used: what uses one that may be evaluated again depends on the same circle. */
  use(finished: Guarded): void {
    if (finished.boundTo < this.circle) this.circle = finished.boundTo
  }

  /** Whether one environment may import another: asked once for each pair. */
  authorise(importer: Importer, name: string): OutsideCall<Failure | undefined> {
    const key = `${importer.name}\n${name}`
    const known = this.#authorised.get(key)
    if (known) return known
    const { imports } = this.host
    const ask = imports?.authorise?.bind(imports)
    const call = ask ? this.start(() => ask(importer, name, this.options.signal)) : PERMITTED
    this.#authorised.set(key, call)
    return call
  }

  /** An import's text, asked for once. What it imports itself is asked for as soon as it is there. */
  load(name: string, importer: Importer): OutsideCall<LoadedImport | Failure> {
    const known = this.#loads.get(name)
    if (known) return known
    const { imports } = this.host
    const call = imports
      ? this.start(
          () => imports.load(name, importer, this.options.signal),
          (answer) => !isFailure(answer) && this.#loadNext(name, answer),
        )
      : { answer: { value: { failure: `environment ${quote(name)} not found` } } }
    this.#loads.set(name, call)
    return call
  }

  /** Begins to load what a loaded environment imports, where nobody has to be asked first; true if there is any. */
  #loadNext(name: string, loaded: LoadedImport): boolean {
    if (this.host.imports?.authorise) return false
    const { document, diagnostics } = this.parse(name, loaded)
    if (!document || hasErrors(diagnostics)) return false
    let began = false
    for (const { name: next } of document.imports) {
      if (next === undefined || this.#loads.has(next) || this.table.has(next)) continue
      this.load(next, { name: loaded.resolvedName ?? name, isRoot: false })
      began = true
    }
    return began
  }

  /** The parsed form of an import that was loaded. */
  parse(name: string, { source, resolvedName = name }: LoadedImport): Loaded {
    const known = this.#parsed.get(name)
    if (known) return known
    const kept = this.options.trees?.get(resolvedName, source)
    const loaded = kept ?? load(resolvedName, source)
    if (!kept) this.options.trees?.set(resolvedName, source, loaded)
    this.#parsed.set(name, loaded)
    return loaded
  }

  /** Everything that was reported, in the order of display. */
  collect(): Diagnostic[] {
    const all = this.spent ? [this.spent] : []
    for (const environment of new Set(this.table.values())) for (const diagnostic of environment.diagnostics()) all.push(diagnostic)
    return sortForDisplay(all)
  }
}

/** By file, line and column; what has no place first, by its message. */
export function sortForDisplay(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics
    .map((diagnostic) => ({ diagnostic, file: diagnostic.range?.file, begin: diagnostic.range?.begin }))
    .toSorted((a, b) => {
      if (!a.begin || !b.begin) return a.begin ? 1 : b.begin ? -1 : compareText(a.diagnostic.message, b.diagnostic.message)
      return (
        compareText(a.file as string, b.file as string) ||
        a.begin.line - b.begin.line ||
        a.begin.column - b.begin.column ||
        compareText(a.diagnostic.message, b.diagnostic.message)
      )
    })
    .map(({ diagnostic }) => diagnostic)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
