import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ClientFrame, LARGEST_VALUES, type ServerFrame } from '@headgate/contract'
import { type EnvironmentName, type Result, fullName, ok } from '@headgate/model'
import type { Caller, RequestOrigin, RunningPlane } from '../plane.ts'
import { type FollowedEnvironment, openForFollowers } from './open-for-followers.ts'
import type { Watching } from './watching.ts'

/** A program at the other end of a socket. */
export interface Follower {
  readonly origin: RequestOrigin
  /** How many answers to openings of its own it says to have had since the socket is open. */
  asked(): number
  tell(frame: ServerFrame): void
  /** Sends a frame of values. False where the program is behind with reading: then nothing was sent. */
  deliver(frame: Uint8Array): boolean
}

type Watched = Extract<ClientFrame, { type: 'watch' }>['environments']
/** What is told where the values cannot be sent; the program opens them by itself then. */
type Notice = Extract<ServerFrame, { type: 'revision' }>

/** A follower's interest in the values of one environment. */
interface Wish {
  readonly followed: FollowedEnvironment
  readonly follower: Follower
  /** The socket is closed, or what it follows was taken from it: nothing may be sent any more. */
  over: boolean
}

/** Everybody to whom the same is sent: what it is evaluated for is one token, so it never goes to somebody else. */
interface Lane {
  readonly followed: FollowedEnvironment
  readonly waiting: Map<Wish, Notice>
}

interface Due {
  readonly wish: Wish
  readonly notice: Notice
  readonly asked: number
}

/** Frames sent in one turn of the event loop. */
const IN_ONE_TURN = 250

/**
 * Sends what a change comes to with its notice, to whoever wished for it, so that a thousand programs need not call back.
 * It is opened once for all that follow it by one token, and each round begins after the change it is for: a change that
 * comes while one is under way makes another round. What cannot be opened, recorded or sent goes as the notice alone.
 */
export class ValueDeliveries {
  readonly #plane: RunningPlane
  readonly #lanes = new Map<string, Lane>()

  constructor(plane: RunningPlane) {
    this.#plane = plane
  }

  /** Lists what a caller watches, as `watchEnvironments` does, and sends values where they are wished for. */
  async watch(watching: Watching, caller: Caller, watched: Watched, follower: Follower): Promise<Result<() => void>> {
    const wishes = new Map<string, Wish>()
    for (const { organisation, project, environment, values } of watched) {
      if (!values) continue
      const name = { organisation, project, environment }
      wishes.set(fullName(name), { followed: { token: caller.token.id, name, version: values.version }, follower, over: false })
    }
    let live = false
    const stop = await watching.watchEnvironments(caller, watched, (frame) => {
      const wish = 'environment' in frame ? wishes.get(fullName(frame)) : undefined
      if (wish) wish.over = frame.type === 'gone'
      // What is told before the watch is live was missed: a fleet that comes back asks at its own pace.
      if (wish && frame.type === 'revision' && live) this.#put(wish, frame)
      else follower.tell(frame)
    })
    if (!stop.ok) return stop
    live = true
    return ok(() => {
      for (const wish of wishes.values()) wish.over = true
      stop.value()
    })
  }

  #put(wish: Wish, notice: Notice): void {
    const { token, name, version } = wish.followed
    const key = JSON.stringify([token, fullName(name), version])
    const running = this.#lanes.get(key)
    const lane = running ?? { followed: wish.followed, waiting: new Map() }
    lane.waiting.set(wish, notice)
    if (running) return
    this.#lanes.set(key, lane)
    void this.#work(key, lane)
  }

  async #work(key: string, lane: Lane): Promise<void> {
    // Whoever else is told of the same change is told before this goes on.
    await Promise.resolve()
    while (lane.waiting.size > 0) {
      const due = [...lane.waiting].map(([wish, notice]): Due => ({ wish, notice, asked: wish.follower.asked() }))
      lane.waiting.clear()
      await deliverRound(this.#plane, lane.followed, due)
    }
    this.#lanes.delete(key)
  }
}

async function deliverRound(plane: RunningPlane, followed: FollowedEnvironment, due: readonly Due[]): Promise<void> {
  const reached = new Set<Wish>()
  try {
    const opening = await openForFollowers(plane, followed)
    if (opening && Buffer.byteLength(opening.answer.json) <= LARGEST_VALUES) {
      const wanting = due.filter(({ wish }) => !wish.over)
      const recorded = await opening.record(wanting.map(({ wish }) => wish.follower.origin))
      const { json } = opening.answer
      await send(
        wanting.filter(({ wish }) => recorded.has(wish.follower.origin)),
        json,
        reached,
      )
    }
  } catch {
    // Who is told of the change alone asks, and hears from the answer what is the matter.
  }
  for (const { wish, notice } of due) if (!reached.has(wish) && !wish.over) wish.follower.tell(notice)
}

/** The same bytes go to all who have asked equally often, which is nearly everybody. */
async function send(due: readonly Due[], json: string, reached: Set<Wish>): Promise<void> {
  const frames = new Map<number, Uint8Array>()
  for (const [n, { wish, asked }] of due.entries()) {
    if (n > 0 && n % IN_ONE_TURN === 0) await nextTurn()
    // Whose rights went meanwhile gets nothing.
    if (wish.over) continue
    const frame = frames.get(asked) ?? frameOf(wish.followed.name, asked, json)
    frames.set(asked, frame)
    if (wish.follower.deliver(frame)) reached.add(wish)
  }
}

/** A frame of values, around an answer that is JSON already. */
function frameOf({ organisation, project, environment }: EnvironmentName, asked: number, json: string): Uint8Array {
  const head = JSON.stringify({ type: 'values', organisation, project, environment, asked })
  return Buffer.from(`${head.slice(0, -1)},"opened":${json}}`)
}
