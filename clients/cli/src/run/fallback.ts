/** What `headgate run` starts a program with where the plane cannot be asked. Loaded only where somebody switched it on. */
import { type EnvironmentReference, type Problem, errorCatalogue, parseEnvironmentReference, problemOf } from '@headgate/model'
import { ConfigurationError, type FallbackMode, type Snapshot, StandIns, isRefusal, systemClock } from '@headgate/sdk/stand-in'
import type { CommandContext } from '../command.ts'
import { CommandEnded, end, need } from '../outcome.ts'
import type { World } from '../world.ts'
import type { Opened } from './opened.ts'

export interface StoodIn {
  readonly opened: Opened
  /** Whom to ask once the plane is there; absent where nobody knows the organisation. */
  readonly reference?: EnvironmentReference
}

export interface RunFallback {
  /** Why the plane is not asked at all; absent where it is. */
  readonly instead: string | undefined
  /** What stands in. Ends the command with all that was tried, where nothing does. */
  read(reason: string): Promise<StoodIn>
  /** What stands in for a plane that could not be asked. Where it refused, nothing does: the copy is deleted, and the command ends. */
  insteadOf(failure: CommandEnded): Promise<StoodIn>
  /** Deletes the copy, where that is a refusal. */
  failed(problem: Problem): void
  /** Makes these values the copy, in the background. `askedAt` is absent where they came with a change. */
  keep(opened: Opened, askedAt?: number): void
  settled(): Promise<void>
}

export async function runFallback({ world, invocation, output, url }: CommandContext): Promise<RunFallback | undefined> {
  const named = invocation.argument('environment') ?? (world.env['HEADGATE_ENVIRONMENT'] || undefined)
  // That none is named is said by who needs one.
  if (named === undefined) return undefined
  const said = invocation.option('fallback') as FallbackMode | undefined
  // Values go to the disk of those only who ask for it; the variable is the SDK's to read.
  const mode = said ?? (world.env['ESC_FALLBACK_MODE'] ? undefined : 'off')
  const report = ({ message }: { message: string }): void => output.warn(message)
  const options = { environment: named, report, ...(mode ? { fallback: mode } : {}), ...(url === undefined ? {} : { url }) }
  const standIns = await asCommand(() => StandIns.of(options, surroundingsOf(world)))
  const read = async (reason: string): Promise<StoodIn> => stoodIn(await asCommand(() => standIns.read(reason)), named, world)
  const failed = (problem: Problem): void => {
    if (isRefusal(problem)) standIns.refuse()
  }
  return {
    instead: standIns.mode === 'only' ? 'the plane is not asked, because the fallback mode is `only`' : undefined,
    read,
    async insteadOf(failure) {
      failed(failure.problem)
      if (!isAbsence(failure.problem)) throw failure
      try {
        return await read(failure.problem.message)
      } catch (error) {
        // What has to be done first is to sign in.
        throw failure.problem.code === 'NOT_LOGGED_IN' ? failure : error
      }
    },
    failed,
    keep: (opened, askedAt) => standIns.keep(opened, askedAt),
    settled: () => standIns.settled(),
  }
}

function surroundingsOf({ env, cwd }: World) {
  return { env, home: env['HOME'] ?? '', folder: cwd, clock: systemClock, random: Math.random }
}

/** Mistakes of settings are the SDK's exceptions, and a command's end here. */
async function asCommand<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof ConfigurationError ? new CommandEnded(problemOf(error.code, error.details)) : error
  }
}

/** Whether there is nobody to ask, or nobody who can answer just now. */
function isAbsence({ code }: Problem): boolean {
  return code === 'NOT_LOGGED_IN' || (errorCatalogue[code]?.status ?? 0) >= 500
}

function stoodIn(snapshot: Snapshot, named: string, { env }: World): StoodIn {
  const { environment, revision, closure, values, secrets, organisation, source } = snapshot
  const isCopy = source === 'fallback'
  if (isCopy && !snapshot.files) {
    const tried = 'the fallback copy was kept without the files of the environment'
    end('CONFIG_UNAVAILABLE', { environment, tried, advice: 'start the plane: what it answers becomes the copy' })
  }
  // Variables of this process stand in for themselves: the program has them anyway.
  const variables = listed(snapshot.variables).filter(({ name }) => isCopy || env[name] === undefined)
  const opened = { environment, revision, closure: [...closure], values, secrets: [...secrets], variables, files: listed(snapshot.files) }
  const project = env['HEADGATE_PROJECT']
  const reference = organisation && need(parseEnvironmentReference(named, { organisation, ...(project ? { project } : {}) }))
  return { opened: { ...opened, diagnostics: [] }, ...(reference ? { reference } : {}) }
}

function listed(found: Snapshot['files'] = new Map()): Opened['variables'] {
  return [...found].map(([name, { value, secret }]) => ({ name, value, secret }))
}
