import { problemOf } from '@headgate/model'
import { canApply, planToJson } from '@headgate/scan'
import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { confirm } from '../../input/ask.ts'
import { existingEnvironments } from '../../migration/existing-environments.ts'
import { type PlannedMigration, planFromFiles } from '../../migration/plan-from-files.ts'
import { showPlan } from '../../migration/show-plan.ts'
import { textsToWrite } from '../../migration/texts-to-write.ts'
import { printable } from '../../output/printable.ts'
import { count } from '../../output/time.ts'
import { CommandEnded, need } from '../../outcome.ts'

/** Plans, shows, asks, and writes all environments as one change. */
export async function run(context: CommandContext): Promise<ExitCode | void> {
  const { output, connect } = context
  const connection = await connect()
  const planned = await planFromFiles(context, (project, environments) => existingEnvironments(connection, project, environments))
  if (!output.json) output.plain(showPlan(planned, output))
  refuseUnusable(planned)
  const organisation = await connection.organisation()
  const texts = textsToWrite(planned)
  const { plan } = planned
  if (texts.length === 0) {
    output.answer({ migration: null, plan: planToJson(plan) }, () => '\nnothing to do: the environments hold all of it already\n')
    return
  }
  if (!(await agreed(context, texts.length))) return exitCodes.problem
  const body = { sources: [...plan.sources], environments: texts.map((text) => ({ organisation, ...text })) }
  const { diagnostics, ...applied } = need(await connection.client.call('applyMigration', { body }))
  output.diagnostics(diagnostics, Object.fromEntries(texts.map(({ project, environment, text }) => [`${project}/${environment}`, text])))
  output.answer({ ...applied, diagnostics, plan: planToJson(plan) }, () => {
    const written = applied.environments.map(
      ({ project, environment, revision }) => `  ${printable(`${project}/${environment}`)}  revision ${revision}`,
    )
    const next = `undo it with: headgate migrate rollback ${applied.migration}`
    return ['', `applied migration ${output.paint.bold(applied.migration)}`, ...written, next, ''].join('\n')
  })
}

function refuseUnusable({ plan }: PlannedMigration): void {
  if (canApply(plan)) return
  const mistakes = plan.diagnostics.filter(({ severity, code }) => severity === 'error' && !code.startsWith('DOTENV_'))
  throw new CommandEnded(problemOf('MIGRATION_INVALID', { count: count(mistakes.length, 'mistake') }, mistakes))
}

async function agreed({ world, output, invocation }: CommandContext, environments: number): Promise<boolean> {
  if (invocation.flag('yes')) return true
  const question = {
    text: `\nWrite ${count(environments, 'environment')}?`,
    what: 'a confirmation',
    instead: 'headgate migrate apply --yes',
  }
  const yes = await confirm(world, question)
  if (!yes) output.note('nothing was changed')
  return yes
}
