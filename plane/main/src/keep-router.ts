import { type StartedRouter, findRouter, startRouter } from '@headgate/router'
import type { Logger } from 'pino'

/** How often the router's process is looked at, in milliseconds: for about this long nobody listens when it was killed. */
const LOOK_MS = 100
/** Every so many looks it is asked itself, because a process id alone may belong to another process by now. */
const ASK_EVERY = 50
/** Between two attempts to start it, where one has failed, in milliseconds. */
const AGAIN_MS = 1000

/**
 * Looks after the router's process while the plane runs: when it has ended, whoever ended it, it is started again, on
 * the port and with the table that its folder kept. A router that runs without answering is left alone, because its traffic may flow.
 *
 * @returns ends the looking; resolves when no start is under way any more
 */
export function keepRouter(state: string, started: StartedRouter, log: Logger): () => Promise<void> {
  let { pid } = started
  let looks = 0
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    let next = LOOK_MS
    try {
      looks += 1
      if (await isThere(state, pid, looks % ASK_EVERY === 0)) return
      const again = await startRouter({ state, port: started.port, host: started.host })
      if (again.pid !== pid) log.warn({ ended: pid, pid: again.pid, port: again.port }, 'the router had ended and was started again')
      pid = again.pid
    } catch (cause) {
      next = AGAIN_MS
      log.error({ reason: cause instanceof Error ? cause.message : String(cause) }, 'the router has ended and could not be started again')
    } finally {
      schedule(next)
    }
  }
  const schedule = (after: number): void => {
    if (closed) return
    timer = setTimeout(() => {
      looking = look()
    }, after)
    timer.unref()
  }
  schedule(LOOK_MS)
  return async () => {
    closed = true
    clearTimeout(timer)
    await looking
  }
}

async function isThere(state: string, pid: number, ask: boolean): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (!ask) return true
  try {
    return (await findRouter(state)) !== undefined
  } catch {
    // Its process runs and does not answer just now.
    return true
  }
}
