import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Resealing, reseal } from '@headgate/crypto'
import { HeadgateError } from '@headgate/model'
import { othersTurn } from './others-turn.ts'
import { type ResealAnswer, packRequest, unpackBytes } from './reseal-message.ts'

/** Seals values anew, many at a time. */
export interface Resealer {
  /** In the order given. @throws SEAL_UNKNOWN, KEY_UNKNOWN, SEAL_TAMPERED for the first that does not open */
  reseal(values: readonly Resealing[]): Promise<readonly Uint8Array[]>
  /** Ends its thread. What is not answered yet is still answered. */
  close(): Promise<void>
}

/** Opening and sealing take half the time of a rotation, and nothing of the database: this thread does them itself. */
export const onThisThread: Resealer = {
  async reseal(values) {
    const sealed: Uint8Array[] = []
    for (const value of values) {
      sealed.push(reseal(value))
      if (sealed.length % STRIDE === 0) await othersTurn()
    }
    return sealed
  },
  close: async () => undefined,
}

/** Values sealed before others get their turn. */
const STRIDE = 50

/**
 * Has another thread do them. One that cannot be started, or ends before it has answered, costs time only: what it was
 * given is done here, and so is all that comes after.
 */
export function createThreadResealer(): Resealer {
  const waiting: ((answer: ResealAnswer | undefined) => void)[] = []
  let thread: Worker | undefined = startThread()
  // It keeps the process only while it has work.
  thread.unref()
  const lose = () => {
    thread = undefined
    for (const resolve of waiting.splice(0)) resolve(undefined)
  }
  thread.on('message', (answer: ResealAnswer) => waiting.shift()?.(answer))
  thread.on('error', lose)
  thread.on('exit', lose)
  return {
    async reseal(values) {
      if (!thread || values.length === 0) return onThisThread.reseal(values)
      const request = packRequest(values)
      thread.postMessage(request, [request.bytes.buffer])
      thread.ref()
      const answer = await new Promise<ResealAnswer | undefined>((resolve) => waiting.push(resolve))
      if (waiting.length === 0) thread?.unref()
      if (!answer) return onThisThread.reseal(values)
      if ('problem' in answer) throw new HeadgateError(answer.problem.code, answer.problem.details)
      return unpackBytes(answer)
    },
    async close() {
      await thread?.terminate()
    },
  }
}

function startThread(): Worker {
  // In the published command this file and the thread's are beside each other too.
  const file = new URL(`./reseal-thread${extname(import.meta.url)}`, import.meta.url)
  // A root key may be in the environment, which is none of its business.
  return new Worker(file, { env: {}, name: 'reseal' })
}
