import { join } from 'node:path'
import { HeadgateError } from '@headgate/model'
import { findRouter } from '@headgate/router'
import { type FolderLock, lockFolder } from '@headgate/store'
import { bringRouter } from './bring-router.ts'

/** The router of a data folder, for whoever wants it without the plane. */
export interface LocalRouter {
  readonly url: string
  readonly pid: number
  /** Whether it ran already. */
  readonly adopted: boolean
}

/** Starts the router of a data folder, or finds the one that runs. It serves what it served last. */
export async function startRouterOf({ data, port = 0 }: { data: string; port?: number }): Promise<LocalRouter> {
  const { host, port: listening, pid, adopted } = await bringRouter({ state: join(data, ROUTER_FOLDER), port })
  return { url: `http://${host}:${listening}`, pid, adopted }
}

/** The router that runs on a data folder; undefined where none does. Starts nothing. */
export async function routerOf({ data }: { data: string }): Promise<LocalRouter | undefined> {
  const running = await findRouter(join(data, ROUTER_FOLDER))
  return running && { url: `http://${running.host}:${running.port}`, pid: running.pid, adopted: true }
}

/**
 * Ends the router of a data folder after the requests under way; false where none runs.
 *
 * @throws ROUTER_KEPT while a plane runs, which starts again what ends
 */
export async function stopRouterOf({ data }: { data: string }): Promise<boolean> {
  const running = await findRouter(join(data, ROUTER_FOLDER))
  if (!running) return false
  const lock = lockWithoutPlane(data)
  try {
    await running.client.stop()
    return true
  } finally {
    lock.release()
  }
}

/** The lock of the folder proves that no plane runs, and that none starts in between. */
function lockWithoutPlane(data: string): FolderLock {
  try {
    return lockFolder(data)
  } catch (cause) {
    if (!(cause instanceof HeadgateError) || cause.code !== 'DATA_LOCKED') throw cause
    throw new HeadgateError('ROUTER_KEPT', { pid: String(cause.problem.details['pid'] ?? 'unknown') }, { cause })
  }
}

/** Where in a data folder the router keeps its port and table. */
export const ROUTER_FOLDER = 'router'
