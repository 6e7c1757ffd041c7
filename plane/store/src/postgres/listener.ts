import { setTimeout as sleep } from 'node:timers/promises'
import type { CommitNotice, EnvironmentId, Row } from '@headgate/model'
import type pg from 'pg'
import { tables } from '../schema/registry.ts'
import { type Lost, end } from './connect.ts'
import { type Channel, type Message, readMessage } from './notices.ts'

export interface ListenerOptions {
  /** A client for listening; `lost` is called when it is gone. */
  readonly connect: (lost: Lost) => Promise<pg.Client>
  readonly channel: Channel
}

export interface Listener {
  on(listener: (notice: CommitNotice) => void): () => void
  close(): Promise<void>
}

/** Between two attempts to get a connection back: the first, and the longest; in milliseconds. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 2_000
/** How often the connection is asked whether it is still one, and how long it may take to say so; in milliseconds. */
const PULSE = 15_000
const PULSE_ANSWER = 5_000

/** A connection that listens, for as long as it does. */
interface Line {
  readonly client: pg.Client
  /** Resolves when it is of no more use, for whatever reason. */
  readonly gone: Promise<void>
  hangUp(): void
}

/**
 * Hears of the commits of other processes. A client that lost its connection stays deaf, so a new one takes its place;
 * what was committed meanwhile is read from the tables and told as one notice.
 */
export async function listenForCommits({ connect, channel }: ListenerOptions): Promise<Listener> {
  const listeners = new Set<(notice: CommitNotice) => void>()
  const closing = new AbortController()
  /** The newest Change that was told, or that this process made. */
  let last = 0
  /** Messages are worked off one after the other, so that what was missed is told before what comes next. */
  let turn: Promise<void> = Promise.resolve()

  const tell = (notice: CommitNotice) => listeners.forEach((listener) => listener(notice))
  const catchUp = async (client: pg.Client) => {
    const missed = await missedSince(client, last)
    if (missed.change <= last) return
    last = missed.change
    tell(missed)
  }
  const receive = async (message: Message, client: pg.Client) => {
    if (message.last <= last) return
    if (message.origin !== channel.origin) {
      if (message.commits) for (const notice of message.commits) tell(notice)
      else await catchUp(client)
    }
    last = Math.max(last, message.last)
  }

  const open = async (): Promise<Line> => {
    const gone = Promise.withResolvers<void>()
    const client = await connect(() => gone.resolve())
    client.on('notification', ({ payload }) => {
      const message = readMessage(payload)
      if (message) turn = turn.then(() => receive(message, client)).catch(() => gone.resolve())
    })
    await client.query(`listen "${channel.name}"`).catch((error: unknown) => {
      end(client)
      throw error
    })
    return { client, gone: gone.promise, hangUp: () => gone.resolve() }
  }

  const reopen = async () => {
    const line = await open()
    turn = turn.then(() => catchUp(line.client)).catch(() => line.hangUp())
    return line
  }

  const first = await open()
  last = await newestChange(first.client)
  const keeping = keepListening(first, closing.signal, reopen)
  return {
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      listeners.clear()
      closing.abort()
      await keeping
      await turn
    },
  }
}

/** Keeps one line open until it is told to stop. */
async function keepListening(first: Line, stop: AbortSignal, open: () => Promise<Line>): Promise<void> {
  const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }))
  let pause = FIRST_PAUSE
  for (let line: Line | undefined = first; ; line = await open().catch(() => undefined)) {
    if (line) {
      pause = FIRST_PAUSE
      const quiet = takePulse(line)
      await Promise.race([line.gone, stopped])
      quiet()
      end(line.client)
    }
    if (stop.aborted) return
    await sleep(pause, undefined, { ref: false, signal: stop }).catch(() => undefined)
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  }
}

/** Asks every so often whether the line is one: what was cut without a word would be silent for good. */
function takePulse({ client, hangUp }: Line): () => void {
  let overdue: NodeJS.Timeout | undefined
  const timer = setInterval(() => {
    overdue = setTimeout(hangUp, PULSE_ANSWER)
    client.query('select 1').then(() => clearTimeout(overdue), hangUp)
  }, PULSE)
  timer.unref()
  return () => {
    clearInterval(timer)
    clearTimeout(overdue)
  }
}

async function newestChange(client: pg.Client): Promise<number> {
  const { rows } = await client.query<Row>('select coalesce(max("change"), 0) as "change" from "audit"')
  return Number(rows[0]?.['change'])
}

/** Everything that the Changes after one have left, as one notice; a removed tag is in `missed` alone. */
async function missedSince(client: pg.Client, change: number): Promise<CommitNotice> {
  const newest = await newestChange(client)
  const environments = await client.query<Row>('select "id", "head_revision" from "environments" where "change" > $1', [change])
  const tags = await client.query<Row>('select "environment", "name", "revision" from "tags" where "change" > $1', [change])
  return {
    change: newest,
    time: Date.now(),
    environments: environments.rows.map((row) => ({ id: row['id'] as EnvironmentId, revision: Number(row['head_revision']) })),
    tags: tags.rows.map((row) => ({
      environment: row['environment'] as EnvironmentId,
      tag: String(row['name']),
      revision: Number(row['revision']),
    })),
    tables: Object.keys(tables),
    missed: true,
  }
}
