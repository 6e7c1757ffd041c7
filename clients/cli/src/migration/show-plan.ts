import { renderPlan } from '@headgate/scan'
import type { Output } from '../output/output.ts'
import type { PlannedMigration } from './plan-from-files.ts'

/** In a file or pipe nothing is cut. */
const UNCUT = 10_000

/** The plan as a text; what is doubtful in the files goes beside it, with its place and without its line, which may hold a secret. */
export function showPlan({ plan }: PlannedMigration, output: Output): string {
  // The plan's own mistakes are part of the rendered plan.
  output.diagnostics(plan.diagnostics.filter(({ code }) => code.startsWith('DOTENV_')))
  const imports = plan.environments.flatMap(({ project, environment, imports: names }) =>
    names.map((name) => `${project}/${environment} imports ${name}\n`),
  )
  const text = renderPlan(plan, { color: output.colour, width: output.width ?? UNCUT })
  return imports.length === 0 ? text : `${text}\n${imports.join('')}`
}
