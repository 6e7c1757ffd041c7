import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { type Result, ok, refuse } from '@headgate/model'
import type { RunningPlane, UseCase } from '../plane.ts'

/** Environments, caches and clients, in numbers. */
export const getConfigurationStatus: UseCase<'getConfigurationStatus'> = async (plane) => {
  const { openings, connected } = plane.statistics()
  const environments = await plane.store.environments.list(plane.organisation.id, {})
  return ok({
    answer: {
      status: 'ok' as const,
      version: plane.version,
      started: plane.started,
      organisation: plane.organisation.name,
      database: plane.database.shared ? ('postgresql' as const) : ('sqlite' as const),
      environments: environments.length,
      cache: { ...openings, hitRatio: shareOf(openings.hits, openings.misses) },
      connected,
    },
  })
}

/** It is degraded where more texts fail to open than open: then something they all need is broken. */
export const getLanguageHealth: UseCase<'getLanguageHealth'> = async (plane) => {
  const { opened, validations } = plane.statistics()
  return ok({
    answer: {
      status: opened.failed > opened.ok ? ('degraded' as const) : ('ok' as const),
      opened: opened.ok,
      failed: opened.failed,
      denied: opened.denied,
      validation: { ...validations, success: shareOf(validations.passed, validations.failed) },
    },
  })
}

/** Seals and opens a value that nobody needs: the keys are there and fit each other. And whether there is room to record. */
export const getSecretsHealth: UseCase<'getSecretsHealth'> = async (plane) => {
  const sealing = sealsAndOpens(plane)
  const full = plane.database.reserve?.refuses(undefined) ?? false
  return ok({
    answer: {
      status: sealing && !full ? ('ok' as const) : ('failed' as const),
      sealing: sealing ? ('ok' as const) : ('failed' as const),
      audit: {
        recording: full ? ('full' as const) : ('ok' as const),
        ...plane.statistics().audit,
        checkpoint: plane.vault.checkpoint() !== undefined,
      },
    },
  })
}

export const readMetrics: UseCase<'readMetrics'> = async (plane) => ok({ answer: await plane.renderMetrics() })

/** Reads and opens what no other request needs. Told to anybody, so it says no more than which of the two fails. */
export async function getReadiness(plane: RunningPlane): Promise<Result<{ status: 'ready' }>> {
  try {
    await plane.store.organisations.list()
  } catch {
    return refuse('PLANE_NOT_READY', { reason: 'its database cannot be read' })
  }
  if (!sealsAndOpens(plane)) return refuse('PLANE_NOT_READY', { reason: 'its keys do not open what they seal' })
  return ok({ status: 'ready' })
}

function sealsAndOpens({ vault, organisation }: RunningPlane): boolean {
  const value = randomBytes(16)
  try {
    const sealed = vault.sealDocument(organisation.id, 'health', 'now', value)
    return Buffer.from(vault.openDocument(organisation.id, 'health', 'now', sealed)).equals(value)
  } catch {
    return false
  }
}

function shareOf(some: number, others: number): number | null {
  return some + others === 0 ? null : some / (some + others)
}
