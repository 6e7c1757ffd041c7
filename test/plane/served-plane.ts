import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import { type PrincipalId, type Result, Secret, type TokenId, type Write, hasErrors, idOf, refuse } from '@headgate/model'
import type { Statement } from '@headgate/model/access'
import {
  type NamedProviders,
  type Plane,
  type PlaneIdentity,
  type Watching,
  createIdentity,
  createOperations,
  createOutbound,
  createWatching,
  firstStart,
  startBackground,
} from '@headgate/operations'
import type { Releases } from '@headgate/releases'
import { type PlaneClient, createPlaneClient } from '@headgate/sdk/http'
import { createMetrics, startServer } from '@headgate/server'
import { insert } from '@headgate/store'
import { givenKeySource, openVault, sealedStoreOf } from '@headgate/vault'
import { pino } from 'pino'
import { testDatabase } from './test-database.ts'

/** A plane in this process: real store, vault, use cases and HTTP, in memory, with a clock the test sets. */
export interface ServedPlane {
  readonly url: string
  readonly plane: Plane
  readonly watching: Watching
  readonly owner: PlaneClient
  readonly ownerToken: Secret
  /** Milliseconds since 1970; set it to move the plane's time. */
  time: number
  /** Everything the server logged so far. */
  log(): string
  /** A new user with one custom role, signed in. */
  user(name: string, statements: readonly Statement[]): Promise<{ client: PlaneClient; token: Secret; tokenId: TokenId }>
  /** Writes rows as a local operator could. */
  write(writes: readonly Write[]): Promise<void>
}

/** Releases are tested where they are built; here every question about one is answered that there is none. */
const noRelease = async () => refuse('RELEASE_NOT_FOUND', { release: 'none' })
const none = { targets: async () => [], list: async () => [], deployments: async () => [], async *logs() {} }
const noReleases = new Proxy(none as unknown as Releases, {
  get: (known, name: keyof Releases) =>
    known[name] ?? (name === 'artifacts' ? { missing: noRelease, put: noRelease, assemble: noRelease } : noRelease),
})

export interface ServedPlaneOptions {
  /** Outside sources; without them the language refuses every call to one. */
  readonly providers?: (identity: PlaneIdentity) => NamedProviders
  /** Origins that webhooks may be sent to. */
  readonly webhookAddresses?: readonly string[]
  /** Whether it also does what a plane does by itself: webhooks, schedules, sweeping. */
  readonly background?: boolean
  /** One of several nodes on a PostgreSQL database: where that is, its root key, and the owner's token once there is one. */
  readonly node?: { readonly address: Secret; readonly key: Secret<Uint8Array>; readonly ownerToken?: Secret }
  /** Whose identity tokens may be trusted. */
  readonly issuers?: readonly string[]
}

export async function servePlane(
  context: TestContext,
  { providers, webhookAddresses = [], background = false, node, issuers }: ServedPlaneOptions = {},
): Promise<ServedPlane> {
  const lines: string[] = []
  const log = pino({}, { write: (line: string) => void lines.push(line) })
  const database = await testDatabase(context, node?.address)
  const clock = { time: Date.UTC(2026, 0, 1) }
  const now = (): number => clock.time
  const vault = await openVault({ database, keySource: givenKeySource(node?.key ?? new Secret(new Uint8Array(randomBytes(32)))), now })
  const sealed = sealedStoreOf(database, vault)
  const { store, changes } = sealed
  const [known] = await store.organisations.list()
  const first = known ? undefined : await firstStart({ store, vault, changes, now })
  const organisation = known?.id ?? first?.organisation ?? idOf('none')
  const token = first?.token ?? node?.ownerToken ?? new Secret('')
  const inside: Plane = {
    database,
    store,
    vault,
    changes,
    keys: sealed.keys,
    organisation: { id: organisation, name: 'main' },
    version: '0.0.0',
    started: clock.time,
    now,
    ...(issuers ? { issuers } : {}),
  }
  const identity = createIdentity(inside, () => 'https://headgate.example.org')
  const outbound = createOutbound(webhookAddresses)
  const plane: Plane = { ...inside, outbound, ...(providers ? { providers: providers(identity) } : {}) }
  const watching = createWatching(plane)
  const metrics = createMetrics()
  const operations = createOperations({ ...plane, identity, releases: noReleases, routerUrl: () => undefined }, watching, metrics.render)
  const server = await startServer({ operations, log, metrics, version: '0.0.0', host: '127.0.0.1', port: 0 })
  const working = background ? startBackground(plane, (error) => assert.fail(String(error))) : undefined
  context.after(async () => {
    await working?.close()
    await server.close()
    watching.close()
    await sealed.close()
  })
  const write = writerOf(plane)
  return {
    url: server.url,
    plane,
    watching,
    ownerToken: token,
    owner: createPlaneClient({ url: server.url, token }),
    get time() {
      return clock.time
    },
    set time(value) {
      clock.time = value
    },
    log: () => lines.join(''),
    write,
    user: (name, statements) => addUser({ plane, url: server.url, write }, name, statements),
  }
}

/** Writes rows as a local operator could. */
function writerOf({ changes, organisation, now }: Plane) {
  return async (writes: readonly Write[]): Promise<void> => {
    const audit = {
      time: now(),
      organisation: organisation.id,
      actor: null,
      actorName: 'test',
      action: 'test.write',
      resource: 'organisation:main',
      outcome: 'ok' as const,
    }
    need(await changes.commit({ expect: [], writes, audit }))
  }
}

interface Ground {
  readonly plane: Plane
  readonly url: string
  write(writes: readonly Write[]): Promise<void>
}

async function addUser({ plane, url, write }: Ground, name: string, statements: readonly Statement[]) {
  const organisation = plane.organisation.id
  const created_at = plane.now()
  const minted = plane.vault.mintToken('user')
  const principal: PrincipalId = idOf<'principal'>(randomUUID())
  const tokenId: TokenId = idOf<'token'>(randomUUID())
  const role = `role-of-${name}`
  const subject = { subject_kind: 'principal' as const, subject: principal }
  const open = { expires_at: null, revoked_at: null }
  await write([
    insert('principals', { id: principal, organisation, kind: 'user', name, created_at, disabled_at: null }),
    insert('roles', { organisation, name: role, description: '', statements: JSON.stringify(statements), created_at }),
    insert('bindings', {
      id: idOf<'binding'>(randomUUID()),
      organisation,
      role,
      ...subject,
      created_at,
      created_by: null,
      expires_at: null,
    }),
    insert('tokens', { id: tokenId, organisation, principal, kind: 'user', name, digest: minted.digest, created_at, ...open }),
  ])
  return { client: createPlaneClient({ url, token: minted.token }), token: minted.token, tokenId }
}

/** The value of a result that must be one; a refusal fails the test with its words. */
export function need<T>(result: Result<T>): T {
  if (result.ok) return result.value
  const { code, message, diagnostics = [] } = result.problem
  const places = hasErrors(diagnostics) ? diagnostics.map((diagnostic) => `\n  ${diagnostic.message}`).join('') : ''
  throw new Error(`${code}: ${message}${places}`)
}

/** The code a refused result carries; undefined where it was not refused. */
export function codeOf(result: Result<unknown>): string | undefined {
  return result.ok ? undefined : result.problem.code
}

export const main = (project: string, environment: string) => ({ organisation: 'main', project, environment })
