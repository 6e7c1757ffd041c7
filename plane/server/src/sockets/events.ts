import { AUTHENTICATE_WITHIN, type ClientFrame, EVENTS_PATH, LARGEST_VALUES, type ServerFrame, clientFrame } from '@headgate/contract'
import { type Problem, Secret, problemOf } from '@headgate/model'
import type { Caller, Follower, Operations, RequestOrigin } from '@headgate/operations'
import type { WebSocket } from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'

/** Close codes of our own, beside 1001 for a plane that stops. */
const CLOSE = { refused: 4401, unreadable: 4400, slow: 4408 } as const
/** A client that is this many bytes behind with reading, values and notices, is cut; it comes back and catches up by its known revision. */
const BACKLOG_LIMIT = LARGEST_VALUES + 1024 * 1024
/** One that is this many bytes behind gets no values on top of them: it is told of the change, and asks when it is ready. */
const VALUES_BACKLOG_LIMIT = 64 * 1024
const PING_EVERY = 30_000

/**
 * Change notification. The first frame carries the token (never the URL), the second what to watch with the revision
 * already known; from then on the socket hears names and revision numbers, and values where it asked for them.
 */
export function registerEvents(app: FastifyInstance, operations: Operations, log: Logger): void {
  app.get(EVENTS_PATH, { websocket: true }, (socket, request) => {
    const connection = new EventsConnection(socket, operations, { request: request.id, address: request.ip })
    socket.on('message', (data: Buffer) => connection.receive(data.toString('utf8')))
    socket.on('error', (error) => log.info({ request: request.id, reason: error.message }, 'socket failed'))
    socket.on('close', () => connection.end())
  })
}

class EventsConnection {
  readonly #socket: WebSocket
  readonly #operations: Operations
  readonly #origin: RequestOrigin
  readonly #follower: Follower
  #caller: Caller | undefined
  /** How many answers to openings of its own the client says to have had. */
  #asked = 0
  #stopWatching: (() => void)[] = []
  /** Frames are handled one after another, so a watch never overtakes its authentication. */
  #turn: Promise<void> = Promise.resolve()
  readonly #deadline: NodeJS.Timeout
  readonly #heartbeat: NodeJS.Timeout
  #alive = true

  constructor(socket: WebSocket, operations: Operations, origin: RequestOrigin) {
    this.#socket = socket
    this.#operations = operations
    this.#origin = origin
    this.#follower = {
      origin,
      asked: () => this.#asked,
      tell: (frame) => this.#send(frame),
      deliver: (frame) => this.#deliver(frame),
    }
    this.#deadline = setTimeout(() => this.#refuse(problemOf('TOKEN_MISSING'), CLOSE.refused), AUTHENTICATE_WITHIN)
    this.#heartbeat = setInterval(() => this.#beat(), PING_EVERY)
    socket.on('pong', () => (this.#alive = true))
  }

  receive(text: string): void {
    this.#turn = this.#turn.then(() => this.#handle(text)).catch(() => this.#socket.close(1011, 'failed'))
  }

  end(): void {
    clearTimeout(this.#deadline)
    clearInterval(this.#heartbeat)
    for (const stop of this.#stopWatching.splice(0)) stop()
  }

  async #handle(text: string): Promise<void> {
    const frame = readFrame(text)
    if (!frame)
      return this.#refuse(
        problemOf('REQUEST_INVALID', { reason: 'the frame is not one of authenticate, watch, asked and loaded' }),
        CLOSE.unreadable,
      )
    if (frame.type === 'authenticate') return this.#authenticate(new Secret(frame.token))
    if (!this.#caller) return this.#refuse(problemOf('TOKEN_MISSING'), CLOSE.refused)
    if (frame.type === 'loaded') return this.#operations.confirmLoaded(this.#caller, frame.configuration)
    if (frame.type === 'asked') return void (this.#asked = frame.asked)
    const stop = await this.#operations.watchEnvironments(this.#caller, frame.environments, this.#follower)
    if (!stop.ok) return this.#refuse(stop.problem, CLOSE.refused)
    if (this.#socket.readyState === this.#socket.OPEN) this.#stopWatching.push(stop.value)
    else stop.value()
  }

  async #authenticate(token: Secret): Promise<void> {
    const caller = await this.#operations.authenticate(token, this.#origin)
    clearTimeout(this.#deadline)
    if (!caller.ok) return this.#refuse(caller.problem, CLOSE.refused)
    this.#caller = caller.value
    this.#stopWatching.push(this.#operations.onRevoked(caller.value, (problem) => this.#refuse(problem, CLOSE.refused)))
    this.#send({ type: 'ready', user: caller.value.name, values: true })
  }

  #send(frame: ServerFrame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > BACKLOG_LIMIT) return this.#socket.close(CLOSE.slow, 'too far behind')
    this.#socket.send(JSON.stringify(frame))
  }

  /** The bytes are those of every other socket that gets them, so a thousand that wait for the network hold them once. */
  #deliver(frame: Uint8Array): boolean {
    if (this.#socket.bufferedAmount > VALUES_BACKLOG_LIMIT) return false
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(frame, { binary: false, compress: false })
    return true
  }

  #refuse(problem: Problem, code: number): void {
    this.#send({ type: 'refused', code: problem.code, message: problem.message })
    this.#socket.close(code, problem.code)
  }

  /** A peer that vanished without closing is noticed by its missing answer, one beat later. */
  #beat(): void {
    if (!this.#alive) return this.#socket.terminate()
    this.#alive = false
    this.#socket.ping()
  }
}

function readFrame(text: string): ClientFrame | undefined {
  try {
    return clientFrame.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
