import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A plane in a process of its own. */
export interface BenchPlane {
  readonly url: string
  readonly token: string
  readonly pid: number
  /** The process of its router. */
  readonly routerPid: number
  /** Milliseconds from the start of its process until it said where it listens. */
  readonly startedIn: number
  stop(): Promise<void>
}

/**
 * Starts `headgate serve` on a data folder, as a user does.
 *
 * @param headgate the command, as `publishCommand` puts it somewhere
 */
export async function startPlane(headgate: string, folder: string, env: NodeJS.ProcessEnv = process.env): Promise<BenchPlane> {
  const begun = performance.now()
  const data = join(folder, 'data')
  const words = [headgate, 'serve', '--data', data, '--port', '0', '--log', 'none', '--json']
  const home = { HOME: folder, XDG_CONFIG_HOME: join(folder, 'config'), XDG_CACHE_HOME: join(folder, 'cache') }
  const child: ChildProcess = spawn(process.execPath, words, { env: { ...env, ...home }, stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  const startedIn = performance.now() - begun
  const { url, token = '' } = JSON.parse(line.toString()) as { url: string; token?: string }
  const { pid: routerPid } = JSON.parse(readFileSync(join(data, 'router', 'router.json'), 'utf8')) as { pid: number }
  return {
    url,
    token,
    pid: child.pid ?? 0,
    routerPid,
    startedIn,
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** What a process holds of memory now, in MiB; undefined where there is no /proc. */
export function residentMemory(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
}
