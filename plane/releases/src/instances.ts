import { type InstanceState, type Release, type ReleaseTarget, type Result, type Secret, type ServiceTarget, ok } from '@headgate/model'
import { type InstanceRow, type Fields, insert, update } from '@headgate/store'
import type { Write } from '@headgate/model'
import { explainExit, explainIllness } from './explain.ts'
import { enter } from './journal.ts'
import type { TargetLease } from './lease.ts'
import { HealthWatch } from './probe.ts'
import { freePort, isFree } from './process/free-port.ts'
import type { ProcessIdentity } from './process/process-table.ts'
import type { Surroundings } from './surroundings.ts'
import type { TrafficInstance } from './traffic.ts'

/** What an instance is started from. */
export interface InstancePlan {
  readonly release: Release
  readonly service: ServiceTarget
}

/** An instance that is meant to run, and what is known of its process. */
export interface KeptInstance {
  row: InstanceRow
  /** Follows the row when another release takes the instance over. */
  plan: InstancePlan
  process?: ProcessIdentity
  watch?: HealthWatch
  /** Why it has no process; absent while it has one. */
  gone?: string
  /** Why its process is being ended, where that is this plane's doing. */
  ending?: string
  /** It is being stopped for good, so nothing of it is started any more. */
  leaving?: true
  /** Values to keep out of messages, only while it is new: afterwards nobody quotes its output. */
  secrets?: readonly Secret[]
}

/** Why an instance has no process, from the moment that is noticed until it is found out. */
export const UNEXPLAINED = 'its process ended'
/** Why an instance that another node ran, or nobody yet, has no process. Whoever listens at its port here is somebody else. */
const NOT_HERE = 'it was never started here'
/** So many ended instances of a target keep their logs; of those before, so many are looked at each time. */
const REMEMBERED = 20
const FORGOTTEN = 60
/** A start that finds its port taken is repeated with another so often. */
const PORTS_TRIED = 3

/**
 * The instances of one target that are meant to run: their processes, their health, and their rows.
 *
 * It starts and stops what it is told to, notices what ends or falls ill by itself, and tells `changed` of it; what
 * follows from that others decide.
 */
export class TargetInstances {
  readonly #surroundings: Surroundings
  readonly #target: ReleaseTarget
  readonly #lease: TargetLease
  readonly #changed: (instance: KeptInstance) => void
  readonly #kept = new Map<string, KeptInstance>()
  readonly #stopListening: () => void
  readonly #turns = new Map<string, Promise<unknown>>()
  #closed = false

