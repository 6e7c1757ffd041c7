import type { Exchange } from './exchange.ts'

/** Requests of one service that may wait at once; more are answered 503. */
const MOST_HELD = 10_000

/** A pause: requests of a service wait, in order, for it to end, each up to its own limit. */
export class Hold {
  readonly service: string
  readonly holdMs: number
  /** Milliseconds since 1970 at which the pause ends by itself. */
  readonly until: number
  readonly #waiting = new Map<Exchange, NodeJS.Timeout>()
  #expiry: NodeJS.Timeout

  constructor(service: string, holdMs: number, until: number, expired: (hold: Hold) => void) {
    this.service = service
    this.holdMs = holdMs
    this.until = until
    // A timer takes 31 bits; a pause that long ends early, which only means that it has to be asked for again.
    this.#expiry = setTimeout(() => expired(this), Math.min(Math.max(0, until - Date.now()), 2 ** 31 - 1))
    this.#expiry.unref()
  }

  get held(): number {
    return this.#waiting.size
  }

  add(exchange: Exchange): void {
    if (this.#waiting.size >= MOST_HELD) return exchange.refuse('paused')
    const timer = setTimeout(() => {
      this.#waiting.delete(exchange)
      exchange.refuse('paused')
    }, this.holdMs)
    this.#waiting.set(exchange, timer)
  }

  /** Its client went away. */
  forget(exchange: Exchange): void {
    clearTimeout(this.#waiting.get(exchange))
    this.#waiting.delete(exchange)
  }

  /** The pause is over: what waited goes on, first come first served. */
  release(): number {
    clearTimeout(this.#expiry)
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [exchange, timer] of waiting) {
      clearTimeout(timer)
      exchange.begin()
    }
    return waiting.length
  }
}
