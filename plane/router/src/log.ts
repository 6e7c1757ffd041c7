import { writeSync } from 'node:fs'
import type { Upstream } from './upstream.ts'

/** Failures written per second; more are only counted. */
const FAILURES_PER_SECOND = 20

/**
 * One JSON object a line. Never a query string and never a header: those carry what people think is private. A line
 * that cannot be written (a full disk, a closed pipe) is lost; traffic goes on.
 */
export class RouterLog {
  readonly #write: (line: string) => void
  #second = 0
  #written = 0
  #suppressed = 0

  constructor(write: (line: string) => void = toStandardError) {
    this.#write = write
  }

  event(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`)
  }

  /** An attempt that went wrong at an upstream. */
  failure(reason: string, upstream: Upstream, request: { readonly method: string; readonly path: string }, error?: Error): void {
    if (!this.#mayWrite()) return
    this.event('failure', {
      reason,
      service: upstream.service,
      release: upstream.release,
      upstream: upstream.id,
      method: request.method,
      path: request.path.split('?', 1)[0],
      ...(error && { code: (error as NodeJS.ErrnoException).code ?? error.name, error: error.message }),
    })
  }

  /** A bug of the router's own. */
  fault(error: unknown): void {
    if (this.#mayWrite()) this.event('fault', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }

  #mayWrite(): boolean {
    const second = Math.trunc(performance.now() / 1_000)
    if (second !== this.#second) {
      if (this.#suppressed > 0) this.event('suppressed', { lines: this.#suppressed })
      this.#second = second
      this.#written = 0
      this.#suppressed = 0
    }
    this.#written += 1
    if (this.#written <= FAILURES_PER_SECOND) return true
    this.#suppressed += 1
    return false
  }
}

function toStandardError(line: string): void {
  try {
    writeSync(2, line)
  } catch {
    // See above: a log is never worth a request.
  }
}
