import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, stat } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, resolve } from 'node:path'
import type { RouterStatus } from '@headgate/contract'
import { Commands } from './commands.ts'
import { createControlServer } from './control-server.ts'
import { LATENCY_BOUNDS_MS } from './counters.ts'
import { lockFolder } from './folder-lock.ts'
import { RouterLog } from './log.ts'
import { ownIdentity } from './process-identity.ts'
import { refused } from './router-error.ts'
import { type RouterRecord, chooseSocketPath, ensureToken, openStateFolder, readRecord, removeSocket, writeRecord } from './state-folder.ts'
import { type LoadedTable, TableFile } from './table-file.ts'
import { createTrafficServer } from './traffic-server.ts'
import { Traffic } from './traffic.ts'

/** The version the control API reports; the package's, since both are published together. */
const VERSION = '0.1.0'
const GRACE_MS = 30_000
/** How often it is made sure that the control socket is still where the record says. */
const SOCKET_CHECK_MS = 10_000

export interface RouterOptions {
  readonly state: string
  /** 0: the port of the last run on this folder, else one the system chooses. */
  readonly port: number
  readonly host: string
  readonly forwarded: 'set' | 'append'
  /** How long requests may go on when it is told to stop. */
  readonly graceMs?: number
  readonly log?: RouterLog
}

/** A router that serves. */
export interface RunningRouter {
  readonly record: RouterRecord
  status(): RouterStatus
  /** Stops accepting, closes WebSockets with 1001 and streams of events properly, lets requests end up to the limit, then ends. */
  stop(graceMs?: number): Promise<void>
  /** Resolves when it has ended, whoever stopped it. */
  readonly ended: Promise<void>
}

/**
 * Starts a router on its folder: takes the lock, reads the table, listens where the last run listened, and opens the
 * control socket last, so whoever can command it finds it serving.
 *
 * @throws RouterError `already-running`, `port-taken`
 */
export async function runRouter(options: RouterOptions): Promise<RunningRouter> {
  const state = resolve(options.state)
  await openStateFolder(state)
  const run = randomBytes(8).toString('hex')
  const unlock = await lockFolder(state, run)
  try {
    return await new Router(state, run, options, unlock).start()
  } catch (error) {
    await unlock()
    throw error
  }
}

class Router implements RunningRouter {
  readonly ended: Promise<void>
  readonly #state: string
  readonly #options: RouterOptions
  readonly #unlock: () => Promise<void>
  readonly #log: RouterLog
  readonly #traffic: Traffic
  readonly #public: Server
  readonly #endedNow: () => void
  #control: Server | undefined
  #commands!: Commands
  #loaded!: LoadedTable
  #token = ''
  #record: RouterRecord
  #stopped: Promise<void> | undefined
  #graceEnds = Number.POSITIVE_INFINITY
  #socketCheck: NodeJS.Timeout | undefined

  constructor(state: string, run: string, options: RouterOptions, unlock: () => Promise<void>) {
    const { promise, resolve: endedNow } = Promise.withResolvers<void>()
    this.ended = promise
    this.#endedNow = endedNow
    this.#state = state
    this.#options = options
    this.#unlock = unlock
    this.#log = options.log ?? new RouterLog()
    this.#traffic = new Traffic(this.#log, { mode: options.forwarded })
    this.#public = createTrafficServer(this.#traffic)
    const startedAt = new Date().toISOString()
    this.#record = { format: 1, run, ...ownIdentity(), startedAt, host: options.host, port: options.port, control: '' }
  }

  get record(): RouterRecord {
    return this.#record
  }

  get commands(): Commands {
    return this.#commands
  }

  get token(): string {
    return this.#token
  }

  get log(): RouterLog {
    return this.#log
  }

  get stopping(): boolean {
    return this.#stopped !== undefined
  }

