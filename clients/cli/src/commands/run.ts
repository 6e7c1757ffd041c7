/** Loaded before every program somebody runs, so it loads the client and the contract's table of routes and no more. */
import { constants } from 'node:os'
import { resolve } from 'node:path'
import type { EnvironmentReference, Result } from '@headgate/model'
import type { CommandContext } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'
import { printable } from '../output/printable.ts'
import { CommandEnded, end, need } from '../outcome.ts'
import { paramsOf, versionOf } from '../plane/environment-route.ts'
import type { Connection } from '../plane/connection.ts'
import type { RunFallback } from '../run/fallback.ts'
import { type HeldSignals, holdSignals } from '../run/hold-signals.ts'
import type { Opened } from '../run/opened.ts'
import type { Mount, PrivateFiles } from '../run/private-files.ts'
import type { Redactor } from '../run/redact-stream.ts'
import { type ProgramEnd, type StartedProgram, startProgram } from '../run/run-program.ts'
import { type OpenedVariable, onlyNamed, programVariables } from '../run/variables.ts'
import type { WatchedEnvironment } from '../run/watch-environment.ts'

/** Runs a program with the values of an environment, and ends as it ends. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { invocation, spec, output, world } = context
  const command = invocation.trailing
  if (!command?.[0]) {
    return end('USAGE', { reason: 'no program: put it behind --, as in `headgate run shop/dev -- node app.js`', command: spec.name })
  }
  refuseContradictions(context)
  const fallback = await fallbackFor(context)
  try {
    const start = await begin(context, fallback)
    output.diagnostics(start.opened.diagnostics)
    const signals = holdSignals(world)
    const watching = invocation.flag('watch') ? await watch(context, start, fallback) : undefined
    try {
      return await runAll(context, command, start.opened, signals, watching)
    } finally {
      await watching?.close()
      signals.release()
    }
  } finally {
    await fallback?.settled()
  }
}

/** What stands in for the plane, loaded only where somebody asks for it. */
async function fallbackFor(context: CommandContext): Promise<RunFallback | undefined> {
  const { env } = context.world
  if (!(context.invocation.option('fallback') || env['ESC_FALLBACK_MODE'] || env['ESC_BACKWARD_COMPATIBILITY'])) return undefined
  return (await import('../run/fallback.ts')).runFallback(context)
}

/** What a program begins with, and whom to ask from then on; nobody where that is not known. */
interface Start {
  readonly opened: Opened
  readonly stoodIn: boolean
  readonly plane?: { readonly connection: Connection; readonly reference: EnvironmentReference }
}

async function begin({ connect, invocation }: CommandContext, fallback: RunFallback | undefined): Promise<Start> {
  const named = invocation.argument('environment')
  if (fallback?.instead) return { opened: (await fallback.read(fallback.instead)).opened, stoodIn: true }
  let connection: Connection | undefined
  try {
    connection = await connect()
    const reference = await connection.environment(named)
    const askedAt = Date.now()
    const opened = need(await open(connection, reference))
    fallback?.keep(opened, askedAt)
    return { opened, stoodIn: false, plane: { connection, reference } }
  } catch (error) {
    if (!fallback || !(error instanceof CommandEnded)) throw error
    const { opened, reference } = await fallback.insteadOf(error)
    return { opened, stoodIn: true, ...(connection && reference ? { plane: { connection, reference } } : {}) }
  }
}

function open({ client }: Connection, reference: EnvironmentReference): Promise<Result<Opened>> {
  return client.call('openEnvironment', { params: paramsOf(reference), query: versionOf(reference) })
}

function refuseContradictions({ invocation, spec }: CommandContext): void {
  const refuse = (reason: string): never => end('USAGE', { reason, command: spec.name })
  if (invocation.option('watch-signal') !== undefined && !invocation.flag('watch'))
    refuse('--watch-signal says what --watch does; give both')
  if (invocation.option('mount-format') !== undefined && invocation.option('mount') === undefined) {
    refuse('--mount-format says how --mount writes; give both')
  }
}

async function watch(
  { output }: CommandContext,
  { opened, stoodIn, plane }: Start,
  fallback: RunFallback | undefined,
): Promise<WatchedEnvironment | undefined> {
  const degraded = (reason: string): void => output.warn(`not watching ${opened.environment} just now (${reason}); the program runs on`)
  if (!plane) {
    degraded('no plane is asked')
    return undefined
  }
  const { watchEnvironment } = await import('../run/watch-environment.ts')
  const { connection, reference } = plane
  const { url, token } = connection
  const openAgain = async (): Promise<Result<Opened>> => {
    const answer = await open(connection, reference)
    if (!answer.ok) fallback?.failed(answer.problem)
    return answer
  }
  const given = (next: Opened): void => fallback?.keep(next)
  return watchEnvironment({ url, token, reference, opened, stoodIn, open: openAgain, given, degraded })
}

