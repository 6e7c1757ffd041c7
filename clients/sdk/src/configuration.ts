import type { Answer } from '@headgate/contract'
import { type Problem, fullName } from '@headgate/model'
import type { LRUCache } from 'lru-cache'
import { backOff } from './back-off.ts'
import { ChangeFeed, type ValuesWish } from './change-feed.ts'
import { type ChangeListener, ChangeListeners, type ReloadListener } from './change-listeners.ts'
import { sameValue } from './changes.ts'
import { ConfigurationError } from './errors.ts'
import type { FallbackWriter } from './fallback-writer.ts'
import { type PlaneSource, isRefusal } from './plane-source.ts'
import { type Lookup, Reader } from './reader.ts'
import type { NoticeCode } from './report.ts'
import { applySchema } from './schema.ts'
import type { Settings } from './settings.ts'
import type { JsonObject, Pinned, Snapshot, Source } from './snapshot.ts'
import type { Surroundings } from './surroundings.ts'

/** How asking the plane again ended. `failed`: the values at hand stay, and the report says why. */
export type RefreshOutcome = 'changed' | 'unchanged' | 'failed'

export interface ConfigurationStats {
  readonly source: Source
  readonly revision: number
  /** How long ago the values at hand were last known to be current, in milliseconds. */
  readonly ageMs: number
  /** Reads by path that were answered without looking into the document, and those that were not. */
  readonly hits: number
  readonly misses: number
  /** From 0 to 1; 0 before the first read. */
  readonly hitRatio: number
  readonly entries: number
  /** How often the values were replaced since `connect`. */
  readonly reloads: number
  /** Whether changes are heard of at once now, and how often the socket had to be opened again. */
  readonly watching: boolean
  readonly reconnects: number
}

/** What a configuration is made of; `connect` puts it together. */
export interface ConfigurationParts<T> {
  readonly settings: Settings<T>
  readonly surroundings: Surroundings
  readonly lookups: LRUCache<string, Lookup>
  readonly snapshot: Snapshot
  /** What the schema made of the snapshot. */
  readonly parsed: T
  /** Absent where there is nothing to ask: no plane is known, or the mode says not to. */
  readonly plane?: PlaneSource
  /** Absent where no copy is to be written. */
  readonly copy?: FallbackWriter
}

/** Shorter outages of the socket are not worth a word. */
const OUTAGE_WORTH_REPORTING_MS = 1_000

/** The configuration of a program, read from memory and kept current in the background. */
export class Configuration<T = JsonObject> extends Reader {
  readonly #parts: ConfigurationParts<T>
  readonly #listeners: ChangeListeners
  readonly #feed: ChangeFeed | undefined
  #parsed: T
  #checkedAt: number
  #reloads = 0
  #failures = 0
  #closed = false
  #watchLost = false
  #cancelNext = (): void => {}
  /** How many checks were asked for while one runs: one that began before it was asked for does not count. */
  #asked = 0
  /** The newest values the plane sent of its own accord, while others are being looked at. */
  #pushed: Snapshot | undefined
  #running: Promise<RefreshOutcome> | undefined