  async start(): Promise<this> {
    const file = new TableFile(this.#state)
    this.#loaded = await file.load()
    if (this.#loaded.damage) this.#log.event('table-damaged', { damage: this.#loaded.damage, source: this.#loaded.source })
    this.#commands = new Commands(this.#traffic, file, this.#loaded, this.#log)
    this.#token = await ensureToken(this.#state)
    const before = await readRecord(this.#state)
    try {
      await this.#listen(before)
      await this.#openControl(before)
    } catch (error) {
      this.#close()
      throw error
    }
    this.#log.event('started', { ...this.#record, revision: this.#commands.stored.revision, tableSource: this.#loaded.source })
    return this
  }

  status(): RouterStatus {
    const { run, pid, startTime, startedAt, host, port } = this.#record
    const { revision, table, epochs } = this.#commands.stored
    const paused = [...this.#traffic.table.services.values()].flatMap(({ hold }) => hold ?? [])
    return {
      ...{ run, pid, startTime, startedAt, version: VERSION, host, port, stopping: this.stopping, revision, table },
      tableSource: revision > this.#loaded.stored.revision ? 'stored' : this.#loaded.source,
      ...(this.#loaded.damage && { damage: this.#loaded.damage }),
      epochs,
      paused: paused.map(({ service, until, held }) => ({ service, until: new Date(until).toISOString(), held })),
      latencyBoundsMs: LATENCY_BOUNDS_MS,
      upstreams: this.#traffic.upstreams.statuses(),
      refusals: { ...this.#traffic.refusals },
    }
  }

  stop(graceMs = this.#options.graceMs ?? GRACE_MS): Promise<void> {
    // Told again, it hurries if that is what it was told.
    this.#graceEnds = Math.min(this.#graceEnds, performance.now() + graceMs)
    this.#stopped ??= this.#goDown()
    return this.#stopped
  }

  /** The port of an earlier run is kept: clients and whatever stands in front know it. */
  async #listen(before: RouterRecord | undefined): Promise<void> {
    const kept = this.#options.port === 0 && before ? before.port : this.#options.port
    try {
      this.#public.listen(kept, this.#options.host)
      await once(this.#public, 'listening')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EADDRINUSE') throw error
      throw refused('port-taken', `something else listens on ${this.#options.host}:${kept}`, { port: kept, host: this.#options.host })
    }
    this.#record = { ...this.#record, port: (this.#public.address() as AddressInfo).port }
  }

  async #openControl(before: RouterRecord | undefined): Promise<void> {
    if (before?.control) await removeSocket(this.#state, before.control)
    const control = await chooseSocketPath(this.#state)
    // A socket of a run that was killed before it wrote its record.
    if (dirname(control) === this.#state) await removeSocket(this.#state, control)
    const server = createControlServer(this)
    server.listen(control)
    await once(server, 'listening')
    await chmod(control, 0o600)
    this.#control = server
    this.#record = { ...this.#record, control }
    await writeRecord(this.#state, this.#record)
    this.#socketCheck = setInterval(() => void this.#checkSocket(), SOCKET_CHECK_MS)
    this.#socketCheck.unref()
  }

  /** Folders for short-lived files are swept by the system now and then; without its socket the router could not be commanded any more. */
  async #checkSocket(): Promise<void> {
    if (this.stopping || (await stat(this.#record.control).catch(() => undefined))) return
    // With its folder gone nobody can find it again. While it has something to serve it serves on; otherwise it would only lie about.
    if (!(await stat(this.#state).catch(() => undefined))) {
      if (this.#commands.stored.table.services.length === 0) await this.stop(0)
      return
    }
    this.#log.event('control-socket-missing', { control: this.#record.control })
    this.#control?.close()
    clearInterval(this.#socketCheck)
    await this.#openControl(this.#record).catch((error: unknown) => this.#log.fault(error))
  }

  async #goDown(): Promise<void> {
    this.#log.event('stopping', { graceMs: Math.round(this.#graceEnds - performance.now()) })
    this.#traffic.stopping = true
    const closed = new Promise<void>((done) => this.#public.close(() => done()))
    this.#traffic.closeConnections()
    while (performance.now() < this.#graceEnds && (this.#traffic.inFlight > 0 || this.#traffic.websockets > 0)) {
      this.#public.closeIdleConnections()
      await new Promise((tick) => setTimeout(tick, 20))
    }
    this.#close()
    // What was just cut or ended is given a moment to reach its client.
    await Promise.race([closed, new Promise((tick) => setTimeout(tick, 500))])
    this.#public.closeAllConnections()
    await this.#commands.settle()
    await removeSocket(this.#state, this.#record.control)
    await this.#unlock()
    this.#log.event('stopped')
    this.#endedNow()
  }

  #close(): void {
    clearInterval(this.#socketCheck)
    this.#traffic.close()
    this.#public.close()
    this.#public.closeIdleConnections()
    this.#control?.close()
    this.#control?.closeIdleConnections()
  }
}
