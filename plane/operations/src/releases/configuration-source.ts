import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { type Variable, files, load, open, variables } from '@headgate/lang'
import {
  PLANE_ACTOR,
  type AuditRecord,
  type EnvironmentName,
  type FrozenConfiguration,
  HeadgateError,
  type PrincipalId,
  type Result,
  Secret,
  type TokenId,
  type Write,
  hasErrors,
  idOf,
  ok,
  refuse,
} from '@headgate/model'
import { type ConfigurationSource, type InstanceIdentity, type InstanceSettings, configurationDigest } from '@headgate/releases'
import { insert, update, upsert } from '@headgate/store'
import { INSTANCES } from '../access/subjects.ts'
import { environmentHost } from '../environments/environment-host.ts'
import { nameOf } from '../environments/find-revision.ts'
import { fileName, textOf } from '../environments/import-closure.ts'
import type { Caller, Plane } from '../plane.ts'
import type { Watching } from '../watch/watching.ts'
import { freezeConfiguration } from './freeze-configuration.ts'
import { pinnedRoles } from './instance-access.ts'

/**
 * The configuration side of releases, as plane/releases asks for it: freezing, proving that what is frozen opens,
 * handing it to instances and nobody else. Every opening of secrets is on record before a value leaves.
 */
export function createConfigurationSource(plane: Plane, watching: Watching, planeUrl: () => Promise<string>): ConfigurationSource {
  return {
    freeze: ({ reference, by }) => freezeConfiguration(plane, reference, by),
    check: async ({ frozen }) => ((await readFrozen(plane, frozen)).ok ? ok({ notes: [] }) : readProblem(plane, frozen)),
    async backUp({ frozen, key }) {
      // Revisions are never changed or deleted, so what is replaced is already kept; what has to be shown is that it
      // still reads, because it is what a failed release returns to.
      const read = await readFrozen(plane, frozen)
      return read.ok ? ok({ id: `${configurationDigest(frozen)}:${key}` }) : read
    },
    async verify({ frozen }) {
      const opened = await openFrozen(plane, frozen, 'release.verify')
      return opened.ok ? ok({ dynamic: opened.value.dynamic }) : opened
    },
    async files({ instance, frozen }) {
      const opened = await openFrozen(plane, frozen, 'release.deliver', instance)
      return opened.ok ? ok(opened.value.files) : opened
    },
    admit: async (order) => admit(plane, order.instance, order.frozen, await planeUrl()),
    async deliver({ instance, frozen }) {
      const pin = await plane.store.instancePins.get(instance.id)
      if (!pin) return refuse('TOKEN_INVALID')
      const set = { frozen: JSON.stringify(frozen), configuration: configurationDigest(frozen) }
      const done = await commit(plane, [update('instance_pins', pin, set)], 'release.deliver', instance)
      if (done.ok) watching.repinned(instance.id, frozen)
      return done
    },
    delivered: async ({ instance }) => watching.loadedBy(instance.id),
    async dismiss({ instance }) {
      const pin = await plane.store.instancePins.get(instance.id)
      const token = pin && (await plane.store.tokens.get(pin.token))
      if (token && token.revoked_at === null) {
        await commit(plane, [update('tokens', token, { revoked_at: plane.now() })], 'release.dismiss', instance)
      }
    },
  }
}

/** Gives an instance a token of its own, bound to the frozen revisions, and everything its process starts with. */
async function admit(
  plane: Plane,
  instance: InstanceIdentity,
  frozen: FrozenConfiguration,
  url: string,
): Promise<Result<InstanceSettings>> {
  const opened = await openFrozen(plane, frozen, 'release.admit', instance)
  if (!opened.ok) return opened
  const time = plane.now()
  const principal = await instancesPrincipal(plane, time)
  if (!principal.ok) return principal
  const { token, digest } = plane.vault.mintToken('instance')
  const id = idOf<'token'>(randomUUID()) as TokenId
  const before = await plane.store.instancePins.get(instance.id)
  const earlier = before && (await plane.store.tokens.get(before.token))
  const pin = {
    instance: instance.id,
    organisation: plane.organisation.id,
    token: id,
    target: `${plane.organisation.name}/${instance.target.project}/${instance.target.environment}`,
    service: instance.service,
    frozen: JSON.stringify(frozen),
    configuration: configurationDigest(frozen),
    created_at: time,
  }
  const writes: Write[] = [
    insert('tokens', {
      id,
      organisation: plane.organisation.id,
      principal: principal.value,
      kind: 'instance',
      name: `instance ${instance.id}`,
      digest,
      created_at: time,
      expires_at: null,
      revoked_at: null,
    }),
    upsert('instance_pins', pin),
    ...(earlier && earlier.revoked_at === null ? [update('tokens', earlier, { revoked_at: time })] : []),
  ]
  const done = await commit(plane, writes, 'release.admit', instance)
  if (!done.ok) return done
  const root = frozen.revisions[0]?.environment ?? ''
  return ok({
    variables: {
      ...opened.value.variables,
      HEADGATE_URL: url,
      HEADGATE_TOKEN: token,
      HEADGATE_ENVIRONMENT: root,
      HEADGATE_RELEASE: instance.release,
    },
    files: opened.value.files,
  })
}

