import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Plane, type Watching, createConfigurationSource, reconfigureOnChange } from '@headgate/operations'
import { type Releases, openReleases } from '@headgate/releases'
import { type StartedRouter, startRouter } from '@headgate/router'
import type { Logger } from 'pino'
import { keepRouter } from './keep-router.ts'
import { ROUTER_FOLDER } from './local-router.ts'
import type { ServeOptions } from './serve.ts'

/** The parts that bring releases live: the router's process, found or started and looked after, and the executor on top of it. */
export async function startReleases(
  plane: Plane,
  watching: Watching,
  planeUrl: Promise<string>,
  options: ServeOptions,
  log: Logger,
): Promise<{ releases: Releases; router: StartedRouter }> {
  const state = join(options.data, ROUTER_FOLDER)
  const router = await startRouter({ state, port: options.routerPort ?? 0 })
  const leaveRouter = keepRouter(state, router, log)
  const releases = await openReleases({
    organisation: plane.organisation,
    store: plane.store,
    changes: plane.changes,
    configuration: createConfigurationSource(plane, watching, () => planeUrl),
    router: router.client,
    folder: options.data,
    owner: `${hostname()}:${process.pid}`,
    // The lock of the data folder proves that whoever executed before is dead.
    takeOver: 'at-once',
    log: (line) => log.info(line, 'releases'),
  }).catch(async (cause: unknown) => {
    await leaveRouter()
    await stopIdleRouter(router)
    throw cause
  })
  const stop = reconfigureOnChange(plane, releases, (target, reason) =>
    log.warn({ target, reason }, 'a changed setting was not brought live'),
  )
  return { releases: { ...releases, close: async () => (stop(), await releases.close(), leaveRouter()) }, router }
}

/** A router without a service has nobody to serve, so it goes with the plane; any other outlives it. */
export async function stopIdleRouter(router: StartedRouter): Promise<void> {
  const status = await router.client.status().catch(() => undefined)
  if (status && status.table.services.length === 0) await router.client.stop()
}
