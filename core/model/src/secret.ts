/**
 * A plaintext that must not travel by accident.
 *
 * It prints as `[secret]` wherever JavaScript turns a value into text: templates, JSON, the console, error
 * messages. `reveal` is the only door, so `grep reveal` lists every place where a plaintext leaves.
 */
export class Secret<T extends string | Uint8Array = string> {
  readonly #plaintext: T

  constructor(plaintext: T) {
    this.#plaintext = plaintext
  }

  /** The plaintext itself. The caller answers for where it goes next. */
  reveal(): T {
    return this.#plaintext
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  get [Symbol.toStringTag](): string {
    return 'Secret'
  }

  /** What `console.log` and `util.inspect` show; the symbol is Node's, registered globally, so no import is needed. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED
  }
}

/** What stands in the place of a secret in anything a person or a log reads. */
export const REDACTED = '[secret]'
