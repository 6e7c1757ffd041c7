import { join } from 'node:path'
import {
  FIRST_ORGANISATION,
  FIRST_USER,
  type Plane,
  createOperations,
  createWatching,
  makeOrganisation,
  mintFirstToken,
  startBackground,
} from '@headgate/operations'
import { HeadgateError, type Secret } from '@headgate/model'
import { type SealedStore, openSealedStore } from '@headgate/vault'
import { bringRouter } from './bring-router.ts'
import { type KeyChoice, keySourcesOf, usualKey } from './key-choice.ts'
import { type LogStyle, createLog } from './log.ts'
import { listen, provePort } from './listen.ts'
import { ROUTER_FOLDER } from './local-router.ts'
import { type OutsideOptions, openOutside, proveOutside } from './outside.ts'
import { type Listening, type ServerOptions, type TlsFiles, createMetrics, readTls, startTraces } from '@headgate/server'
import type { Logger } from 'pino'
import { addressAmongNodes, openNodes } from './open-nodes.ts'
import { startReleases, stopIdleRouter } from './start-releases.ts'
import { VERSION } from './version.ts'

/**
 * Bytes kept on the disk for when it is full: what SQLite's log grows to between two checkpoints, twice, and as much again
 * for what is recorded then.
 */
const RESERVE = 16 * 1024 * 1024

export interface ServeOptions {
  /** The data folder, made where it is absent. */
  readonly data: string
  /** The address of a PostgreSQL database, which other nodes may share. Default: a SQLite file in the data folder. */
  readonly database?: Secret
  readonly host: string
  /** 0 chooses a free port. */
  readonly port: number
  /** Where other nodes of the database reach this one; default: where it listens, if they can reach that. */
  readonly nodeAddress?: string
  /** Where the router listens; 0 or absent: the port it had for this data folder, else a free one. */
  readonly routerPort?: number
  /** How long audit records are kept, in milliseconds; default seven years. */
  readonly auditRetention?: number
  /** Where the root key is; by default in a file outside the data folder, in the user's configuration. */
  readonly key?: KeyChoice
  /** Whose identity tokens trust rules may be about; GitHub Actions alone, if absent. */
  readonly issuers?: readonly string[]
  /** What environments may reach outside; nothing, if absent. */
  readonly outside?: OutsideOptions
  /** Speaks TLS with these files. */
  readonly tls?: TlsFiles
  /** Connections at a time. */
  readonly connections?: number
  /** Where traces are sent by OTLP over HTTP; nowhere, if absent. */
  readonly traceEndpoint?: string
  readonly log: LogStyle
  onReady(ready: Ready): void
}

/** What a person or a script needs to know of a plane that has come up. */
export interface Ready {
  readonly url: string
  readonly data: string
  /** The PostgreSQL database, without its password; absent where the data folder holds it. */
  readonly database?: string
  readonly organisation: string
  readonly user: string
  /** Where the router takes the traffic of what is deployed. */
  readonly router: string
  /** On the first start only: nothing stores it, so it is shown once. */
  readonly token?: Secret
  /** What to back up apart from the data: the key file, or in words where the root key is otherwise. */
  readonly keyFile: string
  readonly keySource: string
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
  const closing: Closing = []
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).toReversed()) await step()
    log.info('stopped')
  }
  try {
    const sealed = await openStore(options, log, closing)
    // What can be seen to fail is seen before anything is made.
    proveOutside(options.outside ?? {})
    if (options.tls) readTls(options.tls)
    addressAmongNodes(options, addressOf(options))
    const router = await bringRouter({ state: join(options.data, ROUTER_FOLDER), port: options.routerPort ?? 0 })
    closing.push(() => stopIdleRouter(router))
    const routerUrl = `http://${router.host}:${router.port}`
    await provePort(options)
    for (const concern of sealed.database.concerns) log.warn({ concern }, 'database')
    // Of two nodes that start for the first time, one makes the organisation and the other finds it.
    const organisation = await sealed.database.alone(() => organisationOf(sealed))
    const inside = planeOf(sealed, organisation, options, started)
    let listensAt = addressOf(options)
    const outside = openOutside(inside, options.outside ?? {}, () => listensAt, [options.data, sealed.vault.rootKeyPlace])
    closing.push(() => outside.close())
    const plane: Plane = { ...inside, providers: outside.providers, outbound: outside.outbound }
    const watching = createWatching(plane)
    closing.push(() => watching.close())
    const listening = Promise.withResolvers<string>()
    const nodes = await openNodes(plane, options, listensAt, log)
    closing.push(() => nodes?.close())
    const releases = await startReleases(plane, watching, listening.promise, { data: options.data, router, nodes }, log)
    closing.push(() => releases.close())
    const metrics = createMetrics()
    const operations = createOperations(
      { ...plane, identity: outside.identity, releases, ...(nodes ? { nodes } : {}), routerUrl: () => routerUrl },
      watching,
      metrics.render,
    )
    const server = await openServer(sealed, { operations, log, metrics, version: VERSION }, options, closing)
    beginBackground(plane, log, closing)
    await nodes?.announce(addressAmongNodes(options, server.url).address)
    listensAt = server.url
    listening.resolve(server.url)
    // The last that can fail: nothing keeps the token, so it is made to be shown at once.
    const token = await sealed.database.alone(() => mintFirstToken({ ...sealed, now: Date.now }, organisation.id))
    const facts = { url: server.url, data: options.data, organisation: organisation.name, router: routerUrl }
    const ready: Ready = { ...readyOf(sealed), ...facts, ...(token ? { token } : {}) }
    log.info({ url: ready.url, router: ready.router, ms: Date.now() - started }, 'ready')
    options.onReady(ready)
    // A rotation that was cut off goes on.
    sealed.keys.resume()
    return { ready, close }
  } catch (cause) {
    await close()
    throw cause
  }
}

