/**
 * Runs one test file in a process of its own and tells what became of it.
 *
 * Node's own runner waits for ever for a file that leaves something open, and takes an `exit(0)` in the middle of a
 * file for a pass. Here the file fails by name in both cases, and whatever it started is ended with it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Ended, Failed, FileMessage, LeftOut, Passed } from './messages.ts'
import { endMarked, findLeftovers, markedEnvironment } from './process-trace.ts'

export interface FileLimits {
  /** Longest a single test may take, unless it names its own `timeout`. */
  readonly testMilliseconds: number
  /** Longest the whole file may take. */
  readonly fileMilliseconds: number
  /** How long a process may live on, silent and with no test running, before it counts as held open. */
  readonly idleMilliseconds: number
}

export interface FileOutcome {
  readonly file: string
  readonly passed: readonly Passed[]
  readonly failed: readonly Failed[]
  readonly leftOut: readonly LeftOut[]
  readonly milliseconds: number
  /** Standard output and error, as they came. */
  readonly output: string
}

/** The process of each file that runs now, by its mark, so that an interrupted run leaves nothing behind. */
const living = new Map<string, number>()

export function endAllTestProcesses(): void {
  for (const [mark, pid] of living) endMarked(mark, pid)
}

/**
 * @param file path of the test file, absolute
 * @param environment what the tests find in `process.env`
 */
export async function runTestFile(file: string, limits: FileLimits, environment: NodeJS.ProcessEnv): Promise<FileOutcome> {
  const mark = randomUUID()
  const run = new FileRun(file)
  const started = performance.now()
  const child = fork(join(import.meta.dirname, 'run-file.ts'), [file, String(limits.testMilliseconds)], {
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    env: { ...environment, ...markedEnvironment(mark) },
  })
  if (child.pid !== undefined) living.set(mark, child.pid)
  collectOutput(child, run)
  child.on('message', (message) => run.take(message as FileMessage))
  const watch = setInterval(() => run.watch(child, limits, performance.now() - started), 100)
  const { code, signal } = await exited(child)
  clearInterval(watch)
  run.close(code, signal)
  if (child.pid !== undefined) await endLeftovers(mark, child.pid, run)
  return { file, ...run.counts, milliseconds: performance.now() - started, output: run.output }
}

/** What is known of a file while it runs. */
class FileRun {
  readonly counts = { passed: [] as Passed[], failed: [] as Failed[], leftOut: [] as LeftOut[] }
  output = ''
  readonly #file: string
  /** The tests and suites that have started and not ended, outermost first. Tests may run side by side. */
  readonly #running: { name: string; nesting: number }[] = []
  readonly #remarks: string[] = []
  #lastWord = performance.now()
  #anythingEnded = false
  #done = false
  #killedFor: string | undefined
  #open: readonly string[] | undefined

  constructor(file: string) {
    this.#file = file
  }

  take(message: FileMessage): void {
    if (message.type === 'open') {
      this.#open = message.resources
      return
    }
    this.#lastWord = performance.now()
    if (message.type === 'started') this.#running.push(message)
    else if (message.type === 'ended') this.#end(message)
    else if (message.type === 'passed') this.counts.passed.push(message)
    else if (message.type === 'failed') this.counts.failed.push(message)
    else if (message.type === 'left out') this.counts.leftOut.push(message)
    else if (message.type === 'remark') this.#remarks.push(message.text)
    else this.#done = true
  }

  #end({ name, nesting }: Ended): void {
    this.#anythingEnded = true
    const index = this.#running.findIndex((test) => test.name === name && test.nesting === nesting)
    if (index >= 0) this.#running.splice(index, 1)
  }

  /** Ends a process that takes too long. One that is merely held open is asked first what by. */
  watch(child: ChildProcess, limits: FileLimits, elapsed: number): void {
    const silent = performance.now() - this.#lastWord
    const idle = this.#done || (this.#anythingEnded && this.#running.length === 0)
    if (elapsed > limits.fileMilliseconds) {
      this.#kill(child, `still running after ${limits.fileMilliseconds / 1000} s, in ${this.#runningNames()}`)
    } else if (idle && silent > limits.idleMilliseconds) {
      if (this.#open === undefined && silent < limits.idleMilliseconds + 1000) child.send({}, () => undefined)
      else this.#kill(child, `its tests ended, but something keeps the process open: ${this.#openNames()}`)
    }
  }

  #kill(child: ChildProcess, reason: string): void {
    this.#killedFor ??= reason
    child.kill('SIGKILL')
  }

  #runningNames(): string {
    return this.#running.length === 0 ? 'its top level' : this.#running.map(({ name }) => `"${name}"`).join(' > ')
  }

  /** The two pipes are the process's own output and channel. */
  #openNames(): string {
    const names = (this.#open ?? []).filter((name) => name !== 'PipeWrap')
    return names.length === 0 ? 'a child process or a pipe to one' : names.join(', ')
  }

  /** Turns the process's end into a failure unless it ended as a finished file does. */
  close(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#killedFor !== undefined) this.fail(this.#killedFor)
    else if (signal !== null) this.fail(`its process was ended by ${signal}, in ${this.#runningNames()}`)
    else if (!this.#done) this.fail(`its process ended with exit code ${code} before its tests did, in ${this.#runningNames()}`)
    else if (code !== 0 && this.counts.failed.length === 0)
      this.fail(this.#remarks.join('\n') || `its process ended with exit code ${code}`)
    else if (this.counts.passed.length + this.counts.failed.length + this.counts.leftOut.length === 0) this.fail('it holds no test')
  }

  fail(error: string): void {
    this.counts.failed.push({ type: 'failed', name: this.#file, milliseconds: 0, error })
  }
}

function collectOutput(child: ChildProcess, run: FileRun): void {
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => (run.output += text))
  }
}

/** Resolves when the process has ended. What it left behind may hold its pipes open; they are not waited for. */
function exited(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => setImmediate(resolve, { code, signal }))
  })
}

async function endLeftovers(mark: string, pid: number, run: FileRun): Promise<void> {
  living.delete(mark)
  if (run.counts.failed.length === 0) {
    const left = await findLeftovers(mark, pid)
    if (left.length > 0) run.fail(`it left processes behind (ended now):\n${left.join('\n')}`)
  }
  endMarked(mark, pid)
}
