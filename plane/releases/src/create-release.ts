import { type ApplicationFile, domainsOf } from '@headgate/contract'
import type { FrozenConfiguration, Release, ReleaseContent, ReleaseTarget, Result, ServiceTarget } from '@headgate/model'
import { ok, refuse } from '@headgate/model'
import { canonicalJson } from '@headgate/rollout'
import { type ReleaseRow, insert, update } from '@headgate/store'
import type { Actor } from './configuration-source.ts'
import { configurationDigest, releaseIdOf } from './digests.ts'
import { enter } from './journal.ts'
import { releaseOf } from './rows.ts'
import type { Surroundings } from './surroundings.ts'

export interface CreateRelease {
  readonly target: ReleaseTarget
  readonly file: ApplicationFile
  /** The digest of each service's artifact. */
  readonly artifacts: Readonly<Record<string, string>>
  /** Another configuration than the file's: `project/environment[@tag or revision]`. */
  readonly configuration?: string
  readonly version?: string
  readonly by: Actor
}

/**
 * Freezes code, configuration and target specification into a release. The same content is the same release: then the
 * one that is there is the answer.
 */
export async function createRelease(surroundings: Surroundings, order: CreateRelease): Promise<Result<Release>> {
  const { target, file, by } = order
  const environment = file.environments[target.environment]
  if (!environment || file.project !== target.project) {
    const known = Object.keys(file.environments).map((name) => `${file.project}/${name}`)
    return refuse('TARGET_NOT_IN_FILE', { target: `${target.project}/${target.environment}`, known: known.join(', ') })
  }
  const services = await servicesOf(surroundings, order)
  if (!services.ok) return services
  const reference = order.configuration ?? environment.configuration
  const frozen = await surroundings.configuration.freeze({ target, reference, by })
  if (!frozen.ok) return frozen
  const { strategy, thresholds } = environment
  const content: ReleaseContent = {
    target,
    services: services.value,
    configuration: frozen.value,
    strategy,
    ...(thresholds ? { thresholds } : {}),
  }
  return keepRelease(surroundings, { content, by, ...(order.version === undefined ? {} : { version: order.version }) })
}

async function servicesOf({ artifacts }: Surroundings, order: CreateRelease): Promise<Result<ServiceTarget[]>> {
  const domains = domainsOf(order.file, order.target.environment)
  const services: ServiceTarget[] = []
  for (const [name, service] of Object.entries(order.file.services)) {
    const artifact = order.artifacts[name]
    if (artifact === undefined) return refuse('ARTIFACT_MISSING', { service: name })
    if (!(await artifacts.has(artifact))) return refuse('ARTIFACT_INCOMPLETE', { artifact })
    const { run, replicas, health, limits, drain, reload } = service
    services.push({ name, artifact, run, replicas, health, limits, drain, reload, domain: domains[name] ?? '' })
  }
  return ok(services)
}

/** The same release with its configuration as it is now; undefined where nothing in it changed. */
export async function refreezeRelease(surroundings: Surroundings, live: Release, by: Actor): Promise<Result<Release | undefined>> {
  const { content } = live
  const frozen = await surroundings.configuration.freeze({ target: live.target, reference: content.configuration.reference, by })
  if (!frozen.ok) return frozen
  if (sameConfiguration(frozen.value, content.configuration)) return ok(undefined)
  return keepRelease(surroundings, { content: { ...content, configuration: frozen.value }, by })
}

function sameConfiguration(one: FrozenConfiguration, other: FrozenConfiguration): boolean {
  return configurationDigest(one) === configurationDigest(other)
}

/** Two at a time may want the same number; the one that comes second takes the next. */
const TRIES = 10

async function keepRelease(
  surroundings: Surroundings,
  order: { readonly content: ReleaseContent; readonly by: Actor; readonly version?: string },
): Promise<Result<Release>> {
  const { store, organisation, clock } = surroundings
  const { content, by } = order
  const id = releaseIdOf(content)
  for (let tries = 1; ; tries += 1) {
    const known = await store.releases.get(id)
    if (known) {
      const labelled = await labelRelease(surroundings, known, order)
      if (labelled.ok || tries === TRIES) return labelled
      continue
    }
    const [newest] = await store.releases.list(organisation.id, content.target, 1)
    const row = {
      id,
      organisation: organisation.id,
      project: content.target.project,
      environment: content.target.environment,
      number: (newest?.number ?? 0) + 1,
      version: order.version ?? null,
      content: canonicalJson(content),
      author: by.principal,
      author_name: by.name,
      created_at: clock.now(),
    }
    const details = { release: id, number: row.number, version: row.version }
    const entered = await enter(surroundings, {
      target: content.target,
      action: 'release.freeze',
      writes: [insert('releases', row)],
      details,
      by,
    })
    if (entered.ok) return ok(releaseOf({ ...row, change: entered.value.change, mac: new Uint8Array() }))
    if (tries === TRIES) return entered
  }
}

/** A release that has no label yet (it was only planned, or made for a changed setting) takes the first it is given, and keeps it. */
async function labelRelease(
  surroundings: Surroundings,
  row: ReleaseRow,
  { by, version }: { readonly by: Actor; readonly version?: string },
): Promise<Result<Release>> {
  if (version === undefined || row.version !== null) return ok(releaseOf(row))
  const target = { project: row.project, environment: row.environment }
  const details = { release: row.id, number: row.number, version }
  const entered = await enter(surroundings, {
    target,
    action: 'release.label',
    writes: [update('releases', row, { version })],
    details,
    by,
  })
  return entered.ok ? ok(releaseOf({ ...row, version, change: entered.value.change })) : entered
}

/** Whether a changed setting reaches every service of a release without a new instance, so that nobody has to ask for it. */
export function reloadsByItself({ content }: Release): boolean {
  return content.services.every(({ reload }) => reload === 'auto')
}
