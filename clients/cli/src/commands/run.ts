/** Loaded before every program somebody runs, so it loads the client and the contract's table of routes and no more. */
import { constants } from 'node:os'
import type { CommandContext } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'
import { printable } from '../output/printable.ts'
import { end, endWith, need } from '../outcome.ts'
import { paramsOf, versionOf } from '../plane/environment-route.ts'
import { type HeldSignals, holdSignals } from '../run/hold-signals.ts'
import { writePrivateFiles } from '../run/private-files.ts'
import { runProgram } from '../run/run-program.ts'
import { type OpenedVariable, programVariables } from '../run/variables.ts'

/** What opening an environment gives a program. */
interface Opened {
  readonly environment: string
  readonly variables: readonly OpenedVariable[]
  readonly files: readonly OpenedVariable[]
}

/** Runs a program with the values of an environment, and ends as it ends. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { invocation, spec, connect, output, world } = context
  const command = invocation.trailing
  if (!command?.length) {
    return end('USAGE', { reason: 'no program: put it behind --, as in `headgate run shop/dev -- node app.js`', command: spec.name })
  }
  const connection = await connect()
  const reference = await connection.environment(invocation.argument('environment'))
  const opened = need(await connection.client.call('openEnvironment', { params: paramsOf(reference), query: versionOf(reference) }))
  output.diagnostics(opened.diagnostics)
  const signals = holdSignals(world)
  try {
    return await runWith(context, command, opened, signals)
  } finally {
    signals.release()
  }
}

/** The part that leaves files behind if it is cut short; signals are held for all of it. */
async function runWith(context: CommandContext, command: readonly string[], opened: Opened, signals: HeldSignals): Promise<ExitCode> {
  const { world, output } = context
  const files = await writePrivateFiles(opened.files, world.env)
  try {
    const variables = variablesFor(context, opened.environment, [...opened.variables, ...files.variables])
    if (signals.early) return 128 + constants.signals[signals.early]
    const { exitCode, problem } = await runProgram(command, variables, world, signals)
    if (problem) output.problem(problem)
    return exitCode
  } finally {
    files.remove()
  }
}

function variablesFor(
  { invocation, output, world }: CommandContext,
  environment: string,
  opened: readonly OpenedVariable[],
): Record<string, string> {
  const { variables, dropped, loading, invalid } = programVariables(world.env, opened, { preserve: invocation.flag('preserve-env') })
  const [refused] = invalid
  if (refused) endWith('VARIABLE_INVALID', { environment, name: printable(refused.name), reason: refused.reason })
  if (dropped.length > 0)
    output.warn(`not taken from ${environment}, because the machine sets it: ${dropped.map((name) => printable(name)).join(', ')}`)
  if (loading.length > 0)
    output.warn(`${environment} makes programs load code: it sets ${loading.map((name) => printable(name)).join(', ')}`)
  return variables
}
