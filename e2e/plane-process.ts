import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type TestContext } from 'node:test'
import { Secret } from '@headgate/model'
import { findRouter } from '@headgate/router'
import { type PlaneClient, createPlaneClient } from '@headgate/sdk/http'
import { type Ended, type StartedProcess, runProcess, startProcess } from '../test/child-process.ts'
import { temporaryFolder } from '../test/temporary-folder.ts'

export const repository = fileURLToPath(new URL('..', import.meta.url))
export const headgate = join(repository, 'node_modules', '.bin', 'headgate')

/** A folder a plane lives in, with nothing of the user's own set-up around it. */
export interface Home {
  readonly folder: string
  readonly data: string
  /** Whether the data folder is a small disk of its own. */
  readonly disk: boolean
  readonly environment: NodeJS.ProcessEnv
  /** The planes that were started in it. */
  readonly planes: StartedProcess[]
}

export interface RunningPlane {
  readonly url: string
  readonly router: string
  readonly token: Secret
  readonly client: PlaneClient
  readonly process: StartedProcess
  /** What every command needs to reach it. */
  readonly environment: NodeJS.ProcessEnv
}

export interface HomeOptions {
  readonly spaces?: boolean
  /** Asks for a small disk as data folder, which only some machines let a test make. */
  readonly diskBytes?: number
  /** The address of a PostgreSQL database. Default: the data folder holds the database. */
  readonly database?: Secret
}

export function makeHome(context: TestContext, { spaces = false, diskBytes, database }: HomeOptions = {}): Home {
  // Registered before the folder's removal, and so carried out before it: routers and instances outlive a plane. The
  // planes go first, because they start again what ends.
  let folder = ''
  let disk = false
  const planes: StartedProcess[] = []
  context.after(async () => {
    for (const plane of planes) await plane.killGroup()
    await stopRouter(join(folder, 'data'))
    for (const pid of processesIn(folder)) killIfThere(pid)
    if (disk) execFileSync('umount', ['-l', join(folder, 'data')])
  })
  folder = temporaryFolder(context, { spaces })
  const data = join(folder, 'data')
  disk = diskBytes !== undefined && mountDisk(data, diskBytes)
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HEADGATE_') && !name.startsWith('NODE_TEST'))
  const own = {
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_STATE_HOME: join(folder, 'state'),
    NO_COLOR: '1',
    ...(database ? { HEADGATE_DATABASE: database.reveal() } : {}),
  }
  return { folder, data, disk, environment: { ...Object.fromEntries(inherited), ...own }, planes }
}

function mountDisk(folder: string, bytes: number): boolean {
  try {
    mkdirSync(folder)
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The processes that work in a folder or below it; where the system does not tell, none. */
export function processesIn(folder: string): number[] {
  const pids = allProcesses().filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    const place = placeOf(pid)
    return place === folder || place.startsWith(folder + sep)
  })
}

function allProcesses(): string[] {
  try {
    return readdirSync('/proc')
  } catch {
    return []
  }
}

function placeOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

/** Ends a process at once, without letting it tidy up. */
export function killIfThere(pid: number): void {
  // 0 would be everybody in this process's own group, the run of the tests included.
  if (pid <= 0) throw new Error(`${pid} is no process`)
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

export async function stopRouter(data: string): Promise<void> {
  const router = await findRouter(join(data, 'router')).catch(() => undefined)
  await router?.client.stop({ graceMs: 0 })
}

/** Starts `headgate serve` as a user does. A later start of the same home is given the token of the first. */
export async function startPlane(context: TestContext, home: Home, known?: Secret): Promise<RunningPlane> {
  const words = [
    'node',
    headgate,
    'serve',
    '--data',
    home.data,
    '--key-file',
    join(home.folder, 'root.key'),
    '--port',
    '0',
    '--json',
  ] as const
  const process = startProcess(context, [...words], { cwd: home.folder, env: home.environment, within: 60_000 })
  home.planes.push(process)
  const ready = (await process.json()) as { url?: string; router: string; token?: string }
  if (ready.url === undefined) throw new Error(`the plane did not start:\n${process.stdout}${process.stderr}`)
  const token = known ?? new Secret(ready.token ?? '')
  const client = createPlaneClient({ url: ready.url, token })
  const environment = { ...home.environment, HEADGATE_URL: ready.url, HEADGATE_TOKEN: token.reveal() }
  return { url: ready.url, router: ready.router, token, client, process, environment }
}

/** Runs a `headgate` command to its end. */
export function runHeadgate(
  context: TestContext,
  plane: Pick<RunningPlane, 'environment'>,
  words: readonly string[],
  options: { cwd?: string; input?: string; within?: number } = {},
): Promise<Ended> {
  return runProcess(context, ['node', headgate, ...words], { within: 60_000, ...options, env: plane.environment })
}
