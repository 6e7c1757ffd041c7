import type { Answer, ServerFrame } from '@headgate/contract'
import type { Secret } from '@headgate/model'
import { backOff } from './back-off.ts'
import { type ChangeSocket, openChangeSocket } from './change-socket.ts'
import type { JsonObject, Pinned } from './snapshot.ts'
import type { Clock } from './surroundings.ts'

/** What somebody who follows environments is asked and told. */
export interface FeedListener {
  /** What to watch, with the revision at hand. Asked at every sign-in. */
  watched(): Pinned
  /** The digest of a release's configuration that is in use, which the plane waits to hear. */
  loaded(): string | undefined
  /** Signed in and watching, for the first time or again. */
  connected(): void
  /** The environment, or something it imports, changed; or it can no longer be seen. */
  changed(): void
  /** That values are wished for with each change, and of which version. Absent where changes alone are followed. */
  wish?(): ValuesWish
  /** It changed, to these values: newer than every answer that `noteAsked` was called for, and in the order of changes. */
  opened?(answer: Answer<'openEnvironment'>): void
  /** The plane does not take the token, or what is watched. */
  refused(): void
  /** The connection ended; another is tried after so many milliseconds. */
  lost(reason: string, nextInMs: number): void
}

export interface ValuesWish {
  /** Absent for the newest revision. */
  readonly version?: string
  /** The values at hand. */
  readonly have: JsonObject
}

export interface FeedOptions {
  readonly url: string
  readonly token: Secret
  readonly clock: Clock
  readonly random: () => number
  readonly listener: FeedListener
}

/** A plane that refuses is not asked more often than this. */
const AFTER_REFUSAL_MS = 60_000

/**
 * Change notifications that outlive their connection. After each reconnect the plane is told what is known and answers
 * with what is newer, so nothing that happened in between is lost.
 */
export class ChangeFeed {
  readonly #options: FeedOptions
  #socket: ChangeSocket | undefined
  #ended: Promise<void> = Promise.resolve()
  #cancelRetry = (): void => {}
  #failures = 0
  #refused = false
  #closed = false
  #signedIn = false
  #reconnects = -1
  /** Whether the plane knows of values, and how many answers it was told of since it is connected. */
  #sendsValues = false
  #asked = 0

  constructor(options: FeedOptions) {
    this.#options = options
    this.#open()
  }

  get connected(): boolean {
    return this.#signedIn
  }

  get reconnects(): number {
    return Math.max(0, this.#reconnects)
  }

  /**
   * Tells the plane that it was asked, and has answered. What it began to send before it hears this may be older than the
   * answer, and is taken for a change alone.
   */
  noteAsked(): void {
    this.#asked += 1
    if (this.#signedIn && this.#sendsValues) this.#socket?.send({ type: 'asked', asked: this.#asked })
  }

  /** Tells the plane which configuration of a release is in use by now. */
  confirmLoaded(): void {
    const configuration = this.#options.listener.loaded()
    if (this.#signedIn && configuration !== undefined) this.#socket?.send({ type: 'loaded', configuration })
  }

  /** Afterwards no connection and no timer is left. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancelRetry()
    this.#socket?.drop()
    await this.#ended
  }

  #open(): void {
    const { url, token, clock } = this.#options
    this.#ended = new Promise((resolve) => {
      const onClose = (reason: string): void => {
        this.#onClose(reason)
        resolve()
      }
      openChangeSocket({ url, token, clock, onFrame: (frame) => this.#onFrame(frame), onClose }).then(
        (socket) => {
          this.#socket = socket
          if (this.#closed) socket.drop()
        },
        () => onClose('it cannot be opened'),
      )
    })
  }

  #onFrame(frame: ServerFrame): void {
    if (this.#closed) return
    const { listener } = this.#options
    switch (frame.type) {
      case 'ready':
        this.#failures = 0
        this.#signedIn = true
        this.#reconnects += 1
        this.#sendsValues = frame.values === true
        this.#asked = 0
        this.#watch()
        this.confirmLoaded()
        listener.connected()
        return
      case 'revision':
      case 'gone':
        listener.changed()
        return
      case 'values':
        if (listener.opened && frame.asked === this.#asked) listener.opened(frame.opened)
        else listener.changed()
        return
      case 'refused':
        this.#refused = true
        listener.refused()
    }
  }

  #watch(): void {
    const { organisation, project, environment, revision } = this.#options.listener.watched()
    const { have, ...values } = (this.#sendsValues && this.#options.listener.wish?.()) || {}
    if (have) this.#socket?.startWith(have)
    const watched = { organisation, project, environment, known: revision, ...(have ? { values } : {}) }
    this.#socket?.send({ type: 'watch', environments: [watched] })
  }

  #onClose(reason: string): void {
    this.#socket = undefined
    this.#signedIn = false
    if (this.#closed) return
    this.#failures += 1
    const { clock, random, listener } = this.#options
    const wait = this.#refused ? AFTER_REFUSAL_MS : backOff(this.#failures, random())
    this.#refused = false
    this.#cancelRetry = clock.after(wait, () => this.#open())
    listener.lost(reason, wait)
  }
}
