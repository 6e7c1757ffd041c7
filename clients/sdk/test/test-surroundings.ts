import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Configuration } from '../src/configuration.ts'
import { connect } from '../src/connect.ts'
import type { Notice } from '../src/report.ts'
import type { ConnectOptions } from '../src/settings.ts'
import type { JsonObject } from '../src/snapshot.ts'
import { type Clock, type Surroundings, systemClock } from '../src/surroundings.ts'
import { PlaneDouble } from './plane-double.ts'

/** A token no other test has, and none that could open anything. */
export function freshToken(): string {
  return `fake-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`
}

/** A clock that stands still until it is told otherwise. Pauses end at once. */
export class ManualClock implements Clock {
  #now = Date.now()
  #waiting: { at: number; run: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(milliseconds: number, run: () => void): () => void {
    const entry = { at: this.#now + milliseconds, run }
    this.#waiting.push(entry)
    return () => (this.#waiting = this.#waiting.filter((other) => other !== entry))
  }

  async pause(): Promise<void> {}

  advance(milliseconds: number): void {
    this.#now += milliseconds
    const due = this.#waiting.filter(({ at }) => at <= this.#now)
    this.#waiting = this.#waiting.filter(({ at }) => at > this.#now)
    for (const { run } of due) run()
  }

  /** How far away the timers are, in milliseconds. */
  get timers(): number[] {
    return this.#waiting.map(({ at }) => at - this.#now).toSorted((left, right) => left - right)
  }
}

/** Real time with its waits a hundred times shorter. */
export const hastyClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, run) => systemClock.after(milliseconds / 100, run),
  pause: (milliseconds) => systemClock.pause(milliseconds / 100),
}

export interface World {
  readonly home: string
  readonly plane: PlaneDouble
  readonly token: string
  readonly notices: Notice[]
  readonly surroundings: Surroundings
  /** Connects to the world's plane, as `shop/dev` unless the options say otherwise; closed when the test ends. */
  connect<T = JsonObject>(options?: ConnectOptions<T>, changed?: Partial<Surroundings>): Promise<Configuration<T>>
  codes(): string[]
  /** Runs something when the test ends, before the plane and the folder go. */
  atEnd(run: () => Promise<unknown>): void
}

/** A plane, a home folder and a clock for one test; gone when it ends. */
export async function createWorld(t: TestContext, clock: Clock = hastyClock): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), 'headgate-sdk-'))
  const token = freshToken()
  const plane = await PlaneDouble.start([token])
  const notices: Notice[] = []
  const open: Configuration<unknown>[] = []
  const ending: (() => Promise<unknown>)[] = []
  // In hasty time the net below the socket would hide what the socket loses.
  const ttl = clock === hastyClock ? { ttlMs: 36_000_000 } : {}
  const surroundings: Surroundings = { env: {}, home, folder: home, clock, random: Math.random }
  t.after(async () => {
    for (const run of ending) await run()
    for (const config of open) await config.close()
    await plane.close()
    await rm(home, { recursive: true, force: true })
  })
  return {
    home,
    plane,
    token,
    notices,
    surroundings,
    async connect<T = JsonObject>(options: ConnectOptions<T> = {}, changed: Partial<Surroundings> = {}) {
      const report = (notice: Notice): void => void notices.push(notice)
      const given: ConnectOptions<T> = { url: plane.url, token, environment: 'shop/dev', report, ...ttl, ...options }
      const config = await connect<T>(given, { ...surroundings, ...changed })
      open.push(config)
      return config
    },
    codes: () => notices.map(({ code }) => code),
    atEnd: (run) => void ending.push(run),
  }
}

/** Waits until something holds, looking every few milliseconds; fails loudly after a while. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 2_500; tries += 1) {
    if (holds()) return
    await systemClock.pause(2)
  }
  throw new Error(`waited in vain until ${what}`)
}