  constructor(parts: ConfigurationParts<T>) {
    super(parts.snapshot, parts.lookups)
    const { snapshot, settings, surroundings } = parts
    this.#parts = parts
    this.#listeners = new ChangeListeners(snapshot.environment, settings.report)
    this.#parsed = parts.parsed
    this.#checkedAt = snapshot.readAt
    if (snapshot.source === 'plane') parts.copy?.keep(snapshot)
    if (!parts.plane || this.#neverChanges) return
    if (settings.watch) this.#feed = this.#openFeed(parts.plane)
    this.#next(snapshot.source === 'plane' ? settings.ttlMs : backOff(++this.#failures, surroundings.random()))
  }

  /** The values as the schema made them; without a schema, the values themselves. */
  get value(): T {
    return this.#parsed
  }

  /**
   * Calls a function after the values were replaced (all of them), or after what is at one path became another value.
   * Calls come in the order of revisions, after every read already answers from the new values. A listener that
   * throws is reported and does not keep the others from being called. Revisions that came and went while the program
   * was away are one step: from the one it had to the newest.
   *
   * @returns a function that ends the calls
   */
  onChange(listener: ReloadListener): () => void
  onChange(path: string, listener: ChangeListener): () => void
  onChange(pathOrListener: string | ReloadListener, listener?: ChangeListener): () => void {
    const called = typeof pathOrListener === 'string' ? listener : pathOrListener
    if (typeof called !== 'function') throw new TypeError('onChange takes a listener, or a path and a listener')
    return typeof pathOrListener === 'string'
      ? this.#listeners.addForPath(pathOrListener, called as ChangeListener)
      : this.#listeners.addForAll(pathOrListener)
  }

  /** Asks the plane now. Calls at the same time share one request, or wait for one that begins after them. */
  refresh(): Promise<RefreshOutcome> {
    if (!this.#parts.plane || this.#closed) return Promise.resolve('failed')
    this.#asked += 1
    this.#running ??= this.#run(this.#parts.plane)
    return this.#running
  }

  stats(): ConfigurationStats {
    const { hits, misses, entries } = this.lookupCounts
    return {
      source: this.source,
      revision: this.revision,
      ageMs: Math.max(0, this.#parts.surroundings.clock.now() - this.#checkedAt),
      hits,
      misses,
      hitRatio: hits + misses === 0 ? 0 : hits / (hits + misses),
      entries,
      reloads: this.#reloads,
      watching: this.#feed?.connected ?? false,
      reconnects: this.#feed?.reconnects ?? 0,
    }
  }

  /** Stops following the plane. Afterwards no socket, timer or request is left; reads answer from the last values. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancelNext()
    this.#listeners.clear()
    await Promise.all([this.#feed?.close(), this.#running])
    await this.#parts.copy?.settled()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** What logs show of a configuration: where it is from, never what is in it. */
  toJSON(): { environment: string; source: Source; revision: number } {
    return { environment: this.environment, source: this.source, revision: this.revision }
  }

  /** And so does the console; the symbol is Node's, registered globally. */
  [Symbol.for('nodejs.util.inspect.custom')](_depth: number, options: object, inspect: (value: object, options: object) => string): string {
    return `Configuration ${inspect(this.toJSON(), options)}`
  }

  /** A numbered revision stays what it is, unless the plane moves the instance of a release to another configuration. */
  get #neverChanges(): boolean {
    return typeof this.#parts.settings.reference.version === 'number' && this.snapshot.configuration === undefined
  }

  /** The newest revision only ever rises. A tag may move back, and so may the configuration of a release. */
  get #onlyRises(): boolean {
    return this.#parts.settings.reference.version === undefined && this.snapshot.configuration === undefined
  }

  async #run(plane: PlaneSource): Promise<RefreshOutcome> {
    let outcome: RefreshOutcome = 'unchanged'
    try {
      for (let done = 0; (done < this.#asked || this.#pushed) && !this.#closed;) {
        const pushed = done < this.#asked ? undefined : this.#pushed
        // An answer to a question that is asked now is at least as new as what came before.
        done = this.#asked
        this.#pushed = undefined
        const latest = await (pushed ? this.#use(pushed) : this.#check(plane))
        if (outcome !== 'changed' || latest === 'failed') outcome = latest
      }
      return outcome
    } finally {
      this.#asked = 0
      this.#running = undefined
    }
  }

  /** One question to the plane, and what follows from its answer. */
  async #check(plane: PlaneSource): Promise<RefreshOutcome> {
    const answer = await plane.fetch()
    this.#feed?.noteAsked()
    if (this.#closed) return 'failed'
    if (!answer.ok)
      return isRefusal(answer.problem) ? this.#refused(answer.problem) : this.#failed('refresh-failed', answer.problem.message)
    if (this.#isBehind(answer.value)) {
      return this.#failed('revision-behind', `the plane answered with revision ${answer.value.revision}, which is older`)
    }
    return this.#use(answer.value)
  }

  #isBehind({ revision }: Snapshot): boolean {
    return this.#onlyRises && this.source === 'plane' && revision < this.revision
  }

  /**
   * Values came with a change. They are taken as they are, unless the plane is being asked, whose answer may be newer; or
   * there is something about them that only an answer can settle.
   */
  #onOpened(plane: PlaneSource, opened: Answer<'openEnvironment'>): void {
    if (this.#closed) return
    const read = plane.read(opened)
    if (this.#asked > 0 || !read.ok || this.#isBehind(read.value)) return void this.refresh()
    this.#pushed = read.value
    this.#running ??= this.#run(plane)
  }

  /** Puts values to use that are no older than those at hand. */
  async #use(snapshot: Snapshot): Promise<RefreshOutcome> {
    const parsed = await this.#validate(snapshot)
    if (!parsed || this.#closed) return 'failed'
    this.#failures = 0
    this.#next(this.#parts.settings.ttlMs)
    return this.#take(snapshot, parsed.value)
  }

  async #validate(snapshot: Snapshot): Promise<{ value: T } | undefined> {
    const { schema, ttlMs } = this.#parts.settings
    if (!schema) return { value: snapshot.values as T }
    try {
      return { value: await applySchema(schema, snapshot) }
    } catch (error) {
      this.#next(ttlMs)
      this.#warn('schema-refused', error instanceof ConfigurationError ? error.message : 'the schema itself failed')
      return undefined
    }
  }

  /** The plane said no. What is in memory cannot be unknown, but nothing survives the program. */
  #refused({ message }: Problem): RefreshOutcome {
    this.#next(this.#parts.settings.ttlMs)
    this.#warn('access-refused', message)
    this.#parts.copy?.destroy()
    return 'failed'
  }

