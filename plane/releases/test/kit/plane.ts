import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, after, before } from 'node:test'
import { type OrganisationId, idOf } from '@headgate/model'
import { type StartedRouter, startRouter } from '@headgate/router'
import { insert } from '@headgate/store'
import { type SealedStore, keyFileSource, openSealedStore } from '@headgate/vault'
import { temporaryFolder } from '../../../../test/temporary-folder.ts'
import { type LogRecord, type OpenReleasesOptions, type Releases, type Router, openReleases } from '../../src/index.ts'
import { FileConfiguration } from './file-configuration.ts'
import { valueOf } from './upload.ts'

export const organisation: OrganisationId = idOf<'organisation'>('o-main')
export const by = { principal: null, name: 'tester' }

/** Where a plane of a test keeps everything. */
export interface Place {
  readonly root: string
  readonly data: string
}

export interface TestPlane {
  readonly place: Place
  readonly sealed: SealedStore
  readonly router: StartedRouter
  readonly configuration: FileConfiguration
  readonly releases: Releases
  readonly log: LogRecord[]
  /** Closes the plane's side; router and instances run on. */
  close(): Promise<void>
}

export interface PlaneOptions extends Partial<Omit<OpenReleasesOptions, 'router'>> {
  /** Stands between the plane and its router. */
  readonly router?: (client: Router) => Router
}

/** Opens everything over a place: a second one after the first was closed, or killed, finds it as it was left. */
export async function openPlane(place: Place, { router: between, ...options }: PlaneOptions = {}): Promise<TestPlane> {
  const sealed = await openSealedStore({ folder: place.data, keySource: keyFileSource({ file: join(place.root, 'root.key') }) })
  if (!(await sealed.store.organisations.get(organisation))) await found(sealed)
  const router = await startRouter({ state: join(place.root, 'router') })
  const configuration = new FileConfiguration(join(place.root, 'configuration'))
  const log: LogRecord[] = []
  const releases = await openReleases({
    organisation: { id: organisation, name: 'main' },
    store: sealed.store,
    changes: sealed.changes,
    configuration,
    router: between ? between(router.client) : router.client,
    folder: place.data,
    owner: `test ${process.pid}`,
    takeOver: 'at-once',
    log: (record) => log.push(record),
    ...options,
  })
  const close = async (): Promise<void> => {
    await releases.close()
    await sealed.close()
  }
  return { place, sealed, router, configuration, releases, log, close }
}

async function found({ changes, vault }: SealedStore): Promise<void> {
  const time = Date.now()
  const audit = {
    time,
    organisation,
    actor: null,
    actorName: 'test',
    action: 'organisation.create',
    resource: 'organisation:main',
    outcome: 'ok' as const,
  }
  const writes = [
    insert('organisations', { id: organisation, name: 'main', created_at: time }),
    ...vault.newOrganisation(organisation, time),
  ]
  valueOf(await changes.commit({ expect: [], writes, audit }))
}

/** A place of one test's own, where planes are opened one after the other. All of it is gone when the test ends. */
export function ownPlace(context: TestContext): {
  readonly place: Place
  open(options?: PlaneOptions): Promise<TestPlane>
} {
  let last: TestPlane | undefined
  // Before the folder's own removal, which is asked for next: hooks run in the order they were given.
  context.after(() => last && tearDown(last))
  const root = temporaryFolder(context, { spaces: true })
  const place = { root, data: join(root, 'data') }
  return { place, open: async (options) => (last = await openPlane(place, options)) }
}

export async function tearDown(plane: TestPlane): Promise<void> {
  // First, so that nobody starts again what is ended now.
  await plane.close()
  const folder = join(plane.place.data, 'instances')
  for (const claim of globSync('*/claim.*', { cwd: folder })) {
    const pid = Number.parseInt(readFileSync(join(folder, claim), 'latin1').split('\n')[1] ?? '', 10)
    if (isInstance(pid, dirname(claim))) process.kill(-pid, 'SIGKILL')
  }
  await plane.router.client.stop({ graceMs: 0 }).catch(() => undefined)
}

/** Whether a pid from a claim is still that instance, and not somebody it was given to since. */
function isInstance(pid: number, id: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`HEADGATE_INSTANCE=${id}`)
  } catch {
    return false
  }
}

/** One plane for all tests of a file, each of which has an environment of its own. */
export function sharedPlane(options: PlaneOptions = {}): () => TestPlane {
  let plane: TestPlane | undefined
  let root: string | undefined
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'headgate test '))
    plane = await openPlane({ root, data: join(root, 'data') }, options)
  })
  after(async () => {
    if (plane) await tearDown(plane)
    if (root !== undefined) rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  })
  return () => {
    if (!plane) throw new Error('the plane is not open yet')
    return plane
  }
}

export interface Answer {
  readonly status: number
  readonly body: { readonly code?: string; readonly greeting?: string; readonly pid?: number }
}

/** Asks the router for a service, as a user does. */
export function ask(port: number, host: string, path = '/'): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const asked = request({ host: '127.0.0.1', port, path, agent: false, headers: { host } }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', reject)
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      resolve({ status: response.statusCode ?? 0, body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {} })
    })
  })
  asked.on('error', reject)
  asked.end()
  return promise
}
