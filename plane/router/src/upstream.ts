import type { RouterUpstream } from '@headgate/contract'
import { ConnectionPool } from './connection-pool.ts'
import type { Counters, UpstreamFailure } from './counters.ts'
import type { Drain } from './drain.ts'
import type { Exchange } from './exchange.ts'
import type { WebSocketRelay } from './websocket-relay.ts'

/** How long an instance that could not be reached is passed over while others can be. */
const PASSED_OVER_MS = 500

/**
 * One instance at one address, and all work it holds. It outlives the table that named it until that work is done:
 * a request claims it and enters it in one synchronous step, so every request is wholly on one table or the next.
 */
export class Upstream {
  readonly id: string
  readonly service: string
  readonly release: string
  readonly address: string
  readonly connectMs: number
  readonly counters: Counters
  readonly pool: ConnectionPool
  /** In the table in force; 0 also when it is in none. */
  weight: number
  /** Still named by the table in force. */
  listed = true
  /** Requests whose response is not complete. */
  readonly exchanges = new Set<Exchange>()
  readonly websockets = new Set<WebSocketRelay>()
  drain: Drain | undefined
  #passedOverUntil = 0

  constructor(definition: RouterUpstream, service: string, connectMs: number, counters: Counters) {
    this.id = definition.id
    this.service = service
    this.release = definition.release
    this.address = definition.address
    this.weight = definition.weight
    this.connectMs = connectMs
    this.counters = counters
    this.pool = new ConnectionPool({ ...splitAddress(definition.address), connectMs })
  }

  /** What it holds, for choosing the one with the least. */
  get load(): number {
    return this.exchanges.size + this.websockets.size
  }

  get passedOver(): boolean {
    return this.#passedOverUntil !== 0 && this.#passedOverUntil > performance.now()
  }

  get state(): 'serving' | 'idle' | 'draining' | 'leaving' {
    if (this.drain) return 'draining'
    if (!this.listed) return 'leaving'
    return this.weight > 0 ? 'serving' : 'idle'
  }

  enter(exchange: Exchange): void {
    this.exchanges.add(exchange)
    this.counters.requests += 1
  }

  leave(exchange: Exchange): void {
    if (this.exchanges.delete(exchange)) this.#maybeEmpty()
  }

  join(relay: WebSocketRelay): void {
    this.websockets.add(relay)
    this.counters.websockets.opened += 1
    if (this.drain?.closing) relay.close(this.drain.closeCode)
  }

  part(relay: WebSocketRelay): void {
    if (this.websockets.delete(relay)) this.#maybeEmpty()
  }

  failed(failure: UpstreamFailure): void {
    this.counters.errors[failure] += 1
  }

  /** It could not be reached: while others can be, requests go there. */
  passOver(): void {
    this.#passedOverUntil = performance.now() + PASSED_OVER_MS
  }

  reached(): void {
    this.#passedOverUntil = 0
  }

  #maybeEmpty(): void {
    if (this.load === 0) this.drain?.empty()
  }
}

/** Host without brackets, and port. The table was checked, so both are there. */
export function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon)
  return { host: host.startsWith('[') ? host.slice(1, -1) : host, port: Number(address.slice(colon + 1)) }
}
