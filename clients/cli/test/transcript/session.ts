import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { runCommandLine } from '../../src/command-line.ts'
import type { World } from '../../src/world.ts'

/** What one command said, and how it ended. */
export interface Said {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What standard input gives; on a terminal, what is typed. */
  readonly input?: string
  readonly terminal?: boolean
}

/** A plane in the background of a session; the token is there on the first start only. */
export interface Plane {
  readonly url: string
  readonly token?: string
  readonly data: string
  readonly keyFile: string
  stop(): Promise<Said>
}

/** A folder and a home of its own, in which commands are run one after the other as a user would. */
export interface Session {
  readonly folder: string
  readonly env: Record<string, string>
  run(words: readonly string[], options?: CommandOptions): Promise<Said>
  /** Starts `headgate serve` in the background of this session, signs in, and returns once it is ready. */
  startPlane(): Promise<Plane>
  end(): Promise<void>
}

/** How a script inside a session calls the command: `"$NODE" "$HEADGATE" env ls`. */
const program = { NODE: process.execPath, HEADGATE: join(import.meta.dirname, '..', '..', 'bin', 'headgate.mjs') }

export async function startSession(): Promise<Session> {
  // The spaces are on purpose: every path that is not handled as one breaks on them.
  const root = await mkdtemp(join(tmpdir(), 'headgate cli '))
  const folder = join(root, 'work folder')
  const temporary = join(root, 'tmp')
  await Promise.all([mkdir(folder), mkdir(temporary)])
  const env: Record<string, string> = {
    HOME: root,
    XDG_CONFIG_HOME: join(root, 'config'),
    TMPDIR: temporary,
    PATH: process.env['PATH'] ?? '',
    ...program,
  }
  const running: { stop(): Promise<Said> }[] = []
  return {
    folder,
    env,
    run: (words, options = {}) => runOne(words, { ...options, folder, env: { ...env, ...options.env } }),
    async startPlane() {
      const plane = await startPlane(root, folder, env)
      running.push(plane)
      return plane
    },
    async end() {
      for (const plane of running) await plane.stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}

async function runOne(words: readonly string[], options: CommandOptions & { folder: string; env: Record<string, string> }): Promise<Said> {
  const captured = capture()
  const stdin = Object.assign(new PassThrough(), options.terminal ? { isTTY: true, setRawMode: () => undefined } : {})
  if (options.terminal) for (const line of (options.input ?? '').split(/(?<=\n)/)) stdin.write(line)
  else stdin.end(options.input ?? '')
  const world = worldOf(stdin, captured, options.folder, options.env)
  const exitCode = await runCommandLine(words, world)
  return { stdout: captured.stdout.text(), stderr: captured.stderr.text(), exitCode }
}

function worldOf(stdin: World['stdin'], captured: ReturnType<typeof capture>, cwd: string, env: Record<string, string>): World {
  return { stdin, stdout: captured.stdout, stderr: captured.stderr, env, cwd, onSignal: () => () => {}, handsOverTerminal: false }
}

class Collected extends Writable {
  readonly #chunks: string[] = []

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk.toString())
    this.emit('text')
    done()
  }

  text(): string {
    return this.#chunks.join('')
  }
}

function capture() {
  return { stdout: new Collected(), stderr: new Collected() }
}

async function startPlane(root: string, folder: string, env: Record<string, string>): Promise<Plane> {
  const data = join(root, 'data')
  const keyFile = join(root, 'keys', 'root.key')
  await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 })
  const captured = capture()
  let stopNow = () => {}
  const onSignal: World['onSignal'] = (_signals, listener) => {
    stopNow = () => listener('SIGTERM')
    return () => {}
  }
  const world: World = { ...worldOf(Object.assign(new PassThrough(), {}), captured, folder, env), onSignal }
  const ended = runCommandLine(['serve', '--data', data, '--key-file', keyFile, '--port', '0', '--log', 'none', '--json'], world)
  const ready = new Promise<void>((resolve) => captured.stdout.on('text', resolve))
  const early = ended.then((exitCode) => {
    throw new Error(`serve ended with ${exitCode}: ${captured.stderr.text()}`)
  })
  await Promise.race([ready, early])
  early.catch(() => {})
  const { url, token } = JSON.parse(captured.stdout.text()) as { url: string; token?: string }
  let stopped: Promise<Said> | undefined
  const stop = () => {
    stopNow()
    stopped ??= ended.then((exitCode) => ({ stdout: captured.stdout.text(), stderr: captured.stderr.text(), exitCode }))
    return stopped
  }
  return { url, data, keyFile, stop, ...(token === undefined ? {} : { token }) }
}
