import type { RouterDrainOrder, RouterDrained, RouterFence, RouterPauseOrder, RouterPutTable, RouterResumeOrder } from '@headgate/contract'
import { checkTable } from './check-table.ts'
import { Drain } from './drain.ts'
import type { RouterLog } from './log.ts'
import { RouterError, refused } from './router-error.ts'
import type { LoadedTable, StoredTable, TableFile } from './table-file.ts'
import type { Traffic } from './traffic.ts'

const HOLD_MS = 30_000
const PAUSE_MS = 300_000

/**
 * What the plane can tell the router to do. Commands that change something are carried out one after the other: checked
 * against the fence, written to disk, then put in force. When one answers, both have happened.
 */
export class Commands {
  readonly #traffic: Traffic
  readonly #file: TableFile
  readonly #log: RouterLog
  #stored: StoredTable
  #last: Promise<unknown> = Promise.resolve()

  constructor(traffic: Traffic, file: TableFile, loaded: LoadedTable, log: RouterLog) {
    this.#traffic = traffic
    this.#file = file
    this.#log = log
    this.#stored = loaded.stored
    traffic.tableLost = loaded.source === 'lost'
    if (loaded.source !== 'lost') traffic.install(loaded.stored.table)
    for (const { service, holdMs, until } of loaded.stored.pauses) this.#pauseTraffic(service, holdMs, until)
  }

  get stored(): StoredTable {
    return this.#stored
  }

  putTable(order: RouterPutTable): Promise<{ revision: number }> {
    return this.#inTurn(async () => {
      const epochs = this.#pass(order)
      const { revision } = this.#stored
      if (order.expectedRevision !== revision) {
        throw refused('stale-revision', `the table is at revision ${revision}, not ${order.expectedRevision}`, { revision })
      }
      const checked = checkTable(order.table)
      if (!checked.ok) throw new RouterError({ code: 'table-invalid', message: 'the table contradicts itself', problems: checked.problems })
      const known = new Set(checked.table.services.map((service) => service.id))
      const pauses = this.#stored.pauses.filter((pause) => known.has(pause.service))
      await this.#store({ revision: revision + 1, table: checked.table, epochs, pauses })
      this.#traffic.install(checked.table)
      this.#log.event('table', { revision: revision + 1, services: checked.table.services.length })
      return { revision: revision + 1 }
    })
  }

  async drain(order: RouterDrainOrder): Promise<RouterDrained> {
    const drains = await this.#inTurn(async () => {
      await this.#keepEpoch(order)
      return this.#beginDrains(order)
    })
    const drained = await Promise.all(drains.map((drain) => drain.done))
    this.#traffic.upstreams.sweep()
    const result = together(order.upstream, drained)
    this.#log.event('drained', { ...result })
    return result
  }

  pause(order: RouterPauseOrder): Promise<void> {
    return this.#inTurn(async () => {
      const epochs = this.#pass(order)
      this.#mustKnow(order.service)
      const pause = { service: order.service, holdMs: order.holdMs ?? HOLD_MS, until: Date.now() + (order.lastMs ?? PAUSE_MS) }
      await this.#store({ ...this.#stored, epochs, pauses: [...this.#pausesWithout(order.service), pause] })
      this.#pauseTraffic(pause.service, pause.holdMs, pause.until)
      this.#log.event('paused', { service: order.service })
    })
  }

  resume(order: RouterResumeOrder): Promise<{ released: number }> {
    return this.#inTurn(async () => {
      const epochs = this.#pass(order)
      this.#mustKnow(order.service)
      await this.#store({ ...this.#stored, epochs, pauses: this.#pausesWithout(order.service) })
      const released = this.#traffic.resume(order.service) ?? 0
      this.#log.event('resumed', { service: order.service, released })
      return { released }
    })
  }

  /** Waits for the command under way. */
  async settle(): Promise<void> {
    await this.#last
  }

  #beginDrains(order: RouterDrainOrder): Drain[] {
    const upstreams = this.#traffic.upstreams.named(order.upstream)
    if (upstreams.some((upstream) => upstream.weight > 0)) {
      throw refused('upstream-in-use', `the table gives ${order.upstream} traffic: put one without it, or with weight 0, before`)
    }
    const limits = { requestsMs: order.requestsMs, connectionsMs: order.connectionsMs, closeCode: order.closeCode ?? 1012 }
    return upstreams.map((upstream) => {
      if (!upstream.drain) return new Drain(upstream, limits)
      upstream.drain.join(limits)
      return upstream.drain
    })
  }

  #pauseTraffic(service: string, holdMs: number, until: number): void {
    this.#traffic.pause(service, holdMs, until, () => {
      this.#inTurn(async () => {
        if ((this.#traffic.table.services.get(service)?.hold?.until ?? Number.POSITIVE_INFINITY) > Date.now() + 1_000) return
        this.#traffic.resume(service)
        this.#log.event('pause-expired', { service })
        await this.#store({ ...this.#stored, pauses: this.#pausesWithout(service) })
      }).catch((error: unknown) => this.#log.fault(error))
    })
  }

  #pausesWithout(service: string): StoredTable['pauses'] {
    return this.#stored.pauses.filter((pause) => pause.service !== service)
  }

  #mustKnow(service: string): void {
    if (!this.#traffic.table.services.has(service)) throw refused('service-unknown', `the table has no service ${service}`)
  }

  /** The epochs with this command's among them, or a refusal when its owner has been replaced. */
  #pass({ epoch, scope = 'table' }: RouterFence): Readonly<Record<string, number>> {
    const seen = Object.hasOwn(this.#stored.epochs, scope) ? (this.#stored.epochs[scope] as number) : -1
    if (epoch < seen) throw refused('fenced', `epoch ${epoch} of ${scope} has been replaced by ${seen}`, { scope, epoch: seen })
    return epoch === seen ? this.#stored.epochs : { ...this.#stored.epochs, [scope]: epoch }
  }

  async #keepEpoch(fence: RouterFence): Promise<void> {
    const epochs = this.#pass(fence)
    if (epochs !== this.#stored.epochs) await this.#store({ ...this.#stored, epochs })
  }

  async #store(stored: StoredTable): Promise<void> {
    try {
      await this.#file.save(stored)
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error)
      throw refused('not-stored', `the table could not be written to disk (${reason}); the one before stays in force`, { reason })
    }
    this.#stored = stored
  }

  #inTurn<T>(command: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(command)
    this.#last = turn.catch(() => {})
    return turn
  }
}

function together(upstream: string, drained: readonly RouterDrained[]): RouterDrained {
  const sum = (of: (one: RouterDrained) => number): number => drained.reduce((total, one) => total + of(one), 0)
  return {
    upstream,
    outcome: drained.some((one) => one.outcome === 'cancelled') ? 'cancelled' : 'drained',
    requests: { finished: sum((one) => one.requests.finished), cut: sum((one) => one.requests.cut) },
    connections: {
      finished: sum((one) => one.connections.finished),
      closed: sum((one) => one.connections.closed),
      cut: sum((one) => one.connections.cut),
    },
    tookMs: Math.max(0, ...drained.map((one) => one.tookMs)),
  }
}