  constructor(surroundings: Surroundings, target: ReleaseTarget, lease: TargetLease, changed: (instance: KeptInstance) => void) {
    this.#surroundings = surroundings
    this.#target = target
    this.#lease = lease
    this.#changed = changed
    this.#stopListening = surroundings.driver.onExit(({ id, attempt }) => {
      const kept = this.#kept.get(id)
      if (kept?.row.attempt === attempt) void this.#ended(kept)
    })
  }

  list(): readonly KeptInstance[] {
    return [...this.#kept.values()]
  }

  get(id: string): KeptInstance | undefined {
    return this.#kept.get(id)
  }

  of(service: string): readonly KeptInstance[] {
    return this.list().filter((instance) => instance.row.service === service)
  }

  /** As the router is told of them. One that has no process is not healthy. */
  routable(): readonly TrafficInstance[] {
    return this.list()
      .filter(({ row, gone }) => row.state !== 'draining' && gone !== NOT_HERE)
      .map((instance) => ({ ...trafficFields(instance.row), healthy: isHealthy(instance) }))
  }

  /** Finds an instance of an earlier plane again. Its process may have ended meanwhile, which `changed` is told. */
  async adopt(row: InstanceRow, plan: InstancePlan): Promise<KeptInstance> {
    const kept: KeptInstance = { row, plan }
    this.#kept.set(row.id, kept)
    const found = await this.#surroundings.driver.find({ id: row.id, attempt: row.attempt })
    if (found.state === 'running') {
      kept.process = found.process
      this.#watch(kept, row.state === 'starting' ? 'starting' : 'healthy')
    } else {
      kept.gone = found.state === 'unclaimed' ? NOT_HERE : 'it ended while the plane was away'
    }
    return kept
  }

  /** Writes down instances that are about to be started. Those that are there already stay as they are. */
  async register(
    plans: readonly { readonly id: string; readonly plan: InstancePlan; readonly code: string; readonly configuration: string }[],
  ): Promise<Result<void>> {
    const fresh = plans.filter(({ id }) => !this.#kept.has(id))
    const rows: Fields<InstanceRow>[] = []
    const ports = new Set(this.list().map(({ row }) => row.port))
    for (const { id, plan, code, configuration } of fresh) {
      const port = await freePort(ports)
      ports.add(port)
      rows.push(this.#newRow(id, plan, { code, configuration, port }))
    }
    if (rows.length === 0) return ok(undefined)
    const entered = await this.#enter(
      'instance.create',
      rows.map((row) => insert('instances', row)),
      { instances: rows.map(({ id }) => id) },
    )
    if (!entered.ok) return entered
    for (const [index, row] of rows.entries()) {
      const plan = fresh[index]?.plan
      if (plan)
        this.#kept.set(row.id, {
          row: { ...row, change: entered.value.change, mac: new Uint8Array() },
          plan,
          gone: 'it is not started yet',
        })
    }
    return ok(undefined)
  }

  #newRow(
    id: string,
    { release, service }: InstancePlan,
    fields: { code: string; configuration: string; port: number },
  ): Fields<InstanceRow> {
    return {
      id,
      organisation: this.#surroundings.organisation.id,
      ...this.#target,
      service: service.name,
      release: release.id,
      ...fields,
      state: 'starting',
      attempt: 1,
      started_at: this.#surroundings.clock.now(),
      ended_at: null,
      detail: null,
    }
  }

  /** Starts the process of an instance, or finds it started. The configuration is opened anew for it. */
  bring(kept: KeptInstance): Promise<Result<void>> {
    return this.#inTurn(kept, () => this.#bring(kept))
  }

  async #bring(kept: KeptInstance): Promise<Result<void>> {
    if (kept.leaving || (kept.process && !kept.gone)) return ok(undefined)
    const { configuration, artifacts, driver } = this.#surroundings
    const { row, plan } = kept
    const folder = await artifacts.place(plan.service.artifact)
    if (!folder.ok) return folder
    const instance = { id: row.id, target: this.#target, service: row.service, release: row.release }
    const admitted = await configuration.admit({ instance, frozen: plan.release.content.configuration })
    if (!admitted.ok) return admitted
    const { variables, files } = admitted.value
    const { run, limits } = plan.service
    const order = { id: row.id, attempt: row.attempt, folder: folder.value, run, port: row.port, variables, files, limits }
    const started = await driver.start(order, this.#lease.command)
    if (!started.ok) return started
    kept.process = started.value
    kept.secrets = [...Object.values(variables), ...Object.values(files)].filter((value) => typeof value !== 'string')
    delete kept.gone
    this.#watch(kept, 'starting')
    // It may have ended before anybody listened for that.
    if (driver.exitOf(row)) void this.#ended(kept)
    return ok(undefined)
  }

  /** Gives an instance a new process in place of one that ended. What the old one left in its session goes first. */
  restart(kept: KeptInstance, reason: string): Promise<Result<void>> {
    return this.#inTurn(kept, () => this.#restart(kept, reason))
  }

  async #restart(kept: KeptInstance, reason: string): Promise<Result<void>> {
    if (kept.leaving || kept.row.state === 'draining') return ok(undefined)
    await this.#surroundings.driver.stop(kept.row, 0, this.#lease.command)
    const port = (await isFree(kept.row.port)) ? kept.row.port : await freePort(new Set(this.list().map(({ row }) => row.port)))
    const set = { attempt: kept.row.attempt + 1, port, detail: reason }
    const written = await this.write('instance.restart', [[kept, set]], { instance: kept.row.id, reason })
    return written.ok ? this.#bring(kept) : written
  }

  /**
   * One after the other for each instance: a start that is under way is over before the instance is stopped, and none
   * begins after that. Otherwise a process could come up that nobody knows.
   */
  #inTurn<T>({ row }: KeptInstance, act: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(row.id) ?? Promise.resolve()).then(act)
    const settled = turn.catch(() => undefined)
    this.#turns.set(row.id, settled)
    void settled.then(() => {
      if (this.#turns.get(row.id) === settled) this.#turns.delete(row.id)
    })
    return turn
  }

  /** Changes rows, in memory only once the change is on disk. */
  async write(
    action: string,
    changes: readonly (readonly [KeptInstance, Partial<Fields<InstanceRow>>])[],
    details: Record<string, string | number>,
  ): Promise<Result<void>> {
    const entered = await this.#enter(
      action,
      changes.map(([kept, set]) => update('instances', kept.row, set)),
      details,
    )
    if (!entered.ok) return entered
    for (const [kept, set] of changes) kept.row = { ...kept.row, ...set, change: entered.value.change }
    return ok(undefined)
  }

  /** Stops everything of instances and lets go of them. They are given no traffic any more. */
  async stop(
    stopped: readonly KeptInstance[],
    { state, detail, signal }: { state: InstanceState & ('stopped' | 'failed'); detail: string; signal: AbortSignal },
  ): Promise<Result<void>> {
    const { driver, configuration, clock } = this.#surroundings
    await Promise.all(
      stopped.map((kept) => {
        kept.leaving = true
        return this.#inTurn(kept, () => {
          kept.watch?.close()
          return driver.stop(kept.row, kept.plan.service.drain.requestsMs, this.#lease.command, signal)
        })
      }),
    )
    const ended = { state, ended_at: clock.now(), detail }
    const written = await this.write(
      'instance.stop',
      stopped.map((kept) => [kept, ended]),
      { instances: stopped.map(({ row }) => row.id).join(' ') },
    )
    if (!written.ok) return written
    for (const { row } of stopped) {
      this.#kept.delete(row.id)
      const instance = { id: row.id, target: this.#target, service: row.service, release: row.release }
      await configuration.dismiss({ instance }).catch((error: unknown) => {
        this.#surroundings.log({ event: 'token not ended', instance: row.id, reason: String(error) })
      })
    }
    return ok(undefined)
  }

  /** Removes what is left of instances that ended long ago: their logs and claims. */
  async forgetOld(): Promise<void> {
    const { store, organisation, driver } = this.#surroundings
    const ended = await store.instances.ended(organisation.id, this.#target, FORGOTTEN)
    for (const { id } of ended.slice(REMEMBERED)) await driver.forget(id)
  }

  /** Watches nobody any more; every process runs on. */
  close(): void {
    this.#closed = true
    this.#stopListening()
    for (const { watch } of this.#kept.values()) watch?.close()
  }

  /** Looks whether the processes that other planes started are still there. */
  async lookForEnded(): Promise<void> {
    for (const kept of this.list()) {
      if (kept.gone !== undefined || !kept.process) continue
      const found = await this.#surroundings.driver.find(kept.row)
      if (found.state === 'gone') await this.#ended(kept)
    }
  }

  /** Why an instance that is not healthy is not, for people. */
  async explain(kept: KeptInstance): Promise<string> {
    if (kept.gone !== undefined) return kept.gone
    return explainIllness(kept, this.#surroundings.driver.folderOf(kept.row.id))
  }

  #watch(kept: KeptInstance, assume: 'starting' | 'healthy'): void {
    const { clock, prober } = this.#surroundings
    kept.watch?.close()
    if (this.#closed) return
    kept.watch = new HealthWatch({
      port: kept.row.port,
      health: kept.plan.service.health,
      clock,
      prober,
      assume,
      changed: () => {
        if (kept.watch?.health === 'healthy') delete kept.secrets
        this.#changed(kept)
      },
    })
  }

  async #ended(kept: KeptInstance): Promise<void> {
    if (kept.gone !== undefined) return
    const { driver } = this.#surroundings
    // Set before anything is awaited, so that it is noticed once.
    kept.gone = UNEXPLAINED
    kept.watch?.close()
    if (await this.#anotherPort(kept)) return
    kept.gone = kept.ending ?? (await explainExit(kept, driver.exitOf(kept.row), driver.folderOf(kept.row.id)))
    delete kept.ending
    this.#changed(kept)
  }

  /** A new instance whose port somebody took before it could is started again on another. */
  async #anotherPort(kept: KeptInstance): Promise<boolean> {
    if (kept.row.state !== 'starting' || kept.row.attempt >= PORTS_TRIED || (await isFree(kept.row.port))) return false
    const restarted = await this.restart(kept, `port ${kept.row.port} was taken`).catch(() => undefined)
    return restarted?.ok === true
  }

  #enter(action: string, writes: readonly Write[], details: Record<string, string | number | readonly string[]>) {
    return enter(this.#surroundings, { target: this.#target, lease: this.#lease, action, writes, details })
  }
}

export function isHealthy({ gone, watch }: KeptInstance): boolean {
  return gone === undefined && watch?.health === 'healthy'
}

function trafficFields({ id, attempt, service, release, port }: InstanceRow): Omit<TrafficInstance, 'healthy'> {
  return { id, attempt, service, release, port }
}