/** The program, and with --watch whatever comes after it, until one ends by itself or is asked to. */
async function runAll(
  context: CommandContext,
  command: readonly string[],
  first: Opened,
  signals: HeldSignals,
  watching: WatchedEnvironment | undefined,
): Promise<ExitCode> {
  for (let opened = first; ;) {
    const { ended, next } = await runOnce(context, command, opened, signals, watching)
    if (ended?.problem) context.output.problem(ended.problem)
    if (ended) return ended.exitCode
    // Who asked for an end while there was no program between two has it now.
    if (signals.ending) return 128 + constants.signals[signals.ending]
    context.output.note(`${opened.environment} changed; starting again`)
    opened = next ?? opened
  }
}

interface Outcome {
  /** How the program ended; absent where it was stopped because its values changed. */
  readonly ended?: ProgramEnd
  readonly next?: Opened
}

/** One start of the program: the part that leaves files behind if it is cut short; signals are held for all of it. */
async function runOnce(
  context: CommandContext,
  command: readonly string[],
  opened: Opened,
  signals: HeldSignals,
  watching: WatchedEnvironment | undefined,
): Promise<Outcome> {
  const { world } = context
  const values = await valuesOf(context, opened)
  try {
    const redactor = await redactorOf(context, opened)
    if (signals.early) return { ended: { exitCode: 128 + constants.signals[signals.early] } }
    const program = startProgram(command, { variables: values.variables, ...(redactor ? { redactor } : {}) }, world, signals)
    return watching ? await untilChanged(context, program, values, watching) : { ended: await program.ended }
  } finally {
    values.files.remove()
  }
}

async function untilChanged(
  { invocation }: CommandContext,
  program: StartedProgram,
  values: Values,
  watching: WatchedEnvironment,
): Promise<Outcome> {
  const signal = invocation.option('watch-signal') as NodeJS.Signals | undefined
  const ended = program.ended.then((end): Outcome => ({ ended: end }))
  for (;;) {
    const outcome = await Promise.race([ended, watching.next().then((next): Outcome => ({ next }))])
    if (!outcome.next) return outcome
    if (!signal) {
      await program.stop()
      // It may have taken its time, and the values changed again.
      return { next: watching.latest() }
    }
    await values.rewrite(outcome.next)
    program.signal(signal)
  }
}

/** What a program is started with. */
interface Values {
  readonly variables: Readonly<Record<string, string>>
  readonly files: PrivateFiles
  rewrite(opened: Opened): Promise<void>
}

async function valuesOf(context: CommandContext, opened: Opened): Promise<Values> {
  const mount = await mountOf(context, opened)
  if (opened.files.length === 0 && !mount) {
    return {
      variables: variablesFor(context, opened, chosen(context, opened)),
      files: { variables: [], rewrite() {}, remove() {} },
      async rewrite() {},
    }
  }
  const { writePrivateFiles } = await import('../run/private-files.ts')
  const files = writePrivateFiles(opened.files, context.world.env, mount)
  try {
    const variables = variablesFor(context, opened, [...(mount ? [] : chosen(context, opened)), ...files.variables])
    const rewrite = async (other: Opened): Promise<void> => files.rewrite(other.files, (await mountOf(context, other))?.content)
    return { variables, files, rewrite }
  } catch (cause) {
    files.remove()
    throw cause
  }
}

async function mountOf(context: CommandContext, opened: Opened): Promise<Mount | undefined> {
  const { invocation, world } = context
  const place = invocation.option('mount')
  if (place === undefined) return undefined
  const { mountContent } = await import('../run/mount-content.ts')
  const content = mountContent(chosen(context, opened), place, invocation.option('mount-format'))
  return { file: resolve(world.cwd, place), content: need(content) }
}

/** The variables that were asked for: those of --only-secrets, else all. */
function chosen({ invocation }: CommandContext, { environment, variables }: Opened): readonly OpenedVariable[] {
  const names = invocation.options('only-secrets').flatMap((list) => list.split(',').map((name) => name.trim()))
  if (names.length === 0) return variables
  const { found, missing } = onlyNamed(variables, names)
  if (missing.length > 0) end('VARIABLE_MISSING', { environment, names: missing.map((name) => printable(name)).join(', ') })
  return found
}

async function redactorOf({ invocation }: CommandContext, opened: Opened): Promise<(() => Redactor) | undefined> {
  if (!invocation.flag('redact')) return undefined
  const [{ redactorFor }, { formsOf }] = await Promise.all([import('../run/redact-stream.ts'), import('../run/secret-forms.ts')])
  const secrets = [...opened.variables, ...opened.files].filter(({ secret }) => secret)
  return redactorFor(secrets.flatMap(({ value }) => formsOf(value)))
}

function variablesFor(
  { invocation, output, world }: CommandContext,
  { environment }: Opened,
  opened: readonly OpenedVariable[],
): Record<string, string> {
  const { variables, dropped, loading, invalid } = programVariables(world.env, opened, { preserve: invocation.flag('preserve-env') })
  const [refused] = invalid
  if (refused) end('VARIABLE_INVALID', { environment, name: printable(refused.name), reason: refused.reason })
  if (dropped.length > 0)
    output.warn(`not taken from ${environment}, because the machine sets it: ${dropped.map((name) => printable(name)).join(', ')}`)
  if (loading.length > 0)
    output.warn(`${environment} makes programs load code: it sets ${loading.map((name) => printable(name)).join(', ')}`)
  return variables
}
