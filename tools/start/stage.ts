import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Ended, StartedProcess } from '../../test/child-process.ts'

export const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const colour = process.stdout.isTTY && !process.env['NO_COLOR']
const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
export const dim = (text: string): string => paint(2, text)
export const bold = (text: string): string => paint(1, text)

interface Step {
  readonly name: string
  readonly ms: number
  readonly result: string
  readonly ok: boolean
}

/** Something counted along the way. */
export interface Counted {
  readonly name: string
  readonly value: number
  readonly ok: boolean
  readonly detail?: string
}

/**
 * Where the journey takes place: a fresh folder, the processes started in it, and what was seen. Closing it ends every
 * process and removes the folder, so nothing is left behind.
 */
export class Stage {
  readonly folder: string
  readonly #steps: Step[] = []
  readonly #counts: Counted[] = []
  readonly #cleanUps: (() => Promise<unknown>)[] = []
  #environment: NodeJS.ProcessEnv
  #closing = false

  private constructor(folder: string) {
    this.folder = folder
    // Nothing of the user's own set-up takes part: no sign-in, no cache, no key.
    const own = { XDG_CONFIG_HOME: join(folder, 'config'), XDG_CACHE_HOME: join(folder, 'cache'), XDG_STATE_HOME: join(folder, 'state') }
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HEADGATE_') && !name.startsWith('ESC_'))
    this.#environment = { ...Object.fromEntries(inherited), ...own }
  }

  static async open(): Promise<Stage> {
    return new Stage(await mkdtemp(join(tmpdir(), 'headgate-start-')))
  }

  get environment(): NodeJS.ProcessEnv {
    return this.#environment
  }

  /** What every later process of the journey has in its environment. */
  set(variables: NodeJS.ProcessEnv): void {
    this.#environment = { ...this.#environment, ...variables }
  }

  /** One step of the story: its name while it runs, then what came of it and how long it took. */
  async step<T>(name: string, work: () => Promise<{ value: T; result: string; ok?: boolean }>): Promise<T> {
    const began = performance.now()
    if (process.stdout.isTTY) process.stdout.write(dim(`… ${name}\r`))
    try {
      const { value, result, ok = true } = await work()
      this.#record({ name, ms: performance.now() - began, result, ok })
      return value
    } catch (cause) {
      this.#record({ name, ms: performance.now() - began, result: 'failed', ok: false })
      throw cause
    }
  }

  #record(step: Step): void {
    this.#steps.push(step)
    const mark = step.ok ? paint(32, '✓') : paint(31, '✗')
    process.stdout.write(`${process.stdout.isTTY ? '\u001b[2K' : ''}${mark} ${step.name}  ${dim(seconds(step.ms))}\n  ${step.result}\n`)
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  /** Runs the published command to its end. Once the stage closes, only what cleans up goes on. */
  async headgate(words: readonly string[], { cwd = this.folder, input = '', within = 60_000, cleaningUp = false } = {}): Promise<Ended> {
    if (this.#closing && !cleaningUp) return new Promise(() => undefined)
    return this.start(this.#command(words), { cwd, input, within }).ended()
  }

  /** Runs the published command and reads the one JSON document it answers with; fails with its words otherwise. */
  async headgateJson<T>(words: readonly string[], options: { cwd?: string; input?: string; cleaningUp?: boolean } = {}): Promise<T> {
    const ended = await this.headgate([...words, '--json'], options)
    if (ended.code !== 0) throw new Error(`headgate ${words.join(' ')} ended with ${ended.code}\n${ended.stderr}${ended.stdout}`)
    return JSON.parse(ended.stdout) as T
  }

  /** Starts the published command and leaves it running until the stage closes. */
  startHeadgate(words: readonly string[]): StartedProcess {
    return this.start(this.#command(words), {})
  }

  /** Starts a program; it is asked to end, and after a while made to, when the stage closes. */
  start(
    words: readonly [string, ...string[]],
    options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string; within?: number },
  ): StartedProcess {
    const started = new StartedProcess(words, {
      cwd: this.folder,
      within: 60_000,
      ...options,
      env: { ...this.#environment, ...options.env },
    })
    this.onClose(async () => {
      if (started.kill('SIGTERM')) await started.ended(15_000).catch(() => undefined)
      await started.killGroup()
    })
    return started
  }

  onClose(cleanUp: () => Promise<unknown>): void {
    this.#cleanUps.push(cleanUp)
  }

  #command(words: readonly string[]): [string, ...string[]] {
    return ['node', join(repository, 'node_modules', '.bin', 'headgate'), ...words]
  }

  count(counted: Counted): void {
    this.#counts.push(counted)
  }

  get failed(): boolean {
    return [...this.#steps, ...this.#counts].some(({ ok }) => !ok)
  }

  fail(cause: unknown): void {
    process.stderr.write(`\n${cause instanceof Error ? cause.message : String(cause)}\n`)
    this.report()
  }

  report(): void {
    const width = Math.max(...this.#steps.map(({ name }) => name.length), 0)
    const lines = this.#steps.map(({ name, ms, ok }) => `  ${ok ? '✓' : '✗'} ${name.padEnd(width)}  ${seconds(ms).padStart(8)}`)
    const total = this.#steps.reduce((sum, { ms }) => sum + ms, 0)
    const counts = this.#counts.map(({ name, value, ok, detail }) => `  ${ok ? '✓' : '✗'} ${name}: ${value}${detail ? ` (${detail})` : ''}`)
    const verdict = this.failed ? 'Not everything did what it should.' : 'Every step did what it should.'
    this.say(
      `\n${bold('Report')}\n${lines.join('\n')}\n  ${' '.repeat(width + 2)}  ${seconds(total).padStart(8)}\n${counts.length === 0 ? '' : `\n${counts.join('\n')}\n`}\n${verdict}`,
    )
  }

  signInWords(): string {
    const { HEADGATE_URL, HEADGATE_TOKEN } = this.#environment
    return `  export HEADGATE_URL=${HEADGATE_URL} HEADGATE_TOKEN=${HEADGATE_TOKEN}\n  npx headgate env ls\n\nThe page: ${HEADGATE_URL}/`
  }

  /** Resolves on the first Ctrl-C or request to end. */
  untilInterrupted(): Promise<'interrupted'> {
    return new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve('interrupted'))
    })
  }

  async close(): Promise<void> {
    this.#closing = true
    for (const cleanUp of this.#cleanUps.splice(0).toReversed()) await cleanUp().catch(() => undefined)
    await rm(this.folder, { recursive: true, force: true })
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}
