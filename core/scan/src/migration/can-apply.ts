import type { MigrationPlan } from './migration-plan.ts'

/**
 * Whether a plan may be applied. What is doubtful in the files never forbids it, because the plan says line by line what
 * becomes of it; a mistake in where things go does.
 */
export function canApply(plan: MigrationPlan): boolean {
  return plan.environments.length > 0 && planMistakes(plan).length === 0
}

/** The diagnostics that forbid applying. */
export function planMistakes(plan: MigrationPlan): MigrationPlan['diagnostics'] {
  return plan.diagnostics.filter(({ code, severity }) => severity === 'error' && !code.startsWith('DOTENV_'))
}
