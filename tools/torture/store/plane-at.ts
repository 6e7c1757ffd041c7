import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret, refuse } from '@headgate/model'
import {
  type Caller,
  type Operations,
  type Plane,
  createIdentity,
  createOperations,
  createWatching,
  firstStart,
} from '@headgate/operations'
import type { Releases } from '@headgate/releases'
import { type KeySource, type SealedStore, keyFileSource, openSealedStore } from '@headgate/vault'

/** A data folder, its key and the owner's token, side by side below one folder. */
export interface Ground {
  readonly data: string
  readonly keyFile: string
  readonly tokenFile: string
}

export function groundIn(folder: string): Ground {
  return { data: join(folder, 'data'), keyFile: join(folder, 'keys', 'root.key'), tokenFile: join(folder, 'token') }
}

/** The use cases over a data folder, as `headgate serve` has them, without the network and without releases. */
export interface OpenPlane {
  readonly sealed: SealedStore
  readonly plane: Plane
  readonly operations: Operations
  readonly caller: Caller
  close(): Promise<void>
}

const noRelease = async () => refuse('RELEASE_NOT_FOUND', { release: 'none' })
const noReleases = new Proxy({ targets: async () => [] } as unknown as Releases, {
  get: (known, name: keyof Releases) => known[name] ?? noRelease,
})

/**
 * Opens a plane on the ground; the first time it makes the organisation and its owner.
 *
 * @param outside what is not as `headgate serve` has it: outside sources, the clock; and where the root key is, if not in its file
 */
export async function openPlane(
  ground: Ground,
  {
    keySource = keyFileSource({ file: ground.keyFile }),
    ...outside
  }: Partial<Pick<Plane, 'providers' | 'now'>> & { keySource?: KeySource } = {},
): Promise<OpenPlane> {
  const sealed = await openSealedStore({ folder: ground.data, keySource })
  try {
    return await assemble(ground, sealed, outside)
  } catch (error) {
    await sealed.close()
    throw error
  }
}

async function assemble(ground: Ground, sealed: SealedStore, outside: Partial<Plane>): Promise<OpenPlane> {
  const { database, store, vault, changes } = sealed
  const [existing] = await store.organisations.list()
  let token = existsSync(ground.tokenFile) ? new Secret(readFileSync(ground.tokenFile, 'utf8')) : undefined
  let organisation = existing?.id
  if (organisation === undefined) {
    const first = await firstStart({ store, vault, changes, now: Date.now })
    organisation = first.organisation
    token = first.token
    writeFileSync(ground.tokenFile, token.reveal(), { mode: 0o600 })
  }
  const plane: Plane = {
    database,
    store,
    vault,
    changes,
    keys: sealed.keys,
    organisation: { id: organisation, name: 'main' },
    version: '0.0.0',
    started: Date.now(),
    now: Date.now,
    ...outside,
  }
  const watching = createWatching(plane)
  const operations = createOperations(
    { ...plane, identity: createIdentity(plane, () => 'https://headgate.example.org'), releases: noReleases, routerUrl: () => undefined },
    watching,
  )
  const caller = await operations.authenticate(token)
  if (!caller.ok) throw new Error(caller.problem.message)
  return {
    sealed,
    plane,
    operations,
    caller: caller.value,
    async close() {
      watching.close()
      await sealed.close()
    },
  }
}
