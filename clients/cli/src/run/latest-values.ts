import type { Problem, Result } from '@headgate/model'
import type { Opened } from './opened.ts'

export interface LatestValuesOptions {
  /** What the program runs with. */
  readonly opened: Opened
  /** Whether an older revision is never what is meant: where neither a revision nor a tag is named. */
  readonly onlyRises: boolean
  /** Opens the environment again. */
  open(): Promise<Result<Opened>>
  /** Told of values that are given to the program. */
  given(opened: Opened): void
  /** Told of what keeps it from being opened; the program goes on. */
  degraded(reason: string): void
  /** Waits, in milliseconds. */
  pause(milliseconds: number): Promise<void>
}

/** Between two attempts to open what cannot be opened, in milliseconds, at most. */
const LONGEST_WAIT = 60_000
const FIRST_WAIT = 1_000

/**
 * The values a program runs with, and the next ones: sent together with a change, or asked for where only the change was told.
 * A change that changes no value of the program's is none.
 */
export class LatestValues {
  readonly #options: LatestValuesOptions
  #hand: Opened
  /** What the program was given last. */
  #given: Opened
  #changed = Promise.withResolvers<void>()
  /** Whether there is something to ask for, whether it is being asked for right now, and whether anybody sees to it. */
  #wanted = false
  #onTheWay = false
  #asking = false
  #closed = false

  constructor(options: LatestValuesOptions) {
    this.#options = options
    this.#hand = options.opened
    this.#given = options.opened
  }

  get revision(): number {
    return this.#hand.revision
  }

  /** The values, once they are others than the program was given last; at once, where they became so while nobody waited. */
  async next(): Promise<Opened> {
    while (sameValues(this.#hand, this.#given)) await this.#changed.promise
    return this.latest()
  }

  /** The values as they are now, for a program to be given. */
  latest(): Opened {
    if (this.#given !== this.#hand) this.#options.given(this.#hand)
    return (this.#given = this.#hand)
  }

  /** Something changed; what it is now has to be asked for. */
  look(): void {
    this.#wanted = true
    if (!this.#asking) void this.#ask()
  }

  /** It changed to these values. While an answer is on the way, nobody knows which of the two is newer, so it is asked again. */
  take(opened: Opened): void {
    const older = this.#options.onlyRises && opened.revision < this.#hand.revision
    if (this.#onTheWay || older || !isWhole(opened)) return this.look()
    // Newer than every answer there was; who waits to ask again need not.
    this.#wanted = false
    this.#put(opened)
  }

  close(): void {
    this.#closed = true
  }

  async #ask(): Promise<void> {
    this.#asking = true
    for (let failures = 0; this.#wanted && !this.#closed;) {
      this.#wanted = false
      this.#onTheWay = true
      const opened = await this.#options.open()
      this.#onTheWay = false
      if (opened.ok) {
        failures = 0
        this.#put(opened.value)
      } else {
        failures += 1
        this.#wanted = true
        this.#options.degraded(reasonOf(opened.problem))
        await this.#options.pause(waitAfter(failures))
      }
    }
    this.#asking = false
  }

  #put(opened: Opened): void {
    this.#hand = opened
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

/** What comes unasked may be of a plane that is not known here. */
function isWhole({ revision, variables, files }: Opened): boolean {
  return Number.isInteger(revision) && Array.isArray(variables) && Array.isArray(files)
}

/** Doubling to a minute, the upper half of it at random, so that many programs do not come back at once. */
function waitAfter(failures: number): number {
  return Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT) * (0.5 + Math.random() / 2)
}

function sameValues(one: Opened, other: Opened): boolean {
  return JSON.stringify([one.variables, one.files]) === JSON.stringify([other.variables, other.files])
}

function reasonOf({ code, message }: Problem): string {
  return `${code}: ${message}`
}
