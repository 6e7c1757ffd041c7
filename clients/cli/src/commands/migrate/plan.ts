import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { canApply, planToJson } from '@headgate/scan'
import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { existingIfReachable } from '../../migration/existing-environments.ts'
import { planFromFiles } from '../../migration/plan-from-files.ts'
import { showPlan } from '../../migration/show-plan.ts'
import { end } from '../../outcome.ts'

/** Shows what a migration would write. The exit code is 1 where it could not be applied. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { output, invocation, world } = context
  const planned = await planFromFiles(context, (project, environments) => existingIfReachable(context, project, environments))
  const document = planToJson(planned.plan)
  const file = invocation.option('output')
  if (file !== undefined) await keepPlan(resolve(world.cwd, file), file, document)
  output.answer(document, () => showPlan(planned, output))
  if (!canApply(planned.plan)) return exitCodes.problem
  if (!output.json) output.note('nothing was changed; write it with: headgate migrate apply')
  return exitCodes.ok
}

/** Masked, but still a list of what is where: readable by its owner alone. */
async function keepPlan(file: string, name: string, document: object): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(document, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') end('FILE_EXISTS', { file: name })
    end('FILE_UNWRITABLE', { file: name, reason: code ?? message })
  }
}
