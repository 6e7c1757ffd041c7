import { setTimeout as sleep } from 'node:timers/promises'
import type { Secret } from '@headgate/model'
import { createPlaneClient } from '@headgate/sdk/http'
import { main } from '../test/plane/served-plane.ts'

/** A save a client was told is done. */
export interface Acknowledged {
  readonly environment: string
  readonly revision: number
  readonly mark: string
}

/** What clients lived through while they worked on several nodes. */
export interface Lived {
  readonly acknowledged: Acknowledged[]
  reads: number
  /** Reads that answered an older revision than the same client had seen before. */
  back: number
  /** Requests that failed and were done again by the client. */
  again: number
  conflicts: number
  /** Refusals that no failing node explains. */
  readonly unexpected: string[]
}

export interface Load {
  readonly lived: Lived
  stop(): Promise<void>
}

/** Between two requests of one client, in milliseconds: the machine has to carry the nodes too. */
const PAUSE = 10
/** What a client may be told while a node fails: nothing was done, or it is not known. */
const passing: ReadonlySet<string> = new Set([
  'PLANE_UNREACHABLE',
  'STORE_UNAVAILABLE',
  'STORE_UNCERTAIN',
  'STORE_CLOSED',
  'DATABASE_UNREACHABLE',
])

/** Clients that save and read without end; each goes on by itself whatever happens to the node it spoke to. */
export function startLoad(url: string, token: Secret, environments: readonly string[]): Load {
  const lived: Lived = { acknowledged: [], reads: 0, back: 0, again: 0, conflicts: 0, unexpected: [] }
  const stopping = new AbortController()
  const work = environments.flatMap((environment, n) => [
    save(url, token, environment, `${environment}-${n}`, lived, stopping.signal),
    read(url, token, environment, lived, stopping.signal),
  ])
  return {
    lived,
    async stop() {
      stopping.abort()
      await Promise.all(work)
    },
  }
}

async function save(url: string, token: Secret, environment: string, name: string, lived: Lived, stop: AbortSignal): Promise<void> {
  const client = createPlaneClient({ url, token })
  const params = main('shop', environment)
  let expected: number | undefined
  for (let n = 0; !stop.aborted; n += 1) {
    await sleep(PAUSE)
    if (expected === undefined) {
      const head = await client.call('readEnvironment', { params })
      if (head.ok) expected = head.value.revision
      else note(lived, head.problem.code)
      continue
    }
    const mark = `${name}.${n}`
    const saved = await client.call('saveEnvironment', {
      params,
      body: { text: `values:\n  count: ${expected + 1}\n  mark: ${mark}\n`, expected },
    })
    if (saved.ok) {
      lived.acknowledged.push({ environment, revision: saved.value.revision, mark })
      expected = saved.value.revision
    } else if (saved.problem.code === 'REVISION_CONFLICT') {
      lived.conflicts += 1
      expected = undefined
    } else {
      note(lived, saved.problem.code)
      expected = undefined
    }
  }
}

async function read(url: string, token: Secret, environment: string, lived: Lived, stop: AbortSignal): Promise<void> {
  const client = createPlaneClient({ url, token })
  const params = main('shop', environment)
  let seen = 0
  while (!stop.aborted) {
    await sleep(PAUSE)
    const opened = await client.call('openEnvironment', { params })
    if (!opened.ok) {
      note(lived, opened.problem.code)
      continue
    }
    const revision = opened.value.closure[0]?.revision ?? 0
    lived.reads += 1
    if (revision < seen) lived.back += 1
    seen = revision
  }
}

function note(lived: Lived, code: string): void {
  lived.again += 1
  if (!passing.has(code)) lived.unexpected.push(code)
}
