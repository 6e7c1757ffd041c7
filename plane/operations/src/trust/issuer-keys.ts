import { type Result, ok, refuse } from '@headgate/model'
import { type JSONWebKeySet, type JWTVerifyGetKey, createLocalJWKSet, errors } from 'jose'

/** The issuer of GitHub Actions, which is trusted to be one unless the operator says otherwise; trust rules say whom of it. */
export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'

/** How long keys are taken as they are, in milliseconds. */
const KEYS_AGE = 10 * 60_000
/** An issuer is asked again for a key it did not have, or after a failure, no sooner than this, in milliseconds. */
const ASK_AGAIN = 30_000
const ASK_AGAIN_AFTER_FAILURE = 5_000
const ANSWER_WITHIN = 5_000
/** Largest answer that is read, in bytes, and most keys that are looked at. */
const ANSWER_LIMIT = 256 * 1024
const KEY_LIMIT = 100

/** The public keys of the issuers the operator allows. Nobody else is ever asked for any. */
export interface IssuerKeys {
  allows(issuer: string): boolean
  /** The key a token names. Keys are kept; one that is not among them makes the issuer be asked again, within bounds. */
  keysOf(issuer: string): Promise<Result<JWTVerifyGetKey>>
}

interface Kept {
  readonly asked: number
  readonly keys: Promise<JWTVerifyGetKey>
  failed: boolean
}

/**
 * @param allowed issuers, each as its tokens write it
 * @param get what fetches; a redirect is a failure, or an issuer could send the plane anywhere
 */
export function createIssuerKeys(allowed: readonly string[], now: () => number = Date.now, get: typeof fetch = fetch): IssuerKeys {
  const issuers = new Set(allowed)
  const kept = new Map<string, Kept>()

  const current = (issuer: string, after: number): Kept => {
    const known = kept.get(issuer)
    if (known && now() - known.asked < (known.failed ? ASK_AGAIN_AFTER_FAILURE : after)) return known
    const entry: Kept = { asked: now(), keys: fetchKeys(issuer, get), failed: false }
    entry.keys.catch(() => (entry.failed = true))
    kept.set(issuer, entry)
    return entry
  }
  return {
    allows: (issuer) => issuers.has(issuer),
    async keysOf(issuer) {
      if (!issuers.has(issuer)) return refuse('ISSUER_NOT_ALLOWED', { issuer })
      try {
        await current(issuer, KEYS_AGE).keys
      } catch (cause) {
        return refuse('ISSUER_UNREACHABLE', { issuer, reason: cause instanceof Error ? cause.message : String(cause) })
      }
      return ok(async (header, token) => {
        try {
          return await (
            await current(issuer, KEYS_AGE).keys
          )(header, token)
        } catch (error) {
          if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
          // Keys are rotated; a flood of made-up names must not become a flood of requests.
          return (await current(issuer, ASK_AGAIN).keys)(header, token)
        }
      })
    },
  }
}

async function fetchKeys(issuer: string, get: typeof fetch): Promise<JWTVerifyGetKey> {
  const base = issuer.replace(/\/$/, '')
  const configuration = await fetchJson(`${base}/.well-known/openid-configuration`, get)
  if (configuration['issuer'] !== issuer) throw new Error('its configuration names another issuer')
  const location = URL.parse(String(configuration['jwks_uri']))
  if (!location || (location.protocol !== 'https:' && location.origin !== new URL(issuer).origin)) {
    throw new Error('its configuration names no place for its keys')
  }
  const { keys } = await fetchJson(location.href, get)
  if (!Array.isArray(keys)) throw new Error('its keys are no key set')
  // Shared secrets have no business in a public set; with one a token could be signed by anybody who read it.
  const usable = (keys as JSONWebKeySet['keys']).slice(0, KEY_LIMIT).filter(({ kty }) => kty !== 'oct')
  return createLocalJWKSet({ keys: usable })
}

async function fetchJson(url: string, get: typeof fetch): Promise<Record<string, unknown>> {
  const response = await get(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_WITHIN),
    headers: { accept: 'application/json' },
  })
  if (!response.ok) throw new Error(`it answered ${response.status}`)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > ANSWER_LIMIT) throw new Error('its answer is too large')
    chunks.push(chunk)
  }
  const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  if (typeof json !== 'object' || json === null) throw new Error('its answer is no object')
  return json as Record<string, unknown>
}
