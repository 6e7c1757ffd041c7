import type { EnvironmentValues, MigrationPlan, PlannedEnvironment } from './migration-plan.ts'
import { revealed } from './plan-environment.ts'
import { plannedValues } from './planned-values.ts'

/** One variable that is not as planned. */
export interface Deviation {
  readonly environment: string
  readonly key: string
  /** `extra` is there and not planned; `exposed` should be a secret and is not, `sealed` the other way round. */
  readonly kind: 'missing-environment' | 'missing' | 'different' | 'exposed' | 'sealed' | 'extra'
}

export interface Comparison {
  readonly ok: boolean
  readonly compared: number
  readonly deviations: readonly Deviation[]
}

/**
 * Holds what the environments give now against what was planned. Values are compared byte for byte and named nowhere.
 *
 * What an environment imports is its own business: variables of an imported environment of the plan are not `extra`.
 */
export function compareMigration(plan: MigrationPlan, actual: EnvironmentValues): Comparison {
  const deviations: Deviation[] = []
  let compared = 0
  for (const environment of plan.environments) {
    const planned = plannedValues(environment)
    compared += planned.size
    deviations.push(...compareEnvironment(plan, environment, actual))
  }
  return { ok: deviations.length === 0, compared, deviations }
}

function compareEnvironment(plan: MigrationPlan, environment: PlannedEnvironment, actual: EnvironmentValues): Deviation[] {
  const name = environment.environment
  const found = actual.get(name)
  if (!found) return [{ environment: name, key: '', kind: 'missing-environment' }]
  const planned = plannedValues(environment)
  const inherited = new Set(
    plan.environments.filter((other) => isImported(environment, other)).flatMap((other) => [...plannedValues(other).keys()]),
  )
  const deviations: Deviation[] = []
  for (const [key, { value, secret }] of planned) {
    const now = found.get(key)
    if (!now) deviations.push({ environment: name, key, kind: 'missing' })
    else if (revealed(now.value) !== value.reveal()) deviations.push({ environment: name, key, kind: 'different' })
    else if (now.secret !== secret) deviations.push({ environment: name, key, kind: secret ? 'exposed' : 'sealed' })
  }
  for (const key of found.keys()) {
    if (!planned.has(key) && !inherited.has(key)) deviations.push({ environment: name, key, kind: 'extra' })
  }
  return deviations
}

function isImported(environment: PlannedEnvironment, other: PlannedEnvironment): boolean {
  return environment.imports.includes(`${other.project}/${other.environment}`)
}
