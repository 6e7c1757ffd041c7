/**
 * What stands in for the plane where it cannot be asked: the sealed copy of the last known values, and after that, where it is
 * switched on, the `.env` files of the folder. Which of them is used, and why, is reported each time.
 */
import type { Answer } from '@headgate/contract'
import { ConfigurationError } from './errors.ts'
import type { Fallback } from './fallback.ts'
import type { FallbackMode } from './fallback-settings.ts'
import { FallbackWriter } from './fallback-writer.ts'
import { snapshotOf } from './plane-source.ts'
import { type ConnectOptions, type Settings, resolveSettings } from './settings.ts'
import type { Snapshot } from './snapshot.ts'
import type { Surroundings } from './surroundings.ts'

export { ConfigurationError } from './errors.ts'
export type { FallbackMode } from './fallback-settings.ts'
export { isRefusal } from './plane-source.ts'
export type { Snapshot } from './snapshot.ts'
export { systemClock } from './surroundings.ts'

export interface StandInStart {
  readonly settings: Settings<unknown>
  readonly surroundings: Surroundings
  readonly fallback: Fallback | undefined
}

/** A copy is sealed under the token, so without one there is none. */
export async function fallbackOf(settings: Settings<unknown>, { clock }: Surroundings): Promise<Fallback | undefined> {
  if (!settings.plane || settings.fallback.mode === 'off') return undefined
  const { Fallback } = await import('./fallback.ts')
  return new Fallback({ settings: settings.fallback, reference: settings.reference, plane: settings.plane, clock })
}

/**
 * The values that stand in, in the order of trust.
 *
 * @param reason why the plane is not asked, or what came of it
 * @throws ConfigurationError CONFIG_UNAVAILABLE with all that was tried, where nothing stands in
 */
export async function standInFor(start: StandInStart, reason: string): Promise<Snapshot> {
  const copied = await readCopy(start, reason)
  if ('snapshot' in copied) return copied.snapshot
  if (start.settings.compatibility) return readDotenv(start, reason)
  throw new ConfigurationError('CONFIG_UNAVAILABLE', {
    environment: start.settings.name,
    tried: `${reason}; ${copied.reason}`,
    advice: 'start the plane, or set ESC_BACKWARD_COMPATIBILITY=on to read .env files where there is none',
  })
}

async function readCopy(
  { settings, fallback }: StandInStart,
  reason: string,
): Promise<{ readonly snapshot: Snapshot } | { readonly reason: string }> {
  if (!fallback) return { reason: 'there is no fallback copy without a token and a mode that allows one' }
  const read = await fallback.read()
  if ('absent' in read) return { reason: read.absent }
  if ('refused' in read) {
    const refusal = `the fallback copy is not used: ${read.refused}`
    settings.report({ code: 'fallback-refused', level: 'warning', message: `${settings.name}: ${refusal}` })
    return { reason: refusal }
  }
  const { revision, readAt } = read.snapshot
  const message = `the fallback copy of revision ${revision}, written ${new Date(readAt).toISOString()}, is used, because ${reason}`
  settings.report({ code: 'fallback-used', level: 'warning', message: `${settings.name}: ${message}` })
  return read
}

async function readDotenv({ settings, surroundings }: StandInStart, reason: string): Promise<Snapshot> {
  const { readDotenvStandIn } = await import('./dotenv-stand-in.ts')
  const { snapshot, files, placeholders } = await readDotenvStandIn(settings, surroundings)
  const code = snapshot.source === 'dotenv' ? 'dotenv-used' : 'environment-used'
  const whence = files.length > 0 ? `${files.join(', ')} and the variables of this process are` : 'the variables of this process are'
  const warning = placeholders.length > 0 ? `; only placeholders are ${placeholders.join(', ')}` : ''
  settings.report({ code, level: 'warning', message: `${settings.name}: ${whence} used, because ${reason}${warning}` })
  return snapshot
}

/** The stand-ins of a program that asks the plane itself: `headgate run`. */
export class StandIns {
  readonly #start: StandInStart
  readonly #copy: FallbackWriter | undefined

  private constructor(start: StandInStart) {
    this.#start = start
    this.#copy = start.fallback && new FallbackWriter(start.fallback, start.settings.report)
  }

  /** @throws ConfigurationError where an option or a variable cannot be used */
  static async of(options: ConnectOptions, surroundings: Surroundings): Promise<StandIns> {
    const settings = await resolveSettings(options, surroundings)
    return new StandIns({ settings, surroundings, fallback: await fallbackOf(settings, surroundings) })
  }

  get mode(): FallbackMode {
    return this.#start.settings.fallback.mode
  }

  /** As `standInFor`. */
  read(reason: string): Promise<Snapshot> {
    return standInFor(this.#start, reason)
  }

  /** Makes what the plane gave the copy, in the background. `askedAt` is absent where it came with a change. */
  keep(opened: Answer<'openEnvironment'>, askedAt: number | undefined): void {
    const { settings, surroundings } = this.#start
    const { project, environment, organisation = opened.closure[0]?.organisation ?? '' } = settings.reference
    const named = { organisation, project, environment, url: settings.plane?.url ?? '', readAt: askedAt ?? surroundings.clock.now() }
    const read = snapshotOf(opened, named)
    if (read.ok) this.#copy?.keep(askedAt === undefined ? { ...read.value, pushed: true } : read.value)
  }

  /** The plane refused: nothing is kept, and nothing kept before is worth anything. */
  refuse(): void {
    this.#copy?.destroy()
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#copy?.settled()
  }
}
