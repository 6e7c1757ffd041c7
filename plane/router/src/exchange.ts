import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Connection } from './connection-pool.ts'
import { type AttemptFailure, failureOf } from './attempt-failure.ts'
import { EventBoundary } from './event-boundary.ts'
import type { Hold } from './hold.ts'
import { type RefusalReason, answerRefusal } from './refusal.ts'
import { RequestBody } from './request-body.ts'
import type { RequestHead } from './request-head.ts'
import { responseHeaders } from './response-head.ts'
import type { Traffic } from './traffic.ts'
import { acceptUpgrade } from './upgrade.ts'
import type { Upstream } from './upstream.ts'

/** How long a stream of events may take to reach the end of an event when it is closed. */
const EVENT_GRACE_MS = 1_000

/** A request is given up after this many instances that could not be reached. */
const MOST_ATTEMPTS = 10
/** A body up to this size is written together with its head. */
const WHOLE_BYTES = 8 * 1024

/** The client's side of a request that asks for a WebSocket. */
export interface UpgradeRequest {
  readonly socket: Socket
  /** What the client sent before its answer. */
  readonly early: Buffer
}

/**
 * One request from its claim of an upstream to the end of its response. As undici's handler it is told what the
 * instance answers.
 *
 * It goes to another upstream only while no byte of it was sent and none of its body was taken from the client; from then on every failure is
 * the client's to see.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #traffic: Traffic
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #head: RequestHead
  readonly #upgrade: UpgradeRequest | undefined
  #held: Hold | undefined
  #tried: Set<Upstream> | undefined
  #upstream: Upstream | undefined
  #connection: Connection | undefined
  #body: RequestBody | undefined
  #attempts = 0
  #claimedAt = 0
  /** When something last moved while the response was waited for. */
  #movedAt = 0
  #responseMs = 0
  #sent = false
  #events: EventBoundary | undefined
  #wantsDrain = false
  /** Announced bytes of the body; -1 where they are not. */
  #length = -1
  /** A small body that came whole with its head, kept back to be written together with it. */
  #whole: Buffer | undefined
  /** The head of the response is out, and its end is not announced: a drain gives it the time of a connection. */
  streaming = false
  done = false

  constructor(traffic: Traffic, request: IncomingMessage, response: ServerResponse, head: RequestHead, upgrade?: UpgradeRequest) {
    this.#traffic = traffic
    this.#request = request
    this.#response = response
    this.#head = head
    this.#upgrade = upgrade
  }

  /** Takes the request on its way, or holds it while its service is paused; called again when the pause is over. */
  begin(): void {
    this.#held = undefined
    const service = this.#traffic.serviceFor(this.#head.host)
    if (!service?.hold) return this.#attempt()
    this.#held = service.hold
    service.hold.add(this)
  }

  /** Claims an upstream of the table in force and gives it the request, all in one synchronous step. */
  #attempt(failure?: AttemptFailure): void {
    const service = this.#traffic.serviceFor(this.#head.host)
    if (!service) return this.refuse(this.#traffic.tableLost ? 'table-lost' : 'no-service')
    const upstream = service.claim(this.#tried)
    if (!upstream) return this.refuse(failure?.reason ?? 'no-upstream')
    this.#upstream = upstream
    upstream.enter(this)
    this.#claimedAt = this.#movedAt = performance.now()
    this.#responseMs = service.responseMs
    this.#connection = upstream.pool.take()
    if (this.#head.hasBody) this.#body = new RequestBody(this.#request, () => this.#permitBody())
    this.#connection.client.dispatch(
      {
        method: this.#head.method,
        path: this.#head.path,
        headers: this.#head.headers,
        body: this.#body ?? null,
        upgrade: this.#upgrade ? 'websocket' : null,
      },
      this,
    )
  }

  onRequestStart(): void {
    // Without a body the head is written right after this; with one, together with its first bytes.
    if (!this.#body) this.#sent = true
    this.#upstream?.reached()
  }

  onBodySent(): void {
    this.#sent = true
    this.#movedAt = performance.now()
  }

  onRequestUpgrade(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders, instance: Duplex): void {
    const upstream = this.#upstream
    if (this.done || !upstream || !this.#upgrade) return void instance.destroy()
    upstream.counters.answered(status, performance.now() - this.#claimedAt)
    // The relay is entered before this exchange leaves, so the upstream is never empty in between.
    acceptUpgrade(this.#response, this.#upgrade, headers, instance, upstream)
    this.#settle('finished', false)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders, statusText?: string): void {
    if (this.done) return
    if (status < 200) return this.#relayInterim(status, headers)
    this.#upstream?.counters.answered(status, performance.now() - this.#claimedAt)
    const bodyless = this.#head.method === 'HEAD' || status === 204 || status === 304
    this.#length = Number(headers['content-length'] ?? -1)
    this.streaming = !bodyless && this.#length === -1
    const trailers = this.streaming && this.#request.httpVersionMinor === 1
    if (this.streaming && isEventStream(headers)) this.#events = new EventBoundary()
    const close = this.#traffic.stopping || this.#upgrade !== undefined
    this.#response.writeHead(status, reasonOf(statusText), responseHeaders(headers, { trailers, close }))
    // When nothing of the body came along with the head, the client is given the head now.
    if (!bodyless) process.nextTick(flushIfSilent, this.#response)
    if (this.#upstream?.drain?.closing) this.closeEvents()
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.done) return
    if (this.#upstream) this.#upstream.counters.responseBytes += chunk.length
    if (chunk.length === this.#length && chunk.length <= WHOLE_BYTES) {
      this.#whole = chunk
      return
    }
    this.#events?.follow(chunk)
    if (!this.#response.write(chunk)) this.#waitForClient(controller)
    if (this.#events?.closing && this.#events.atBoundary) this.#endEvents()
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (this.done) return
    if (this.streaming && this.#request.httpVersionMinor === 1) addTrailers(this.#response, trailers)
    // As text of single bytes, Node writes the body in one piece with the head.
    if (this.#whole) this.#response.end(this.#whole.toString('latin1'), 'latin1')
    else this.#response.end()
    this.#settle('finished', true)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.done || !this.#upstream) return
    const sent = this.#sent || (this.#body?.touched ?? false)
    const failure = failureOf(error, { sent, bodyless: !this.#body })
    if (this.#response.headersSent) return this.#truncate()
    const upstream = this.#upstream
    if (failure.counted) {
      upstream.failed(failure.counted)
      this.#traffic.log.failure(failure.reason, upstream, this.#head, error)
    }
    this.#attempts += 1
    if (failure.retry === 'no' || this.#attempts === MOST_ATTEMPTS) return this.refuse(failure.reason)
    this.#release(false)
    if (failure.retry === 'elsewhere') {
      upstream.passOver()
      ;(this.#tried ??= new Set()).add(upstream)
    }
    this.#sent = false
    this.#attempt(failure)
  }

  /** Answers in the router's own name. */
  refuse(reason: RefusalReason, outcome: 'finished' | 'cut' = 'finished'): void {
    this.#traffic.refused(reason)
    const json = this.#request.headers.accept?.includes('json') ?? false
    // A client that was not told to go on may or may not send its body: what follows on the connection is anybody's guess.
    const unsure = this.#head.expectsContinue && !this.#body?.touched
    answerRefusal(this.#response, reason, { json, close: unsure || this.#traffic.stopping || this.#upgrade !== undefined })
    this.#settle(outcome, false)
  }

  /** The client's connection is gone: nobody is left to answer. */
  clientGone(): void {
    if (this.done) return
    this.#held?.forget(this)
    if (this.#upstream) this.#upstream.counters.aborted += 1
    this.#settle('finished', false)
  }

  /** The router is out of patience: an error where there is no answer yet, a broken one where there is. */
  cut(): void {
    if (this.done) return
    if (this.#response.headersSent) return this.#truncate('cut')
    this.#held?.forget(this)
    this.refuse('drain-limit', 'cut')
  }

  /** A stream of events, which can be ended at any event. */
  get closable(): boolean {
    return this.#events !== undefined
  }

  /** Ends a stream of events after the event under way, which its reader takes as the sign to connect anew. Anything else is left alone. */
  closeEvents(): void {
    if (this.done || !this.#events) return
    this.#events.closing = true
    if (this.#events.atBoundary) return this.#endEvents()
    setTimeout(() => this.#endEvents(), EVENT_GRACE_MS)
  }

  /** Gives up on an instance that does not answer, or a client that does not send. Called by the sweep. */
  checkTime(now: number): void {
    if (this.done || this.#response.headersSent || this.#responseMs === 0 || now - this.#movedAt < this.#responseMs) return
    if (this.#body?.wanting && !this.#request.complete) {
      if (this.#upstream) this.#upstream.counters.aborted += 1
      return this.refuse('request-timeout')
    }
    this.#upstream?.failed('timeout')
    this.refuse('response-timeout')
  }

  #permitBody(): void {
    if (this.#head.expectsContinue) this.#response.writeContinue()
  }

  #relayInterim(status: number, headers: IncomingHttpHeaders): void {
    const link = headers['link']
    if (status !== 103 || link === undefined || this.#request.httpVersionMinor === 0) return
    try {
      this.#response.writeEarlyHints({ link })
    } catch {
      // Node takes only links of the standard form; a hint is allowed to get lost.
    }
  }

  #waitForClient(controller: Dispatcher.DispatchController): void {
    controller.pause()
    if (this.#wantsDrain) return
    this.#wantsDrain = true
    this.#response.on('drain', () => controller.resume())
  }

  #endEvents(): void {
    if (this.done) return
    this.#response.end()
    this.#settle('closed', false)
  }

  /** The client must see that the body is not whole. Without a length or chunks only a reset says so. */
  #truncate(outcome: 'finished' | 'cut' = 'finished'): void {
    const socket = this.#response.socket
    if (outcome === 'finished') {
      this.#upstream?.failed('truncated')
      if (this.#upstream) this.#traffic.log.failure('truncated', this.#upstream, this.#head)
    }
    this.#settle(outcome, false)
    if (this.#request.httpVersionMinor === 0) socket?.resetAndDestroy()
    else this.#response.destroy()
  }

  #settle(outcome: 'finished' | 'closed' | 'cut', reusable: boolean): void {
    if (this.done) return
    this.done = true
    this.#upstream?.drain?.note(this.streaming ? 'connections' : 'requests', outcome)
    this.#release(reusable)
    this.#traffic.ended(this, this.#request.socket)
  }

  /** Lets go of the upstream: its connection goes back to the pool, or away with everything still on it. */
  #release(reusable: boolean): void {
    const upstream = this.#upstream
    if (!upstream) return
    if (this.#body) {
      upstream.counters.requestBytes += this.#body.bytes
      if (!reusable) this.#body.destroy()
    }
    if (this.#connection) upstream.pool.give(this.#connection, reusable)
    this.#connection = undefined
    this.#upstream = undefined
    this.#body = undefined
    upstream.leave(this)
  }
}

function flushIfSilent(response: ServerResponse): void {
  if (!response.writableEnded && !response.destroyed && response.headersSent) response.flushHeaders()
}

/** Node refuses to write a reason that is not text of single bytes; none at all is as good. */
function reasonOf(statusText: string | undefined): string {
  return statusText !== undefined && /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(statusText) ? statusText : ''
}

function isEventStream(headers: IncomingHttpHeaders): boolean {
  return String(headers['content-type']).startsWith('text/event-stream')
}

function addTrailers(response: ServerResponse, trailers: IncomingHttpHeaders): void {
  const fields = Object.entries(trailers).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one]))
  if (fields.length > 0) response.addTrailers(fields)
}
