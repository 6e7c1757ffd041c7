import type { Secret } from '@headgate/model'
import type { PlannedEnvironment } from './migration-plan.ts'

/** Exactly what opening the environment must give for its own variables, imports aside. */
export function plannedValues(environment: PlannedEnvironment): Map<string, { value: Secret; secret: boolean }> {
  const values = new Map<string, { value: Secret; secret: boolean }>()
  for (const entry of environment.entries) {
    if (entry.outcome !== 'not-taken') values.set(entry.key, { value: entry.value, secret: entry.outcome === 'secret' })
  }
  for (const { key, value, secret } of environment.kept) values.set(key, { value, secret })
  return values
}
