import { REDACTED } from '@headgate/model'
import { NumberText } from '../text/number-text.ts'
import type { Value } from './value.ts'

export type ExportedContent = null | boolean | NumberText | string | readonly ExportedValue[] | ReadonlyMap<string, ExportedValue>

/**
 * A value on its way between the language and its surroundings: what a provider takes and gives, what a rotation writes
 * back, what the context holds.
 *
 * It carries plaintext, so it prints and serialises as `[secret]` where it is one; read `value` to use it.
 */
export class ExportedValue {
  readonly value: ExportedContent
  readonly secret: boolean
  /** Not known, because it was not computed or failed; `value` then means nothing. */
  readonly unknown: boolean
  /** Where it came from, if the language made it. */
  readonly #origin: Value | undefined

  constructor(value: ExportedContent, flags: { readonly secret?: boolean; readonly unknown?: boolean } = {}, origin?: Value) {
    this.value = value
    this.secret = flags.secret ?? false
    this.unknown = flags.unknown ?? false
    this.#origin = origin
  }

  get origin(): Value | undefined {
    return this.#origin
  }

  /** An entry of an object by its key; undefined for anything else. */
  get(key: string): ExportedValue | undefined {
    return this.value instanceof Map ? (this.value as ReadonlyMap<string, ExportedValue>).get(key) : undefined
  }

  /** The text of a string; undefined for anything else. */
  get text(): string | undefined {
    return typeof this.value === 'string' && !this.unknown ? this.value : undefined
  }

  /** This value and everything in it marked secret. */
  asSecret(): ExportedValue {
    if (Array.isArray(this.value)) return new ExportedValue(this.value.map(secretOf), { secret: true }, this.#origin)
    if (this.value instanceof Map) {
      const entries = [...(this.value as ReadonlyMap<string, ExportedValue>)].map(([key, entry]) => [key, secretOf(entry)] as const)
      return new ExportedValue(new Map(entries), { secret: true }, this.#origin)
    }
    return new ExportedValue(this.value, { secret: true, unknown: this.unknown && this.value === null }, this.#origin)
  }

  toJSON(): unknown {
    if (this.secret) return REDACTED
    if (this.unknown) return '[unknown]'
    if (this.value instanceof Map) return Object.fromEntries(this.value as ReadonlyMap<string, ExportedValue>)
    return this.value instanceof NumberText ? Number(this.value.text) : this.value
  }

  [Symbol.for('nodejs.util.inspect.custom')](): unknown {
    return this.toJSON()
  }
}

function secretOf(value: ExportedValue): ExportedValue {
  return value.secret ? value : value.asSecret()
}

/**
 * Plain data as a value: null, booleans, numbers, strings, lists, and objects or maps with string keys. Numbers that must
 * keep their digits come as `NumberText`, values with flags of their own as `ExportedValue`.
 */
export function exportedValue(data: unknown, flags: { readonly secret?: boolean; readonly unknown?: boolean } = {}): ExportedValue {
  if (data instanceof ExportedValue) return flags.secret && !data.secret ? data.asSecret() : data
  // A number JSON cannot hold is no value.
  if (typeof data === 'number' && !Number.isFinite(data)) return new ExportedValue(null, { secret: flags.secret ?? false, unknown: true })
  const plain = new ExportedValue(contentOf(data), flags.unknown === undefined ? {} : { unknown: flags.unknown })
  return flags.secret ? plain.asSecret() : plain
}

function contentOf(data: unknown): ExportedContent {
  if (data === null || data === undefined) return null
  if (typeof data === 'boolean' || typeof data === 'string' || data instanceof NumberText) return data
  if (typeof data === 'number' || typeof data === 'bigint') return new NumberText(String(data))
  if (Array.isArray(data)) return data.map((element) => exportedValue(element))
  const entries = data instanceof Map ? [...data] : Object.entries(data)
  return new Map(entries.map(([key, entry]) => [String(key), exportedValue(entry)]))
}
