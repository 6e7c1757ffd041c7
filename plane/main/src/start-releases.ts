import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Nodes, type Plane, type Watching, createConfigurationSource, reconfigureOnChange } from '@headgate/operations'
import { type Releases, openReleases } from '@headgate/releases'
import type { StartedRouter } from '@headgate/router'
import type { Logger } from 'pino'
import { keepRouter } from './keep-router.ts'
import { ROUTER_FOLDER } from './local-router.ts'

/** The executor of releases, and whoever looks after the router's process while it runs. */
export async function startReleases(
  plane: Plane,
  watching: Watching,
  planeUrl: Promise<string>,
  { data, router, nodes }: { readonly data: string; readonly router: StartedRouter; readonly nodes: Nodes | undefined },
  log: Logger,
): Promise<Releases> {
  const leaveRouter = keepRouter(join(data, ROUTER_FOLDER), router, log)
  const releases = await openReleases({
    organisation: plane.organisation,
    store: plane.store,
    changes: plane.changes,
    configuration: createConfigurationSource(plane, watching, () => planeUrl),
    router: router.client,
    folder: data,
    // Where the data folder holds the database, its lock proves that whoever executed before is dead. Another node may live.
    ...(nodes
      ? { owner: nodes.name, takeOver: 'when-expired', elsewhere: nodes.artifacts }
      : { owner: `${hostname()}:${process.pid}`, takeOver: 'at-once' }),
    log: (line) => log.info(line, 'releases'),
  }).catch(async (cause: unknown) => {
    await leaveRouter()
    throw cause
  })
  const stop = reconfigureOnChange(plane, releases, (target, reason) =>
    log.warn({ target, reason }, 'a changed setting was not brought live'),
  )
  return { ...releases, close: async () => (stop(), await releases.close(), leaveRouter()) }
}

/** A router without a service has nobody to serve, so it goes with the plane; any other outlives it. */
export async function stopIdleRouter(router: StartedRouter): Promise<void> {
  const status = await router.client.status().catch(() => undefined)
  if (status && status.table.services.length === 0) await router.client.stop()
}
