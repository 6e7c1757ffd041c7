import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const headgate = join(dirname(dirname(import.meta.dirname)), 'clients', 'cli', 'bin', 'headgate.mjs')

/** A plane in a process of its own. */
export interface BenchPlane {
  readonly url: string
  readonly token: string
  readonly pid: number
  /** Milliseconds from the start of its process until it said where it listens. */
  readonly startedIn: number
  /** What its process holds of memory now, in megabytes; undefined where there is no /proc. */
  memory(): number | undefined
  stop(): Promise<void>
}

/** Starts `headgate serve` on a data folder, as a user does. */
export async function startPlane(folder: string, env: NodeJS.ProcessEnv = process.env): Promise<BenchPlane> {
  const begun = performance.now()
  const words = [headgate, 'serve', '--data', join(folder, 'data'), '--port', '0', '--log', 'none', '--json']
  const home = { HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') }
  const child: ChildProcess = spawn(process.execPath, words, { env: { ...env, ...home }, stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  const startedIn = performance.now() - begun
  const { url, token = '' } = JSON.parse(line.toString()) as { url: string; token?: string }
  const pid = child.pid ?? 0
  return {
    url,
    token,
    pid,
    startedIn,
    memory: () => residentMegabytes(pid),
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

function residentMegabytes(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
}
