import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The versions of the real clients that are built and tested with; `.ci/build-pulumi-clients` builds the same ones. */
export const CLIENT_VERSIONS = { esc: '0.25.0', pulumi: '3.259.0' } as const

/**
 * A real client of the protocol: the one `ESC_BIN` or `PULUMI_BIN` names, else the one that was built into the cache
 * folder; undefined where this machine has none.
 */
export function clientBinary(name: keyof typeof CLIENT_VERSIONS): string | undefined {
  const named = process.env[`${name.toUpperCase()}_BIN`]
  if (named !== undefined && named !== '') return named
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const built = join(cache, 'headgate', 'pulumi-clients', `${name}-${CLIENT_VERSIONS[name]}`)
  return existsSync(built) ? built : undefined
}

/** Why a test of a real client is left out. */
export const NO_CLIENTS = 'the real Pulumi clients are not built (.ci/build-pulumi-clients, or ESC_BIN and PULUMI_BIN)'
