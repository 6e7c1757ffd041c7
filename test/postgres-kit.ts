import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, chownSync, constants, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { Secret } from '@headgate/model'
import { clientConfig, connect, defaultLimits } from '../plane/store/src/postgres/connect.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'

const run = promisify(execFile)

/** A PostgreSQL server of somebody else's that tests may make databases on. */
const GIVEN = process.env['HEADGATE_TEST_POSTGRES']
const DEBIAN = '/usr/lib/postgresql'

/** Why there is no PostgreSQL to test with; undefined where there is one. The same words for `leaveOut` everywhere. */
export function postgresMissing(): string | undefined {
  return GIVEN !== undefined || binaries() !== undefined ? undefined : 'no PostgreSQL: neither initdb nor HEADGATE_TEST_POSTGRES'
}

/** A new empty database for a test, by its address. The first call starts the server, which takes all of them with it. */
export async function postgresDatabase(context: TestContext): Promise<Secret> {
  const server = await postgresServer()
  const name = `headgate_test_${randomBytes(6).toString('hex')}`
  await server.query(`create database "${name}"`)
  if (GIVEN !== undefined) context.after(() => server.query(`drop database if exists "${name}" with (force)`))
  return new Secret(server.address(name))
}

/** Runs SQL in a database of `postgresDatabase`, beside whoever uses it: to tamper with it, or to end its connections. */
export async function sqlOn(address: Secret, sql: string): Promise<Record<string, unknown>[]> {
  const client = await connect({ ...clientConfig(address, 'snapshot', defaultLimits), application_name: 'a test' })
  try {
    const answered = await client.query<Record<string, unknown>>(sql)
    return [answered].flat().at(-1)?.rows ?? []
  } finally {
    await client.end()
  }
}

export interface PostgresServer {
  /** The address of one of its databases. */
  address(database: string): string
  /** Runs SQL in its own database. */
  query(sql: string): Promise<void>
}

let server: Promise<PostgresServer> | undefined

/** The server of this process, started when it is first asked for; it ends with the process, however that ends. */
export function postgresServer(): Promise<PostgresServer> {
  server ??= GIVEN === undefined ? startServer({ durable: false }) : Promise.resolve(serverAt(GIVEN))
  return server
}

export interface StartServerOptions {
  /** Whether a commit waits for the disk, as it must wherever something is kept or measured. Tests of processes need not. */
  readonly durable: boolean
}

/** Starts a private server as an unprivileged user, in a temporary folder of its own, on loopback alone. */
export async function startServer({ durable }: StartServerOptions): Promise<PostgresServer> {
  const bin = binaries()
  if (bin === undefined) throw new Error(postgresMissing())
  const user = await unprivileged()
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'headgate-pg-')))
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'headgate', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'], {
    ...user,
    cwd: folder,
  })
  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    max_connections: '200',
    wal_level: 'minimal',
    max_wal_senders: '0',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  }
  const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', folder, join(bin, 'postgres'), '-D', data, ...words], {
    ...user,
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  await once(child, 'spawn')
  letGo(child)
  process.once('exit', () => endNow(child, folder, data))
  const started = serverAt(`postgres://headgate@127.0.0.1:${port}/postgres`)
  await eventually(() => started.query('select 1').then(() => true), { within: 60_000, every: 50 })
  return started
}

/**
 * Runs the server until standard input ends, which it does when the process that holds its other end is gone, then
 * stops it at once and removes its folder.
 */
const WATCHED = `folder=$1; shift; "$@" & pid=$!; cat >/dev/null; kill -QUIT $pid; wait $pid; rm -rf "$folder"`

/** The process of the tests must not stay because the server runs. */
function letGo(child: ChildProcess): void {
  child.unref()
  ;(child.stdin as unknown as { unref(): void } | null)?.unref()
}

/**
 * Ends the server before this process is gone, so that whoever looks right afterwards finds nothing of it. The loop does
 * not turn any more then, so this waits by asking; what it cannot end, the end of standard input does.
 */
function endNow(child: ChildProcess, folder: string, data: string): void {
  const serverId = Number(readText(join(data, 'postmaster.pid')).split('\n')[0])
  if (child.pid === undefined || !(serverId > 0)) return
  process.kill(-child.pid, 'SIGQUIT')
  for (let attempt = 0; attempt < 250 && isRunning(serverId); attempt += 1) spawnSync('sleep', ['0.02'])
  rmSync(folder, { recursive: true, force: true })
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0)
  } catch {
    return false
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function serverAt(address: string): PostgresServer {
  return {
    address(database) {
      const url = new URL(address)
      url.pathname = `/${database}`
      return url.href
    },
    query: async (sql) => void (await sqlOn(new Secret(address), sql)),
  }
}

/** The folder of initdb and postgres: on the PATH, or where Debian keeps the newest. */
function binaries(): string | undefined {
  const versions = readFolder(DEBIAN)
    .filter((name) => /^\d+$/.test(name))
    .toSorted((a, b) => Number(b) - Number(a))
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...versions.map((version) => join(DEBIAN, version, 'bin'))]
  return folders.find((folder) => folder !== '' && ['initdb', 'postgres'].every((name) => isProgram(join(folder, name))))
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** PostgreSQL refuses to run as root; root lets it run as somebody else. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (userInfo().uid !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all(['-u', '-g'].map(async (which) => Number((await run('id', [which, name])).stdout))).catch(() => undefined)
    if (ids?.every(Number.isInteger)) return { uid: ids[0] as number, gid: ids[1] as number }
  }
  throw new Error('root cannot run PostgreSQL, and there is neither a user postgres nor a user nobody')
}
