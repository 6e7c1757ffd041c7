import { Secret } from '@headgate/model'
import type { LRUCache } from 'lru-cache'
import { type Conversion, asBoolean, asDuration, asList, asNumber, asObject, asString, asUrl, kindOf } from './conversions.ts'
import { ConfigurationError } from './errors.ts'
import { closestName, describeNearest } from './nearest-path.ts'
import { type Segments, isWithin, parsePath, valueAt } from './path.ts'
import { type Json, type JsonObject, type Snapshot, type Source, originOf } from './snapshot.ts'

/** What a path led to, kept so that reading it again costs a look-up. Absence is kept too. */
export interface Lookup {
  readonly value: Json | undefined
}

/**
 * Reads of one snapshot at a time, by path. Reads never wait and never call the plane: they answer from memory, and a
 * reload replaces the whole snapshot between two reads.
 */
export class Reader {
  #snapshot: Snapshot
  #secretPaths: readonly Segments[]
  readonly #lookups: LRUCache<string, Lookup>
  #hits = 0
  #misses = 0

  constructor(snapshot: Snapshot, lookups: LRUCache<string, Lookup>) {
    this.#snapshot = snapshot
    this.#secretPaths = snapshot.secrets.map(parsePath)
    this.#lookups = lookups
  }

  get revision(): number {
    return this.#snapshot.revision
  }

  get source(): Source {
    return this.#snapshot.source
  }

  /** The environment as people write it: `shop/production`. */
  get environment(): string {
    return this.#snapshot.environment
  }

  /** All values, frozen. Secrets are among them in plaintext. */
  get values(): JsonObject {
    return this.#snapshot.values
  }

  protected get snapshot(): Snapshot {
    return this.#snapshot
  }

  /** From here on every read answers from the new snapshot. */
  protected swap(snapshot: Snapshot): void {
    this.#secretPaths = snapshot.secrets.map(parsePath)
    this.#snapshot = snapshot
    // Emptying takes as long as there is room, even where nothing is kept.
    if (this.#lookups.size > 0) this.#lookups.clear()
  }

  protected get lookupCounts(): { hits: number; misses: number; entries: number } {
    return { hits: this.#hits, misses: this.#misses, entries: this.#lookups.size }
  }

  /**
   * The value at a path, as it stands in the document: text, number, true or false, null, or a frozen list or map.
   *
   * @param fallback returned where nothing is at the path
   * @throws ConfigurationError CONFIG_PATH_MISSING where nothing is there and no fallback is given; PATH_INVALID
   */
  get<T extends Json = Json>(path: string, fallback?: T): T {
    const value = this.#look(path)
    if (value !== undefined) return value as T
    if (fallback !== undefined) return fallback
    throw this.#missing(path)
  }

  /** Whether anything, null included, is at a path. */
  has(path: string): boolean {
    return this.#look(path) !== undefined
  }

  string(path: string, fallback?: string): string {
    return this.#converted(path, asString, fallback)
  }

  number(path: string, fallback?: number): number {
    return this.#converted(path, asNumber, fallback)
  }

  /** true, yes, on, 1, or false, no, off, 0. */
  boolean(path: string, fallback?: boolean): boolean {
    return this.#converted(path, asBoolean, fallback)
  }

  url(path: string, fallback?: URL): URL {
    return this.#converted(path, asUrl, fallback)
  }

  /** `500ms`, `30s`, `1h30m`, in milliseconds; a number without its unit is refused. */
  duration(path: string, fallback?: number): number {
    return this.#converted(path, asDuration, fallback)
  }

  /** A list, or text with commas between the items. */
  list<T extends Json = Json>(path: string, fallback?: readonly T[]): readonly T[] {
    return this.#converted<readonly Json[]>(path, asList, fallback) as readonly T[]
  }

  /** A map, or text that is one in JSON. */
  object<T extends JsonObject = JsonObject>(path: string, fallback?: T): T {
    return this.#converted<JsonObject>(path, asObject, fallback) as T
  }

  /** A text wrapped so that it prints as `[secret]` wherever it is logged; `.reveal()` is the one door. */
  secret(path: string): Secret {
    return new Secret(this.#converted(path, asString))
  }

  /** Whether the plane keeps what is at a path as a secret, or the path leads into one. */
  isSecret(path: string): boolean {
    const segments = parsePath(path)
    return this.#secretPaths.some((secret) => isWithin(segments, secret))
  }

  /**
   * An environment variable of the environment: what `headgate run` would give a program under that name.
   *
   * @throws ConfigurationError CONFIG_VARIABLE_MISSING where there is none and no fallback is given
   */
  variable(name: string, fallback?: string): string {
    const variable = this.#snapshot.variables.get(name)
    if (variable !== undefined) return variable.value
    if (fallback !== undefined) return fallback
    const meant = closestName(name, [...this.#snapshot.variables.keys()])
    const nearest = meant === undefined ? `it has ${this.#snapshot.variables.size} others` : `did you mean ${meant}?`
    throw new ConfigurationError('CONFIG_VARIABLE_MISSING', { ...this.#whence(), name, nearest })
  }

  /** Names of all environment variables. */
  variableNames(): readonly string[] {
    return [...this.#snapshot.variables.keys()]
  }

  #look(path: string): Json | undefined {
    const known = this.#lookups.get(path)
    if (known !== undefined) {
      this.#hits += 1
      return known.value
    }
    this.#misses += 1
    const value = valueAt(this.#snapshot.values, parsePath(path))
    this.#lookups.set(path, { value })
    return value
  }

  #converted<T>(path: string, { wanted, convert }: Conversion<T>, fallback?: T): T {
    const value = this.#look(path)
    if (value === undefined) {
      if (fallback !== undefined) return fallback
      throw this.#missing(path)
    }
    const converted = convert(value)
    if (converted !== undefined) return converted
    throw new ConfigurationError('CONFIG_TYPE', { ...this.#whence(), path, found: kindOf(value), wanted })
  }

  #missing(path: string): ConfigurationError {
    const nearest = describeNearest(this.#snapshot.values, parsePath(path))
    return new ConfigurationError('CONFIG_PATH_MISSING', { ...this.#whence(), path, nearest })
  }

  #whence(): { environment: string; origin: string } {
    return { environment: this.#snapshot.environment, origin: originOf(this.#snapshot) }
  }
}