/** The frozen revisions, each read back and found to be what was frozen. */
async function readFrozen(
  plane: Plane,
  frozen: FrozenConfiguration,
): Promise<Result<{ name: EnvironmentName; text: string; environment: Awaited<ReturnType<Plane['store']['environments']['get']>> }[]>> {
  const read = []
  for (const { environment: called, environmentId, revision: number, hash } of frozen.revisions) {
    const environment = await plane.store.environments.get(idOf<'environment'>(environmentId))
    const revision = environment && (await plane.store.revisions.get(environment.id, number))
    if (!environment || !revision) return refuse('REVISION_NOT_FOUND', { environment: called, revision: number })
    if (Buffer.from(revision.hash).toString('hex') !== hash)
      throw new HeadgateError('ROW_TAMPERED', { table: 'revisions', key: `${called}@${number}` })
    read.push({ name: nameOf(plane, environment), text: textOf(plane, environment, revision), environment })
  }
  return ok(read)
}

async function readProblem(plane: Plane, frozen: FrozenConfiguration): Promise<Result<never>> {
  const read = await readFrozen(plane, frozen)
  return read.ok ? refuse('RELEASE_NOT_FOUND', { release: configurationDigest(frozen) }) : read
}

/**
 * Opens a frozen configuration for the plane itself, its record committed first: what its process will have, and the
 * places whose values a provider gave just now.
 */
async function openFrozen(
  plane: Plane,
  frozen: FrozenConfiguration,
  action: string,
  instance?: InstanceIdentity,
): Promise<Result<InstanceSettings & { readonly dynamic: readonly string[] }>> {
  const read = await readFrozen(plane, frozen)
  if (!read.ok) return read
  const [root] = read.value
  if (!root?.environment) return refuse('REVISION_NOT_FOUND', { environment: frozen.reference, revision: 0 })
  const { document, diagnostics } = load(fileName(root.environment), root.text)
  if (!document)
    return hasErrors(diagnostics)
      ? refuse('OPEN_FAILED', { environment: frozen.reference, count: 'its text cannot be read' }, diagnostics)
      : ok({ variables: {}, files: {}, dynamic: [] })
  const pin = { instance: instance?.id ?? '', configuration: configurationDigest(frozen), frozen }
  const { host, asked } = environmentHost(plane, planeCaller(frozen, pin), root.name, root.environment)
  const opened = await open(document, host, { trace: 'none' })
  if (hasErrors(opened.diagnostics))
    return refuse('OPEN_FAILED', { environment: frozen.reference, count: 'its values cannot be computed' }, opened.diagnostics)
  const recorded = await commit(plane, [], action, instance, {
    configuration: frozen.revisions.map(({ environment, revision }) => `${environment}@${revision}`),
  })
  if (!recorded.ok) return recorded
  const { environment } = opened
  return ok({
    variables: byName(environment ? variables(environment) : []),
    files: byName(environment ? files(environment) : []),
    dynamic: asked.map(({ environment: calling, path, provider }) => `${calling}#${path.replace(/^values\./, '')} (${provider})`),
  })
}

function byName(entries: readonly Variable[]): Record<string, string | Secret> {
  return Object.fromEntries(entries.map(({ name, value, secret }) => [name, secret ? new Secret(value) : value]))
}

/** The plane opening for an instance: it may open exactly what was frozen, at exactly those revisions. */
function planeCaller(frozen: FrozenConfiguration, pin: NonNullable<Caller['pin']>): Caller {
  const nobody = { principal: idOf<'principal'>(''), token: { id: idOf<'token'>(''), name: '' } }
  return { ...nobody, name: 'plane', kind: 'machine', held: pinnedRoles(frozen), pin }
}

/** The principal in whose name instances sign in, made when the first one is admitted. Two may come at once; one makes it. */
async function instancesPrincipal(plane: Plane, time: number): Promise<Result<PrincipalId>> {
  const find = () => plane.store.principals.byName(plane.organisation.id, INSTANCES)
  const existing = await find()
  if (existing) return ok(existing.id)
  const id = idOf<'principal'>(randomUUID())
  const row = { id, organisation: plane.organisation.id, kind: 'machine' as const, name: INSTANCES, created_at: time, disabled_at: null }
  const made = await commit(plane, [insert('principals', row)], 'principal.create')
  if (made.ok) return ok(id)
  const faster = await find()
  return faster ? ok(faster.id) : made
}

async function commit(
  plane: Plane,
  writes: readonly Write[],
  action: string,
  instance?: InstanceIdentity,
  details: AuditRecord['details'] = {},
): Promise<Result<void>> {
  const target = instance ? `${instance.target.project}/${instance.target.environment}` : ''
  const audit: AuditRecord = {
    time: plane.now(),
    organisation: plane.organisation.id,
    ...PLANE_ACTOR,
    action,
    resource: `release:${plane.organisation.name}/${target}`,
    outcome: 'ok',
    details: { ...details, ...(instance ? { instance: instance.id, service: instance.service, release: instance.release } : {}) },
  }
  const committed = await plane.changes.commit({ expect: [], writes, audit })
  return committed.ok ? ok(undefined) : committed
}
