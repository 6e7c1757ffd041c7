import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { RouterTable } from '@headgate/contract'
import { Exchange, type UpgradeRequest } from './exchange.ts'
import { Hold } from './hold.ts'
import type { RouterLog } from './log.ts'
import { type RefusalReason, answerRefusal } from './refusal.ts'
import { type ForwardedPolicy, type HeadFault, readRequestHead } from './request-head.ts'
import { RoutingTable } from './routing-table.ts'
import type { ServiceRoute } from './service-route.ts'
import { Upstreams } from './upstreams.ts'

/** How often waiting requests are checked against their limits. */
const SWEEP_MS = 250

/** What flows: the table in force, the upstreams behind it, and every request under way. */
export class Traffic {
  readonly log: RouterLog
  readonly upstreams = new Upstreams()
  readonly refusals: Partial<Record<RefusalReason, number>> = {}
  /** Answers carry `Connection: close`, so clients come back elsewhere. */
  stopping = false
  /** There was a table, and no readable copy of it is left. */
  tableLost = false
  readonly #policy: ForwardedPolicy
  #table = new RoutingTable({ services: [] }, this.upstreams)
  /** Requests without a whole response, by the connection they came on. */
  readonly #open = new Map<Socket, Set<Exchange>>()
  /** Connections on which the last word has been said. */
  readonly #closing = new WeakSet<Socket>()
  readonly #sweep: NodeJS.Timeout

  constructor(log: RouterLog, policy: ForwardedPolicy) {
    this.log = log
    this.#policy = policy
    this.#sweep = setInterval(() => this.#checkTimes(), SWEEP_MS)
    this.#sweep.unref()
  }

  get table(): RoutingTable {
    return this.#table
  }

  /** Requests under way, held ones included. */
  get inFlight(): number {
    let count = 0
    for (const exchanges of this.#open.values()) count += exchanges.size
    return count
  }

  /**
   * Puts a table in force, in one synchronous step: a request that claimed its upstream before belongs wholly to the old
   * table, any later claim to the new one.
   */
  install(definition: RouterTable): void {
    const before = this.#table
    this.#table = new RoutingTable(definition, this.upstreams, before)
    this.upstreams.adopt(this.#table.members)
    this.tableLost = false
    for (const [id, route] of before.services) if (!this.#table.services.has(id)) route.hold?.release()
  }

  serviceFor(host: string): ServiceRoute | undefined {
    return this.#table.serviceFor(host)
  }

  /** Holds the requests of a service from now on. False when there is no such service. */
  pause(service: string, holdMs: number, until: number, expired: () => void): boolean {
    const route = this.#table.services.get(service)
    if (!route) return false
    const before = route.hold
    route.hold = new Hold(service, holdMs, until, expired)
    // Those held by an earlier pause are held anew, by the present one.
    before?.release()
    return true
  }

  /** Lets held requests go on. Undefined when there is no such service. */
  resume(service: string): number | undefined {
    const route = this.#table.services.get(service)
    if (!route) return undefined
    const hold = route.hold
    route.hold = undefined
    return hold?.release() ?? 0
  }

  /** Takes in one request. */
  receive(request: IncomingMessage, response: ServerResponse, upgrade?: UpgradeRequest): void {
    const head = readRequestHead(request, this.#policy)
    if ('fault' in head) return this.#refuseHead(request, response, head)
    if (head.path === '' || (upgrade && head.hasBody))
      return this.#refuseHead(request, response, { status: 400, fault: 'an upgrade has no body' })
    const exchange = new Exchange(this, request, response, head, upgrade)
    this.#open.get(request.socket)?.add(exchange)
    try {
      exchange.begin()
    } catch (error) {
      this.log.fault(error)
      if (!exchange.done && !response.headersSent) exchange.refuse('internal')
      else response.destroy()
    }
  }

  /** A client connected: what is open on its connection is watched from here, since Node does not tell responses queued behind another. */
  connected(socket: Socket): void {
    const open = new Set<Exchange>()
    this.#open.set(socket, open)
    socket.once('close', () => {
      this.#open.delete(socket)
      for (const exchange of open) exchange.clientGone()
    })
  }

  /** Whether nothing may be written on this connection: a response is under way, or the last one was. */
  isAnswering(socket: Socket): boolean {
    return this.#closing.has(socket) || (this.#open.get(socket)?.size ?? 0) > 0
  }

  ended(exchange: Exchange, socket: Socket): void {
    this.#open.get(socket)?.delete(exchange)
  }

  refused(reason: RefusalReason): void {
    this.refusals[reason] = (this.refusals[reason] ?? 0) + 1
  }

  /** Closes what is long-lived the way its protocol knows it; requests go on. */
  closeConnections(): void {
    for (const upstream of this.upstreams.all()) {
      for (const relay of [...upstream.websockets]) relay.close(1001)
      for (const exchange of [...upstream.exchanges]) exchange.closeEvents()
    }
    for (const route of this.#table.services.values()) {
      const hold = route.hold
      route.hold = undefined
      hold?.release()
    }
  }

  /** Ends everything that is left, now. */
  cutAll(): void {
    for (const exchanges of this.#open.values()) for (const exchange of [...exchanges]) exchange.cut()
    for (const upstream of this.upstreams.all()) {
      for (const relay of [...upstream.websockets]) relay.cut()
      upstream.pool.close()
    }
  }

  /** How many WebSockets are open. */
  get websockets(): number {
    return this.upstreams.all().reduce((sum, upstream) => sum + upstream.websockets.size, 0)
  }

  close(): void {
    clearInterval(this.#sweep)
    this.cutAll()
  }

  #refuseHead(request: IncomingMessage, response: ServerResponse, head: HeadFault): void {
    const reason = REASON_OF_STATUS[head.status] ?? 'request-invalid'
    this.refused(reason)
    const json = request.headers.accept?.includes('json') ?? false
    // What follows a request that was not understood is not to be read as another one.
    this.#closing.add(request.socket)
    answerRefusal(response, reason, { json, close: true, detail: head.fault })
  }

  #checkTimes(): void {
    const now = performance.now()
    for (const upstream of this.upstreams.all()) for (const exchange of upstream.exchanges) exchange.checkTime(now)
    this.upstreams.sweep()
  }
}

const REASON_OF_STATUS: Readonly<Record<number, RefusalReason>> = {
  405: 'method-refused',
  417: 'expectation-failed',
  501: 'coding-unknown',
}