  /** Said once for each outage, and tried again ever more slowly. */
  #failed(code: NoticeCode, message: string): RefreshOutcome {
    const { settings, surroundings } = this.#parts
    this.#failures += 1
    this.#next(Math.min(backOff(this.#failures, surroundings.random()), settings.ttlMs))
    if (this.#failures === 1) this.#warn(code, message)
    return 'failed'
  }

  /** Plans the next question, whatever was planned before. */
  #next(milliseconds: number): void {
    this.#cancelNext()
    if (!this.#closed) this.#cancelNext = this.#parts.surroundings.clock.after(milliseconds, () => void this.refresh())
  }

  #take(snapshot: Snapshot, parsed: T): RefreshOutcome {
    const before = this.snapshot
    this.#checkedAt = snapshot.readAt
    this.#parts.copy?.keep(snapshot)
    if (isSame(before, snapshot)) return 'unchanged'
    this.swap(snapshot)
    this.#parsed = parsed
    this.#reloads += 1
    if (before.source !== 'plane') this.#inform('plane-used', `the plane answers again, revision ${snapshot.revision} is in use`)
    this.#listeners.tell(before, snapshot)
    this.#feed?.confirmLoaded()
    return 'changed'
  }

  #openFeed(plane: PlaneSource): ChangeFeed | undefined {
    const { settings, surroundings } = this.#parts
    if (!settings.plane) return undefined
    const { clock, random } = surroundings
    const check = (): void => void this.refresh()
    return new ChangeFeed({
      ...settings.plane,
      clock,
      random,
      listener: {
        watched: () => this.#watched(),
        loaded: () => this.snapshot.configuration,
        connected: () => this.#onConnected(),
        changed: check,
        wish: () => this.#wish,
        opened: (answer) => this.#onOpened(plane, answer),
        refused: check,
        lost: (reason, nextInMs) => this.#onLost(reason, nextInMs),
      },
    })
  }

  get #wish(): ValuesWish {
    const { version } = this.#parts.settings.reference
    return { have: this.values, ...(version === undefined ? {} : { version: String(version) }) }
  }

  #watched(): Pinned {
    const { organisation = '', project, environment } = this.#parts.settings.reference
    return { organisation: this.snapshot.organisation ?? organisation, project, environment, revision: this.revision }
  }

  /**
   * The plane itself tells of a newer revision than the known one. Of what moved besides (an import, a tag) it tells
   * only while connected, so that is looked up.
   */
  #onConnected(): void {
    if (this.#watchLost) this.#inform('watch-restored', 'changes are heard of at once again')
    this.#watchLost = false
    const again = (this.#feed?.reconnects ?? 0) > 0
    if (again || !this.#onlyRises || this.source !== 'plane' || this.snapshot.closure.length > 1) void this.refresh()
  }

  #onLost(reason: string, nextInMs: number): void {
    if (this.#watchLost || nextInMs < OUTAGE_WORTH_REPORTING_MS) return
    this.#watchLost = true
    const every = Math.round(this.#parts.settings.ttlMs / 1000)
    this.#warn('watch-lost', `changes are not heard of at once now (${reason}), but after ${every} s at the latest`)
  }

  #warn(code: NoticeCode, message: string): void {
    const stays = `revision ${this.revision} stays in use`
    this.#parts.settings.report({ code, level: 'warning', message: `${this.environment}: ${message}; ${stays}` })
  }

  #inform(code: NoticeCode, message: string): void {
    this.#parts.settings.report({ code, level: 'info', message: `${this.environment}: ${message}` })
  }
}

/** Whether a program that has one has nothing to gain from the other. */
function isSame(before: Snapshot, after: Snapshot): boolean {
  const sameRevisions = before.closure.map(pinnedText).join() === after.closure.map(pinnedText).join()
  const sameOrigin = before.source === after.source && before.revision === after.revision && before.configuration === after.configuration
  return sameOrigin && sameRevisions && sameValue(before.values, after.values)
}

function pinnedText(pinned: Pinned): string {
  return `${fullName(pinned)}@${pinned.revision}`
}
