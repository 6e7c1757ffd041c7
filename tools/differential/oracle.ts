import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { EVERY_KEYWORD } from '../../test/conformance/lang/providers.ts'
import type { GeneratedCase } from './generate-document.ts'

/** The release of the reference that is asked. */
export const REFERENCE = { module: 'github.com/pulumi/pulumi/sdk/v3', version: 'v3.259.0' } as const

const source = join(dirname(fileURLToPath(import.meta.url)), 'oracle', 'main.go')

/** A folder for what is built once and used again, outside the repository. */
export function cacheFolder(name: string): string {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'headgate', name)
  mkdirSync(folder, { recursive: true })
  return folder
}

/**
 * The oracle as a program, built where it is not yet; undefined on a machine without a Go toolchain.
 *
 * @throws when there is a toolchain and building fails
 */
export async function buildOracle(): Promise<string | undefined> {
  const text = readFileSync(source)
  const key = createHash('sha256').update(text).digest('hex').slice(0, 12)
  const folder = cacheFolder(`esc-oracle-${REFERENCE.version}-${key}`)
  const program = join(folder, 'oracle')
  if (existsSync(program)) return program
  if (!(await hasGo())) return undefined
  writeFileSync(join(folder, 'main.go'), text)
  writeFileSync(join(folder, 'go.mod'), 'module headgate-oracle\n\ngo 1.25\n')
  const options = { cwd: folder, env: { ...process.env, GOFLAGS: '-mod=mod' }, maxBuffer: 64 << 20 }
  await promisify(execFile)('go', ['get', `${REFERENCE.module}@${REFERENCE.version}`], options)
  await promisify(execFile)('go', ['build', '-o', 'oracle.new', '.'], options)
  renameSync(join(folder, 'oracle.new'), program)
  return program
}

export async function hasGo(): Promise<boolean> {
  try {
    await promisify(execFile)('go', ['version'])
    return true
  } catch {
    return false
  }
}

/** The running oracle. Answers come in the order of the questions; after a crash or hang it is started again. */
export class Oracle {
  readonly #program: string
  #child: ChildProcessWithoutNullStreams
  #waiting: ((line: string) => void)[] = []

  constructor(program: string) {
    this.#program = program
    this.#child = this.#start()
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn(this.#program, { env: { ...process.env, EVERY_KEYWORD: JSON.stringify(EVERY_KEYWORD), GOMAXPROCS: '1' } })
    child.stderr.resume()
    createInterface({ input: child.stdout }).on('line', (line) => this.#waiting.shift()?.(line))
    child.on('exit', () => {
      // What is not answered was lost with the process: the first question is the one that ended it.
      const [first, ...rest] = this.#waiting
      this.#waiting = []
      first?.('{"panic":"the process ended"}')
      for (const answer of rest) answer('{"lost":true}')
    })
    return child
  }

  /** What the reference makes of a case, as one line of JSON. */
  async ask(question: GeneratedCase): Promise<string> {
    const files = Object.fromEntries(Object.entries(question.files).map(([name, text]) => [name, Buffer.from(text).toString('base64')]))
    const line = JSON.stringify({ ...question, files })
    for (;;) {
      const answer = await this.#send(line)
      if (answer !== '{"lost":true}') return answer
    }
  }

  #send(line: string): Promise<string> {
    if (this.#child.exitCode !== null) this.#child = this.#start()
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#waiting.push(resolve)
    this.#child.stdin.write(`${line}\n`)
    return promise
  }

  close(): void {
    this.#waiting = []
    this.#child.kill()
  }
}
