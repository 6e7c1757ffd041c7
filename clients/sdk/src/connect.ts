import { type Problem, errorCatalogue } from '@headgate/model'
import { backOff } from './back-off.ts'
import { Configuration } from './configuration.ts'
import { errorOf } from './errors.ts'
import { FallbackWriter, destroyCopy } from './fallback-writer.ts'
import { createPlaneClient } from './http.ts'
import { nodeTransport } from './node-transport.ts'
import { type PlaneSource, createPlaneSource, isRefusal } from './plane-source.ts'
import { applySchema } from './schema.ts'
import { type ConnectOptions, type Settings, resolveSettings } from './settings.ts'
import type { JsonObject, Snapshot } from './snapshot.ts'
import { type StandInStart, fallbackOf, standInFor } from './stand-in.ts'
import { type Surroundings, processSurroundings } from './surroundings.ts'

/** A plane that restarts is back within a moment, so a start does not give up at the first refused connection. */
const ATTEMPTS = 3

/**
 * Reads the configuration of this program and keeps it current.
 *
 * The plane is asked first. If it cannot be asked, the sealed copy of the last known values stands in, and after that,
 * where that is switched on, the `.env` files and the process's own variables; each stand-in is reported. If the plane
 * refuses the token or the environment, nothing stands in.
 *
 * @param surroundings time, variables and folders; for tests
 * @throws ConfigurationError where there are no values to start with, or they do not fit the schema
 */
export async function connect<T = JsonObject>(
  options: ConnectOptions<T> = {},
  surroundings: Surroundings = processSurroundings(),
): Promise<Configuration<T>> {
  const settings = await resolveSettings(options, surroundings)
  warnOfOpenAddress(settings)
  const fallback = await fallbackOf(settings, surroundings)
  const plane = planeSourceOf(settings, surroundings)
  const snapshot = await firstSnapshot({ settings, surroundings, plane, fallback })
  const parsed = settings.schema ? await applySchema(settings.schema, snapshot) : (snapshot.values as T)
  const { LRUCache } = await import('lru-cache')
  return new Configuration<T>({
    settings,
    surroundings,
    snapshot,
    parsed,
    lookups: new LRUCache({ max: settings.cacheSize }),
    ...(plane ? { plane } : {}),
    ...(fallback ? { copy: new FallbackWriter(fallback, settings.report) } : {}),
  })
}

interface Start extends StandInStart {
  readonly plane: PlaneSource | undefined
}

type Found = { readonly snapshot: Snapshot } | { readonly reason: string }

/** The first values there are, in the order of trust. What was tried before is said where nothing is found. */
async function firstSnapshot(start: Start): Promise<Snapshot> {
  const asked = await askPlane(start)
  if ('snapshot' in asked) return asked.snapshot
  return standInFor(start, asked.reason)
}

/** @throws ConfigurationError with the plane's own words where it refuses; the copy on disk is deleted then */
async function askPlane({ settings, surroundings, plane, fallback }: Start): Promise<Found> {
  if (settings.fallback.mode === 'only') return { reason: 'the plane is not asked, because the fallback mode is `only`' }
  if (!plane) return { reason: settings.planeMissing?.message ?? 'no plane is named' }
  for (let attempt = 1; ; attempt += 1) {
    const answer = await plane.fetch()
    if (answer.ok) return { snapshot: answer.value }
    if (isRefusal(answer.problem)) {
      if (fallback) await destroyCopy(fallback, settings.report)
      throw errorOf(answer.problem)
    }
    if (attempt === ATTEMPTS || !mayPass(answer.problem)) return { reason: answer.problem.message }
    await surroundings.clock.pause(backOff(attempt, surroundings.random()))
  }
}

/** Whether asking again at once may help: nobody answered, the plane says it is not ready, or a proxy answers while it starts. */
function mayPass({ code }: Problem): boolean {
  return code === 'ANSWER_UNREADABLE' || errorCatalogue[code]?.status === 503
}

function planeSourceOf(settings: Settings<unknown>, { clock }: Surroundings): PlaneSource | undefined {
  if (!settings.plane || settings.fallback.mode === 'only') return undefined
  return createPlaneSource(createPlaneClient(settings.plane, nodeTransport), settings, clock)
}

/** Loopback is this machine; anything else over plain http shows the token to the network. */
function warnOfOpenAddress({ plane, report }: Settings<unknown>): void {
  const url = plane && URL.parse(plane.url)
  if (!url || url.protocol === 'https:' || /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname)) return
  const message = `the token and all values travel unencrypted to ${url.host}; give the plane TLS and use https`
  report({ code: 'address-insecure', level: 'warning', message })
}