/** Where it is to listen, before it does. */
function addressOf({ tls, host, port }: ServeOptions): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** What is to be ended again, in the order it was begun. */
type Closing = (() => unknown)[]

function beginBackground(plane: Plane, log: Logger, closing: Closing): void {
  const background = startBackground(plane, (error) =>
    log.error({ error: error instanceof Error ? error.name : 'unknown' }, 'background work failed'),
  )
  closing.push(() => background.close())
}

async function openStore(options: ServeOptions, log: Logger, closing: Closing): Promise<SealedStore> {
  const sources = keySourcesOf(options.key ?? usualKey, () => log.warn('the token of the key service could not be renewed'))
  closing.push(() => sources.targets.kms?.close())
  const sealed = await openSealedStore({
    folder: options.data,
    ...sources,
    reserve: RESERVE,
    ...(options.database ? { address: options.database } : {}),
  })
  closing.push(() => sealed.close())
  return sealed
}

function planeOf(
  { database, store, vault, changes, keys }: SealedStore,
  organisation: Plane['organisation'],
  { auditRetention, issuers }: ServeOptions,
  started: number,
): Plane {
  return {
    database,
    store,
    vault,
    changes,
    keys,
    organisation,
    version: VERSION,
    started,
    now: Date.now,
    ...(auditRetention === undefined ? {} : { auditRetention }),
    ...(issuers ? { issuers } : {}),
  }
}

async function openServer(
  { database, store }: SealedStore,
  parts: Pick<ServerOptions, 'operations' | 'log' | 'metrics' | 'version'>,
  { host, port, tls, connections, traceEndpoint }: ServeOptions,
  closing: Closing,
): Promise<Listening> {
  const traces = traceEndpoint === undefined ? undefined : await startTraces({ endpoint: traceEndpoint, version: VERSION })
  closing.push(() => traces?.close())
  const server = await listen(database, store, {
    ...parts,
    host,
    port,
    ...(tls ? { tls } : {}),
    ...(connections === undefined ? {} : { connections }),
    ...(traces ? { traces } : {}),
  })
  closing.push(() => server.close())
  return server
}

function readyOf({ database, vault }: SealedStore): Pick<Ready, 'database' | 'user' | 'keyFile' | 'keySource'> {
  return {
    ...(database.shared ? { database: database.place } : {}),
    user: FIRST_USER,
    keyFile: vault.rootKeyPlace,
    keySource: vault.keySource.kind,
  }
}

/** The organisation of this data folder. A first start that was cut off before its Change is simply done again. */
async function organisationOf(sealed: SealedStore): Promise<Plane['organisation']> {
  const [existing, another] = await sealed.store.organisations.list()
  const folder = sealed.database.place
  if (another) throw new HeadgateError('DATA_DAMAGED', { folder, reason: 'it holds more than one organisation' })
  if (existing) return { id: existing.id, name: existing.name }
  return { id: await makeOrganisation({ ...sealed, now: Date.now }), name: FIRST_ORGANISATION }
}
