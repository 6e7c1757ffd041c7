import { join } from 'node:path'
import { findRouter, startRouter } from '@headgate/router'

/** The router of a data folder, for whoever wants it without the plane. */
export interface LocalRouter {
  readonly url: string
  readonly pid: number
  /** Whether it ran already. */
  readonly adopted: boolean
}

/** Starts the router of a data folder, or finds the one that runs. It serves what it served last. */
export async function startRouterOf({ data, port = 0 }: { data: string; port?: number }): Promise<LocalRouter> {
  const { host, port: listening, pid, adopted } = await startRouter({ state: join(data, ROUTER_FOLDER), port })
  return { url: `http://${host}:${listening}`, pid, adopted }
}

/** Ends the router of a data folder after the requests under way; false where none runs. */
export async function stopRouterOf({ data }: { data: string }): Promise<boolean> {
  const running = await findRouter(join(data, ROUTER_FOLDER))
  await running?.client.stop()
  return running !== undefined
}

/** Where in a data folder the router keeps its port and table. */
export const ROUTER_FOLDER = 'router'
