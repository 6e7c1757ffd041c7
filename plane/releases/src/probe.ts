import { request } from 'node:http'
import type { HealthTarget } from '@headgate/model'
import type { Clock } from './clock.ts'

/** One look at an instance. */
export interface Look {
  readonly healthy: boolean
  /** What was wrong, in a few words; absent where nothing was. */
  readonly reason?: string
}

export type Prober = (port: number, health: HealthTarget, signal?: AbortSignal) => Promise<Look>

/** Asks an instance once. An answer from 200 to 399 within the time-out is healthy. */
export const probeHttp: Prober = (port, health, signal) => {
  const { promise, resolve } = Promise.withResolvers<Look>()
  const late = AbortSignal.timeout(health.timeoutMs)
  const asked = request(
    {
      host: '127.0.0.1',
      port,
      path: health.path,
      agent: false,
      headers: { connection: 'close', 'user-agent': 'headgate-probe' },
      signal: signal ? AbortSignal.any([signal, late]) : late,
    },
    (response) => {
      const status = response.statusCode ?? 0
      response.resume()
      resolve(status >= 200 && status < 400 ? { healthy: true } : { healthy: false, reason: `${health.path} answers ${status}` })
    },
  )
  asked.on('error', (error: NodeJS.ErrnoException) => {
    resolve({
      healthy: false,
      reason: late.aborted ? `${health.path} does not answer within ${health.timeoutMs} ms` : reasonOf(error, port),
    })
  })
  asked.end()
  return promise
}

function reasonOf(error: NodeJS.ErrnoException, port: number): string {
  return error.code === 'ECONNREFUSED' ? `nothing listens on port ${port}` : `no answer on port ${port} (${error.code ?? error.message})`
}

/** Until an instance was healthy once it is looked at this often: waiting a whole interval would be most of a switch. */
const ADMISSION_MS = 25
/** So many looks in a row must fail before an instance that was healthy is not any more. */
const FAILURES = 3

export type Health = 'starting' | 'healthy' | 'unhealthy'

/**
 * Looks at one instance for as long as it runs.
 *
 * A new instance is looked at every 25 ms until it was healthy `healthyAfter` times in a row, afterwards at the
 * service's own interval.
 */
export class HealthWatch {
  readonly #stop = new AbortController()
  readonly #changed: () => void
  #health: Health
  #reason: string | undefined
  #streak = 0
  #failures = 0

  constructor(options: {
    readonly port: number
    readonly health: HealthTarget
    readonly clock: Clock
    readonly prober: Prober
    /** What is taken for granted before the first look: an instance that is found again was healthy when it was left. */
    readonly assume: 'starting' | 'healthy'
    readonly changed: () => void
  }) {
    this.#health = options.assume
    this.#changed = options.changed
    void this.#run(options)
  }

  get health(): Health {
    return this.#health
  }

  /** Why it is not healthy; undefined while it is. */
  get reason(): string | undefined {
    return this.#health === 'healthy' ? undefined : this.#reason
  }

  close(): void {
    this.#stop.abort()
  }

  async #run({ port, health, clock, prober }: { port: number; health: HealthTarget; clock: Clock; prober: Prober }): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const look = await prober(port, health, signal)
      if (signal.aborted) return
      this.#note(look, health)
      const pause = this.#health === 'starting' ? Math.min(ADMISSION_MS, health.intervalMs) : health.intervalMs
      await clock.sleep(pause, signal).catch(() => undefined)
    }
  }

  #note({ healthy, reason }: Look, { healthyAfter }: HealthTarget): void {
    const before = this.#health
    this.#streak = healthy ? this.#streak + 1 : 0
    this.#failures = healthy ? 0 : this.#failures + 1
    this.#reason = reason
    if (this.#streak >= healthyAfter) this.#health = 'healthy'
    else if (this.#health === 'healthy' && this.#failures >= FAILURES) this.#health = 'unhealthy'
    if (this.#health !== before) this.#changed()
  }
}
