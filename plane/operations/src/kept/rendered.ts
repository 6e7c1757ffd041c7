/**
 * An answer that is JSON already. It goes out as it stands, so a large one is not read and written again for each of the
 * many who ask for it. Given as a function, it comes about no sooner than it goes out.
 */
export class Rendered {
  readonly #json: string | (() => string)

  constructor(json: string | (() => string)) {
    this.#json = json
  }

  get json(): string {
    return typeof this.#json === 'string' ? this.#json : this.#json()
  }
}

/** JSON as a value. A number JavaScript cannot hold is kept digit by digit, as it came. */
export function readRendered(json: string): unknown {
  return JSON.parse(json, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source ? rawNumber(context.source) : value,
  )
}

/** `JSON.rawJSON` is of ECMAScript 2026 and not in TypeScript's library yet; what it makes is written as it stands. */
export function rawNumber(text: string): number {
  return (JSON as unknown as { rawJSON(text: string): number }).rawJSON(text)
}
