import { FIRST_ORGANISATION, FIRST_USER, type Plane, createOperations, createWatching, firstStart } from '@headgate/operations'
import { HeadgateError, type OrganisationId, type Secret } from '@headgate/model'
import { type SealedStore, keyFileSource, openSealedStore } from '@headgate/vault'
import { type LogStyle, createLog } from './log.ts'
import { listen } from './listen.ts'
import { startReleases, stopIdleRouter } from './start-releases.ts'
import { VERSION } from './version.ts'

export interface ServeOptions {
  /** The data folder, made where it is absent. */
  readonly data: string
  readonly host: string
  /** 0 chooses a free port. */
  readonly port: number
  /** Where the router listens; 0 or absent: the port it had for this data folder, else a free one. */
  readonly routerPort?: number
  /** Where the root key is; by default outside the data folder, in the user's configuration. */
  readonly keyFile?: string
  readonly log: LogStyle
  onReady(ready: Ready): void
}

/** What a person or a script needs to know of a plane that has come up. */
export interface Ready {
  readonly url: string
  readonly data: string
  readonly organisation: string
  readonly user: string
  /** Where the router takes the traffic of what is deployed. */
  readonly router: string
  /** On the first start only: nothing stores it, so it is shown once. */
  readonly token?: Secret
  /** What to back up apart from the data. */
  readonly keyFile: string
}

export interface Serving {
  readonly ready: Ready
  /** Stops accepting, ends what is under way, closes the store. */
  close(): Promise<void>
}

/** Opens the data folder, makes the organisation on the first start, finds or starts the router, and serves. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const log = createLog(options.log)
  const started = Date.now()
  const closing: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).toReversed()) await step()
    log.info('stopped')
  }
  try {
    const keySource = keyFileSource(options.keyFile === undefined ? {} : { file: options.keyFile })
    const sealed = await openSealedStore({ folder: options.data, keySource })
    closing.push(() => sealed.close())
    const { organisation, token } = await organisationOf(sealed)
    const { database, store, vault, changes } = sealed
    const plane: Plane = { database, store, vault, changes, organisation, version: VERSION, started, now: Date.now }
    const watching = createWatching(plane)
    closing.push(() => watching.close())
    const listening = Promise.withResolvers<string>()
    const { releases, router } = await startReleases(plane, watching, listening.promise, options, log)
    closing.push(
      () => stopIdleRouter(router),
      // First of the two: while it is open, a router that ends is started again.
      () => releases.close(),
    )
    const operations = createOperations({ ...plane, releases, routerUrl: () => `http://${router.host}:${router.port}` }, watching)
    const server = await listen(store, { operations, log, version: VERSION, host: options.host, port: options.port })
    closing.push(() => server.close())
    listening.resolve(server.url)
    const ready: Ready = {
      url: server.url,
      data: options.data,
      organisation: organisation.name,
      user: FIRST_USER,
      router: `http://${router.host}:${router.port}`,
      keyFile: vault.rootKeyPlace,
      ...(token ? { token } : {}),
    }
    log.info({ url: ready.url, router: ready.router, ms: Date.now() - started }, 'ready')
    options.onReady(ready)
    return { ready, close }
  } catch (cause) {
    await close()
    throw cause
  }
}

interface Organisation {
  readonly organisation: { readonly id: OrganisationId; readonly name: string }
  readonly token?: Secret
}

/** The organisation of this data folder. A first start that was cut off before its Change is simply done again. */
async function organisationOf({ store, vault, changes }: SealedStore): Promise<Organisation> {
  const [existing, another] = await store.organisations.list()
  if (another) throw new HeadgateError('DATA_DAMAGED', { folder: 'the data folder', reason: 'it holds more than one organisation' })
  if (existing) return { organisation: { id: existing.id, name: existing.name } }
  const first = await firstStart({ store, vault, changes, now: Date.now })
  return { organisation: { id: first.organisation, name: FIRST_ORGANISATION }, token: first.token }
}
