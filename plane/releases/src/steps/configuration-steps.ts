import { ok, refuse } from '@headgate/model'
import { Draft } from '../draft.ts'
import { configurationDigest } from '../digests.ts'
import { type KeptInstance, isHealthy } from '../instances.ts'
import type { StepContext, StepHandler } from './step-context.ts'

export const checkConfiguration: StepHandler<'check-configuration'> = async ({ keeper, release }, step) => {
  const { content } = await release(step.release)
  const checked = await keeper.surroundings.configuration.check({ target: keeper.target, frozen: content.configuration })
  return checked.ok ? ok({ ...(checked.value.notes.length > 0 ? { detail: checked.value.notes.join('; ') } : {}) }) : checked
}

/** Backs up what the release replaces: the configuration of what is live. */
export const backUpConfiguration: StepHandler<'back-up-configuration'> = async ({ keeper, key, release }) => {
  const { live } = keeper.row
  if (live === null) return ok({})
  const { content } = await release(live)
  const kept = await keeper.surroundings.configuration.backUp({ target: keeper.target, frozen: content.configuration, key })
  return kept.ok ? ok({ detail: `kept as ${kept.value.id.slice(0, 12)}` }) : kept
}

export const pinConfiguration: StepHandler<'pin-configuration'> = async ({ keeper, release }, step) => {
  const pinned = step.release === undefined ? null : (await release(step.release)).id
  if (keeper.row.pinned === pinned) return ok({})
  return ok({ draft: new Draft().update('targets', keeper.row, { pinned }, (row) => (keeper.row = row)) })
}

export const verifyConfiguration: StepHandler<'verify-configuration'> = async ({ keeper, release }, step) => {
  const { content } = await release(step.release)
  const verified = await keeper.surroundings.configuration.verify({ target: keeper.target, frozen: content.configuration })
  if (!verified.ok) return verified
  const { dynamic } = verified.value
  return ok({ ...(dynamic.length > 0 ? { detail: `opened at start, and not frozen: ${dynamic.join(', ')}` } : {}) })
}

/** The instances go on as they are; only whose they are is written down anew. */
export const carryOver: StepHandler<'carry-over'> = async (context, step) => {
  const { keeper } = context
  const taken = takenOver(context, step)
  const release = await context.release(step.release)
  const draft = new Draft()
  for (const kept of taken) draft.update('instances', kept.row, { release: release.id }, (row) => (kept.row = row))
  renameShares(keeper, draft, step)
  return ok({ draft, afterwards: async () => follow(context, step.release, taken) })
}

/**
 * Hands a running service another configuration. Whose the instances are is written down before anything is delivered:
 * from the first delivery on an instance may hold the new values, and the way back has to know that.
 */
export const deliverConfiguration: StepHandler<'deliver-configuration'> = async (context, step) => {
  const { keeper, key, signal } = context
  const { configuration: source, clock } = keeper.surroundings
  const release = await context.release(step.release)
  const frozen = release.content.configuration
  const configuration = configurationDigest(frozen)
  const taken = takenOver(context, step)
  if (taken.length > 0) {
    const draft = new Draft()
    for (const kept of taken) draft.update('instances', kept.row, { release: release.id, configuration }, (row) => (kept.row = row))
    renameShares(keeper, draft, step)
    const written = await context.enter('instance.deliver', draft, { release: release.id, service: step.service })
    if (!written.ok) return written
  }
  const receivers = keeper.instances.of(step.service).filter(({ row, gone }) => row.release === release.id && gone === undefined)
  await follow(context, step.release, receivers)
  for (const { row } of receivers) {
    const instance = { id: row.id, target: keeper.target, service: row.service, release: release.id }
    if ((await source.delivered({ instance })) === configuration) continue
    // Before it is told, so that whoever looks at a file on being told finds the new one.
    const files = await source.files({ instance, frozen })
    if (!files.ok) return files
    await keeper.surroundings.driver.rewrite(row.id, files.value, keeper.lease.command)
    const delivered = await source.deliver({ instance, frozen, key: `${key}/${row.id}` })
    if (!delivered.ok) return delivered
    while ((await source.delivered({ instance })) !== configuration) {
      if (clock.now() >= (context.deadline ?? 0)) return refuse('CONFIGURATION_NOT_TAKEN', { service: step.service, instance: row.id })
      await clock.sleep(CONFIRMATION_MS, signal)
    }
  }
  return ok({ detail: `${receivers.length} ${receivers.length === 1 ? 'instance' : 'instances'} confirmed it` })
}

/** How often an instance's confirmation is looked for, in milliseconds. */
const CONFIRMATION_MS = 20
/** An instance that has not confirmed a configuration by then does not take it, in milliseconds. */
export const DELIVERY_MS = 30_000

interface TakeOver {
  readonly service: string
  readonly release: string
  readonly from: readonly string[]
}

function takenOver({ keeper }: StepContext, { service, from }: TakeOver): readonly KeptInstance[] {
  return keeper.instances.of(service).filter((kept) => from.includes(kept.row.release) && isHealthy(kept))
}

/** The shares stay with the instances: what they had under the old name they have under the new one. */
function renameShares(keeper: StepContext['keeper'], draft: Draft, { service, release, from }: TakeOver): void {
  const shares = keeper.traffic.shares[service] ?? {}
  const kept = Object.entries(shares).filter(([id]) => id !== release && !from.includes(id))
  const moved = [release, ...from].reduce((sum, id) => sum + (shares[id] ?? 0), 0)
  const traffic = { ...keeper.traffic.shares, [service]: Object.fromEntries(moved > 0 ? [...kept, [release, moved]] : kept) }
  draft.update('targets', keeper.row, { traffic: JSON.stringify(traffic) }, (row) => {
    keeper.row = row
    keeper.traffic.shares = traffic
  })
}

/** What an instance is started again from, should it end, is now the other release. */
async function follow({ keeper, release }: StepContext, id: string, taken: readonly KeptInstance[]): Promise<void> {
  const taking = await release(id)
  for (const kept of taken) {
    const service = taking.content.services.find((one) => one.name === kept.row.service)
    if (service) kept.plan = { release: taking, service }
  }
  await keeper.traffic.apply(keeper.stopped)
}
