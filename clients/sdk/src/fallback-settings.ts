import { join } from 'node:path'
import { ConfigurationError } from './errors.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * `on`: the copy is written after each answer of the plane, and read when it cannot be asked. `read-only`: read but
 * never written. `only`: the plane is never asked. `off`: neither.
 */
export const FALLBACK_MODES = ['on', 'read-only', 'only', 'off'] as const
export type FallbackMode = (typeof FALLBACK_MODES)[number]

export interface FallbackSettings {
  readonly mode: FallbackMode
  /** Where the sealed copies are. Default: HEADGATE_FALLBACK_FOLDER, then `$XDG_CACHE_HOME/headgate/fallback`. */
  readonly folder: string
  /**
   * Where it is remembered how new the newest copy was, so that an older one put back is not believed. Away from the
   * copies on purpose. Default: `$XDG_STATE_HOME/headgate/fallback`.
   */
  readonly memory: string
  /** Older copies are not used, and are removed. Default: 7 days. */
  readonly maxAgeMs: number
}

const SEVEN_DAYS = 7 * 24 * 3_600_000

export function fallbackSettings(given: FallbackMode | Partial<FallbackSettings>, { env, home }: Surroundings): FallbackSettings {
  const chosen = typeof given === 'string' ? { mode: given } : given
  const { mode = 'on', maxAgeMs = SEVEN_DAYS } = chosen
  if (!(FALLBACK_MODES as readonly string[]).includes(mode)) throw invalid('fallback.mode', `it is one of ${FALLBACK_MODES.join(', ')}`)
  if (!(maxAgeMs > 0)) throw invalid('fallback.maxAgeMs', 'it has to be a number above 0')
  const caches = env['XDG_CACHE_HOME'] || join(home, '.cache')
  const states = env['XDG_STATE_HOME'] || join(home, '.local', 'state')
  return {
    mode,
    maxAgeMs,
    folder: chosen.folder ?? (env['HEADGATE_FALLBACK_FOLDER'] || join(caches, 'headgate', 'fallback')),
    memory: chosen.memory ?? join(states, 'headgate', 'fallback'),
  }
}

function invalid(name: string, reason: string): ConfigurationError {
  return new ConfigurationError('CONFIG_SETTING_INVALID', { name, reason })
}
