import type { RouterDrained } from '@headgate/contract'
import type { Exchange } from './exchange.ts'
import type { Upstream } from './upstream.ts'

export interface DrainLimits {
  readonly requestsMs: number
  readonly connectionsMs: number
  readonly closeCode: 1001 | 1012
}

/**
 * Waits until an upstream that gets nothing new holds nothing any more. Requests have one limit. WebSockets and streams of
 * events have another, at which they are closed as their protocol knows it; other streaming responses, which can only be cut, are given the
 * later of the two. What does not end even then is cut, and counted as that.
 */
export class Drain {
  readonly done: Promise<RouterDrained>
  readonly requests = { finished: 0, cut: 0 }
  readonly connections = { finished: 0, closed: 0, cut: 0 }
  /** The limit of connections is over: one that begins only now is closed at once. */
  closing = false
  readonly #upstream: Upstream
  readonly #began = performance.now()
  readonly #settled: (drained: RouterDrained) => void
  #closeCode: 1001 | 1012
  #requestsAt = Number.POSITIVE_INFINITY
  #connectionsAt = Number.POSITIVE_INFINITY
  #timers: NodeJS.Timeout[] = []

  constructor(upstream: Upstream, limits: DrainLimits) {
    const { promise, resolve } = Promise.withResolvers<RouterDrained>()
    this.done = promise
    this.#settled = resolve
    this.#upstream = upstream
    this.#closeCode = limits.closeCode
    upstream.drain = this
    upstream.pool.close()
    this.join(limits)
  }

  /** Another order for the same upstream, for example of an owner that was started anew: the earlier of the limits holds. */
  join(limits: DrainLimits): void {
    const now = performance.now()
    this.#closeCode = limits.closeCode
    this.#requestsAt = Math.min(this.#requestsAt, now + limits.requestsMs)
    this.#connectionsAt = Math.min(this.#connectionsAt, now + limits.connectionsMs)
    this.#clearTimers()
    if (this.#upstream.load === 0) return this.empty()
    const at = (moment: number, what: () => void): NodeJS.Timeout => setTimeout(what, Math.max(0, moment - now))
    this.#timers = [
      at(this.#requestsAt, () => this.#cut((exchange) => !exchange.streaming)),
      at(this.#connectionsAt, () => this.#closeConnections()),
      at(Math.max(this.#requestsAt, this.#connectionsAt), () => this.#cut((exchange) => !exchange.closable)),
    ]
  }

  /** The upstream says that its last piece of work has ended. */
  empty(): void {
    this.#end('drained')
  }

  /** The upstream gets traffic again. */
  cancel(): void {
    this.#upstream.pool.reopen()
    this.#end('cancelled')
  }

  /** The code WebSockets are closed with. */
  get closeCode(): 1001 | 1012 {
    return this.#closeCode
  }

  /** A piece of work ended while the drain went on. */
  note(kind: 'requests' | 'connections', outcome: 'finished' | 'closed' | 'cut'): void {
    if (kind === 'connections') this.connections[outcome] += 1
    else this.requests[outcome === 'cut' ? 'cut' : 'finished'] += 1
  }

  #cut(which: (exchange: Exchange) => boolean): void {
    for (const exchange of [...this.#upstream.exchanges]) if (which(exchange)) exchange.cut()
  }

  #closeConnections(): void {
    this.closing = true
    for (const relay of [...this.#upstream.websockets]) relay.close(this.#closeCode)
    for (const exchange of [...this.#upstream.exchanges]) exchange.closeEvents()
  }

  #end(outcome: RouterDrained['outcome']): void {
    if (this.#upstream.drain !== this) return
    this.#upstream.drain = undefined
    this.#clearTimers()
    const tookMs = Math.round(performance.now() - this.#began)
    this.#settled({ upstream: this.#upstream.id, outcome, requests: this.requests, connections: this.connections, tookMs })
  }

  #clearTimers(): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer)
  }
}
