import { request } from 'node:http'
import { resolve } from 'node:path'
import type {
  RouterDrainOrder,
  RouterDrained,
  RouterPauseOrder,
  RouterPutTable,
  RouterRefusal,
  RouterResumeOrder,
  RouterStatus,
} from '@headgate/contract'
import { RouterError, refused } from './router-error.ts'
import { isPrivateSocket, readRecord, readToken } from './state-folder.ts'

/** How long the router may take for anything but a drain. */
const ANSWER_MS = 10_000

/**
 * Commands the router of a state folder. Where it is and what it must be told to obey is read from the folder at every
 * call, so a client outlives any number of routers.
 *
 * Every method throws a RouterError: `unreachable` when no router answers, otherwise the router's own refusal.
 */
export class RouterClient {
  readonly #state: string

  constructor(state: string) {
    this.#state = resolve(state)
  }

  status(signal?: AbortSignal): Promise<RouterStatus> {
    return this.#call('GET', '/status', undefined, signal)
  }

  /**
   * Replaces the whole table. When it resolves, the table is on disk and in force: no request is claimed from an older one.
   *
   * @throws RouterError `stale-revision`, `fenced`, `table-invalid`, `not-stored`
   */
  putTable(order: RouterPutTable): Promise<{ revision: number }> {
    return this.#call('PUT', '/table', order)
  }

  /**
   * Resolves when the upstream holds nothing any more. Giving up on the answer does not stop the drain. An upstream
   * the router does not know is drained already.
   *
   * @throws RouterError `upstream-in-use`, `fenced`
   */
  drain(order: RouterDrainOrder, signal?: AbortSignal): Promise<RouterDrained> {
    const limit = AbortSignal.timeout(Math.max(order.requestsMs, order.connectionsMs) + ANSWER_MS)
    return this.#call('POST', '/drain', order, signal ? AbortSignal.any([signal, limit]) : limit)
  }

  /** Holds the requests of a service. @throws RouterError `service-unknown`, `fenced`, `not-stored` */
  async pause(order: RouterPauseOrder): Promise<void> {
    await this.#call('POST', '/pause', order)
  }

  /** Lets them go on, by the table then in force. @throws RouterError `service-unknown`, `fenced`, `not-stored` */
  resume(order: RouterResumeOrder): Promise<{ released: number }> {
    return this.#call('POST', '/resume', order)
  }

  /** Tells the router to go down. Resolves when it has begun to; `status` fails once it is gone. */
  async stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    await this.#call('POST', '/stop', options)
  }

  async #call<T>(method: string, path: string, body?: object, signal = AbortSignal.timeout(ANSWER_MS)): Promise<T> {
    const record = await readRecord(this.#state)
    const token = await readToken(this.#state)
    if (!record || !token) throw refused('unreachable', `no router has run on ${this.#state}`)
    if (!(await isPrivateSocket(this.#state, record.control))) {
      throw refused('unreachable', `the folder of ${record.control} is gone, or not this user's alone`)
    }
    const { status, text } = await exchange({ socket: record.control, method, path, token, body, signal })
    // The contract's own types on both ends; a router of another version refuses what it does not know.
    return readAnswer(status, text) as T
  }
}

interface Call {
  readonly socket: string
  readonly method: string
  readonly path: string
  readonly token: string
  readonly body: object | undefined
  readonly signal: AbortSignal
}

function exchange(call: Call): Promise<{ status: number; text: string }> {
  const { promise, resolve: answered, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const failed = (error: Error): void => {
    const reason = (error as NodeJS.ErrnoException).code ?? error.message
    reject(refused('unreachable', `the router does not answer at ${call.socket} (${reason})`, { reason }))
  }
  const headers = { authorization: `Bearer ${call.token}`, 'content-type': 'application/json' }
  const outgoing = request(
    { socketPath: call.socket, method: call.method, path: call.path, headers, agent: false, signal: call.signal },
    (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => answered({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }))
      response.on('error', failed)
    },
  )
  outgoing.on('error', failed)
  outgoing.end(call.body && JSON.stringify(call.body))
  return promise
}

function readAnswer(status: number, text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new RouterError({ code: 'unreachable', message: 'what answers at the control socket is no router' }, { cause: error })
  }
  if (status !== 200) throw new RouterError(value as RouterRefusal)
  return value
}
