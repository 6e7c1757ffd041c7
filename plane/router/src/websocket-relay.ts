import type { Duplex } from 'node:stream'
import type { Upstream } from './upstream.ts'
import { FrameTracker, closeFrame } from './websocket-frames.ts'

/** How long a client may take to answer the router's close frame, and an instance to hang up after it. */
const CLOSE_GRACE_MS = 3_000
const REASONS: Readonly<Record<number, string>> = { 1001: 'going away', 1012: 'service restart' }

/**
 * A WebSocket through the router: bytes both ways, with an eye on where frames end, so that a drain can close it as the
 * protocol knows it. Only the client is sent a close frame; its answer travels on to the instance, which so receives everything the client had
 * still sent and sees an ordinary close.
 */
export class WebSocketRelay {
  readonly #client: Duplex
  readonly #instance: Duplex
  readonly #owner: Upstream
  readonly #fromClient = new FrameTracker()
  readonly #fromInstance = new FrameTracker()
  /** The code to close with once the instance's present frame has ended. */
  #closeCode: number | undefined
  /** The router's close frame is on its way: whatever else the instance says is not passed on. */
  #closeSent = false
  #grace: NodeJS.Timeout | undefined
  #ended = false
  #leftFirst: 'client' | 'instance' | undefined

  constructor(client: Duplex, instance: Duplex, owner: Upstream) {
    this.#client = client
    this.#instance = instance
    this.#owner = owner
  }

  /** @param early what the client sent before its upgrade was answered */
  start(early: Buffer): void {
    this.#watch(this.#client, this.#instance, 'client')
    this.#watch(this.#instance, this.#client, 'instance')
    this.#owner.join(this)
    this.#client.on('data', (chunk: Buffer) => this.#clientSaid(chunk))
    this.#instance.on('data', (chunk: Buffer) => this.#instanceSaid(chunk))
    if (early.length > 0) this.#clientSaid(early)
    this.#client.resume()
    this.#instance.resume()
  }

  /** Closes it with a code, at the end of the frame under way. Cut when that, or the client's answer, takes longer than the grace. */
  close(code: 1001 | 1012): void {
    if (this.#closeCode !== undefined || this.#ended) return
    this.#closeCode = code
    this.#grace = setTimeout(() => this.#end('instance'), CLOSE_GRACE_MS)
    if (this.#fromInstance.atBoundary) this.#sendClose()
  }

  /** Ends it without a close frame: the router itself is out of time. */
  cut(): void {
    this.#end('instance')
  }

  #sendClose(): void {
    const code = this.#closeCode as number
    // An instance that has begun the closing handshake itself is not talked over.
    if (!this.#fromInstance.closeSeen) this.#client.write(closeFrame(code, REASONS[code] ?? '', 'server'))
    this.#closeSent = true
    if (this.#fromClient.closeSeen) this.#handshakeDone()
  }

  #instanceSaid(chunk: Buffer): void {
    this.#owner.counters.responseBytes += chunk.length
    if (this.#closeSent) return
    let passed = chunk
    if (this.#closeCode === undefined) this.#fromInstance.follow(chunk)
    else passed = chunk.subarray(0, this.#fromInstance.followToBoundary(chunk))
    forward(passed, this.#instance, this.#client)
    if (this.#closeCode !== undefined && this.#fromInstance.atBoundary) this.#sendClose()
  }

  #clientSaid(chunk: Buffer): void {
    this.#owner.counters.requestBytes += chunk.length
    this.#fromClient.follow(chunk)
    forward(chunk, this.#client, this.#instance)
    if (this.#closeSent && this.#fromClient.closeSeen) this.#handshakeDone()
  }

  /** The client knows; the instance has its close frame and hangs up, or is hung up on. */
  #handshakeDone(): void {
    this.#client.end()
    clearTimeout(this.#grace)
    this.#grace = setTimeout(() => this.#end('instance'), CLOSE_GRACE_MS / 3)
  }

  #watch(from: Duplex, to: Duplex, side: 'client' | 'instance'): void {
    from.on('error', () => {})
    from.on('drain', () => to.resume())
    from.on('end', () => {
      this.#leftFirst ??= side
      to.end()
    })
    from.on('close', () => this.#end(side))
  }

  /** One side is gone for good, so is the other soon. */
  #end(side: 'client' | 'instance'): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#grace)
    const outcome = this.#outcome(this.#leftFirst ?? side)
    if (outcome !== 'finished') this.#owner.counters.websockets[outcome] += 1
    this.#owner.drain?.note('connections', outcome)
    hangUp(this.#client)
    hangUp(this.#instance)
    this.#owner.part(this)
  }

  #outcome(side: 'client' | 'instance'): 'finished' | 'closed' | 'cut' {
    if (this.#closeCode !== undefined && !this.#fromInstance.closeSeen) return this.#fromClient.closeSeen ? 'closed' : 'cut'
    const handshake = this.#fromInstance.closeSeen || this.#fromClient.closeSeen
    // A client may leave without a word; an instance that does has failed it.
    return handshake || side === 'client' ? 'finished' : 'cut'
  }
}

function forward(chunk: Buffer, from: Duplex, to: Duplex): void {
  if (chunk.length > 0 && to.writable && !to.write(chunk)) from.pause()
}

/** Lets out what is still to be sent, but not for ever. */
function hangUp(socket: Duplex): void {
  if (socket.destroyed) return
  socket.end()
  const timer = setTimeout(() => socket.destroy(), CLOSE_GRACE_MS / 3)
  socket.once('close', () => clearTimeout(timer))
}
