import { type ChildProcess, spawn } from 'node:child_process'
import type { TestContext } from 'node:test'

export interface StartOptions {
  readonly cwd?: string
  /** The whole environment of the child. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv
  /** Written to the child's standard input, which is then closed. Default: an empty one. */
  readonly input?: string
  /** How long each wait goes on before it fails, in milliseconds. Default 60,000. */
  readonly within?: number
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Starts a program in a process group of its own, which is killed when the test ends.
 *
 * @param words the program and its arguments; no shell reads them. `node` is the Node the tests run on.
 */
export function startProcess(context: TestContext, words: readonly [string, ...string[]], options: StartOptions = {}): StartedProcess {
  const started = new StartedProcess(words, options)
  context.after(() => started.killGroup())
  return started
}

/** Runs a program to its end and answers with what it printed; fails when it has not ended in time. */
export async function runProcess(context: TestContext, words: readonly [string, ...string[]], options: StartOptions = {}): Promise<Ended> {
  return startProcess(context, words, options).ended()
}

/** A running program and everything it has printed so far. Its waits fail with that output when their time is up. */
export class StartedProcess {
  readonly pid: number
  stdout = ''
  stderr = ''
  readonly #child: ChildProcess
  readonly #command: string
  readonly #within: number
  readonly #ended: Promise<Ended>
  readonly #waiting = new Set<() => void>()
  #over: Ended | undefined

  constructor([program, ...rest]: readonly [string, ...string[]], { cwd, env, input, within = 60_000 }: StartOptions = {}) {
    this.#command = [program, ...rest].join(' ')
    this.#within = within
    const path = program === 'node' ? process.execPath : program
    this.#child = spawn(path, rest, { detached: true, stdio: ['pipe', 'pipe', 'pipe'], ...(cwd ? { cwd } : {}), ...(env ? { env } : {}) })
    this.#ended = this.#watch()
    this.#ended.catch(() => undefined)
    this.pid = this.#child.pid ?? -1
    // A program that ends without reading its input is no mistake of the test.
    this.#child.stdin?.on('error', () => undefined)
    this.#child.stdin?.end(input ?? '')
  }

  #watch(): Promise<Ended> {
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#child[stream]?.setEncoding('utf8')
      this.#child[stream]?.on('data', (text: string) => {
        this[stream] += text
        this.#wake()
      })
    }
    return new Promise((resolve, reject) => {
      this.#child.on('error', reject)
      this.#child.on('close', (code, signal) => {
        this.#over = { code, signal, stdout: this.stdout, stderr: this.stderr }
        resolve(this.#over)
        this.#wake()
      })
    })
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look()
  }

  /** Waits until the program has ended and closed its output. */
  async ended(within = this.#within): Promise<Ended> {
    await this.#until('its end', () => this.#over, within)
    return this.#ended
  }

  /**
   * Waits for a whole line of standard output (or error) that the pattern matches, counting lines already printed.
   * Fails at once when the program ends without it.
   */
  line(pattern: RegExp, { from = 'stdout', within = this.#within }: { from?: 'stdout' | 'stderr'; within?: number } = {}): Promise<string> {
    return this.#until(
      `a line ${pattern} on ${from}`,
      () =>
        this[from]
          .split('\n')
          .slice(0, this.#over ? undefined : -1)
          .find((line) => pattern.test(line)),
      within,
    )
  }

  /** Waits for the first line of standard output that is a JSON object, and reads it. */
  async json(within = this.#within): Promise<Record<string, unknown>> {
    return JSON.parse(await this.line(/^\s*\{.*\}\s*$/, { within })) as Record<string, unknown>
  }

  /** Sends a signal to the program alone; false when it has ended. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    return this.#child.kill(signal)
  }

  /** Kills the program and every process it started in its group, and waits for its end. */
  async killGroup(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.pid === -1) return
    try {
      process.kill(-this.pid, signal)
    } catch {
      // Nobody of the group is left.
    }
    if (this.#over === undefined) await this.#ended.catch(() => undefined)
  }

  #until<T>(what: string, look: () => T | undefined, within: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        const found = look()
        if (found === undefined && this.#over === undefined) return
        stop()
        if (found !== undefined) resolve(found)
        else reject(this.#failure(`ended (${this.#over?.signal ?? `exit code ${this.#over?.code}`}) without ${what}`))
      }
      const timer = setTimeout(() => {
        stop()
        reject(this.#failure(`did not come to ${what} within ${within} ms`))
      }, within)
      const stop = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(settle)
      }
      this.#ended.catch((error: unknown) => {
        stop()
        reject(error instanceof Error ? error : new Error(String(error)))
      })
      this.#waiting.add(settle)
      settle()
    })
  }

  #failure(what: string): Error {
    return new Error(`\`${this.#command}\` ${what}\nstandard output:\n${this.stdout}\nstandard error:\n${this.stderr}`)
  }
}
