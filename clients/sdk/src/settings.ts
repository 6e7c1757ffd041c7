import { DEFAULT_PROJECT, type EnvironmentReference, type Problem, Secret, parseEnvironmentReference, shortName } from '@headgate/model'
import { asBoolean } from './conversions.ts'
import { credentialsFile, normaliseUrl, readCredentials } from './credentials.ts'
import { detectEnvironment } from './environment-detection.ts'
import { ConfigurationError, errorOf } from './errors.ts'
import { FALLBACK_MODES, type FallbackMode, type FallbackSettings, fallbackSettings } from './fallback-settings.ts'
import { type Report, guarded, reportOnStandardError } from './report.ts'
import type { Schema } from './schema.ts'
import type { JsonObject } from './snapshot.ts'
import type { Surroundings } from './surroundings.ts'
import { NO_TOKEN, isToken } from './token.ts'

/** Everything can be left out: what is not given here is taken from the process's variables, then from `headgate login`. */
export interface ConnectOptions<T = JsonObject> {
  /** `[organisation/][project/]environment[@revision-or-tag]`. Default: HEADGATE_ENVIRONMENT, then what ENVIRONMENT or NODE_ENV says. */
  readonly environment?: string
  /** The project where the environment names none. Default: HEADGATE_PROJECT. */
  readonly project?: string
  /** The organisation where the environment names none. Default: HEADGATE_ORGANISATION, then the token's own. */
  readonly organisation?: string
  /** Where the plane is. Default: HEADGATE_URL, then the plane of `headgate login`. */
  readonly url?: string
  /** Default: HEADGATE_TOKEN, then the token of `headgate login` for that plane. */
  readonly token?: string | Secret
  /** Checked at `connect` and at each reload. */
  readonly schema?: Schema<T>
  /** After how long the plane is asked again although it said nothing, in milliseconds. Default: ESC_CACHE_TTL (in seconds), then 300,000. */
  readonly ttlMs?: number
  /** How many paths are kept looked up. Default: 1,000. */
  readonly cacheSize?: number
  /** Whether to hear of changes over a socket. Default: true. Without it only the time to live brings changes. */
  readonly watch?: boolean
  /** The sealed copy for when the plane cannot be asked. Default: ESC_FALLBACK_MODE, then `on`. */
  readonly fallback?: FallbackMode | Partial<FallbackSettings>
  /** Whether `.env` files and the process's own variables stand in as the last resort. Default: ESC_BACKWARD_COMPATIBILITY, then false. */
  readonly compatibility?: boolean
  /** Hears of everything that is not as it should be. Default: a line on standard error for each. */
  readonly report?: Report
  /** How long the plane may take to answer one request, in milliseconds. Default: 10,000. */
  readonly answerWithinMs?: number
}

/** Options and surroundings made into what everything else works with. */
export interface Settings<T> {
  /** Without the organisation where nobody said it: then it is the token's. */
  readonly reference: Omit<EnvironmentReference, 'organisation'> & { readonly organisation?: string }
  /** The reference as people write it. */
  readonly name: string
  readonly plane?: { readonly url: string; readonly token: Secret }
  /** Why there is no plane to ask, where `plane` is absent. */
  readonly planeMissing?: Problem
  readonly schema?: Schema<T>
  readonly ttlMs: number
  readonly cacheSize: number
  readonly watch: boolean
  readonly fallback: FallbackSettings
  readonly compatibility: boolean
  readonly report: Report
  readonly answerWithinMs: number
}

const DEFAULT_TTL_MS = 300_000
const DEFAULT_CACHE_SIZE = 1_000
const DEFAULT_ANSWER_WITHIN_MS = 10_000
/** The longest a timer can run; a longer time to live would fire at once. */
const LONGEST_TTL_MS = 2 ** 31 - 1

/** @throws ConfigurationError where an option or a variable cannot be used, or no environment is named */
export async function resolveSettings<T>(options: ConnectOptions<T>, surroundings: Surroundings): Promise<Settings<T>> {
  const { env } = surroundings
  refuseWrongKinds(options)
  const reference = referenceOf(options, env)
  const plane = await planeOf(options, surroundings)
  const organisation = reference.organisation ?? plane.organisation
  return {
    reference: { ...reference, ...(organisation === undefined ? {} : { organisation }) },
    name: shortName({ organisation: '', ...reference }),
    ...plane.found,
    ...(options.schema === undefined ? {} : { schema: options.schema }),
    ttlMs: ttlOf(options, env),
    cacheSize: Math.ceil(positive('cacheSize', options.cacheSize ?? DEFAULT_CACHE_SIZE)),
    watch: options.watch ?? true,
    fallback: fallbackSettings(options.fallback ?? fallbackModeOf(env), surroundings),
    compatibility: options.compatibility ?? switchOf(env, 'ESC_BACKWARD_COMPATIBILITY'),
    report: guarded(options.report ?? reportOnStandardError),
    answerWithinMs: positive('answerWithinMs', options.answerWithinMs ?? DEFAULT_ANSWER_WITHIN_MS),
  }
}

const KINDS: readonly (readonly [kind: string, words: string, options: readonly (keyof ConnectOptions)[]])[] = [
  ['string', 'text', ['environment', 'project', 'organisation', 'url']],
  ['boolean', 'true or false', ['watch', 'compatibility']],
  ['function', 'a function', ['report']],
]

/** Who writes JavaScript has no compiler that says so, and `watch: 'off'` would mean on. */
function refuseWrongKinds(options: AnyOptions): void {
  const refuse = (name: string, words: string): never => {
    throw new ConfigurationError('CONFIG_SETTING_INVALID', { name: `the option \`${name}\``, reason: `it has to be ${words}` })
  }
  for (const [kind, words, names] of KINDS) {
    const wrong = names.find((name) => options[name as keyof AnyOptions] !== undefined && typeof options[name as keyof AnyOptions] !== kind)
    if (wrong !== undefined) refuse(wrong, words)
  }
  const { token } = options
  if (token !== undefined && typeof token !== 'string' && typeof token.reveal !== 'function') refuse('token', 'text or a Secret')
}

type Env = Surroundings['env']
/** The options without their schema, the one thing whose type matters nowhere here. */
type AnyOptions = Omit<ConnectOptions, 'schema'>

function referenceOf(options: AnyOptions, env: Env): Settings<unknown>['reference'] {
  const explicit = options.environment ?? (env['HEADGATE_ENVIRONMENT'] || undefined)
  const project = options.project ?? (env['HEADGATE_PROJECT'] || undefined)
  const text = explicit ?? detectEnvironment(env)
  if (text === undefined) throw unknownEnvironment('the option `environment`, HEADGATE_ENVIRONMENT, ENVIRONMENT and NODE_ENV')
  if (explicit === undefined && project === undefined && !text.includes('/')) {
    throw unknownEnvironment(`ENVIRONMENT and NODE_ENV (they say ${text}), but the option \`project\` and HEADGATE_PROJECT say no project`)
  }
  const organisation = options.organisation ?? (env['HEADGATE_ORGANISATION'] || undefined)
  const named = text.split('@')[0]?.split('/').length === 3
  const parsed = parseEnvironmentReference(text, { organisation: organisation ?? DEFAULT_PROJECT, project: project ?? DEFAULT_PROJECT })
  if (!parsed.ok) throw errorOf(parsed.problem)
  const { organisation: read, ...rest } = parsed.value
  return named || organisation !== undefined ? { ...rest, organisation: read } : rest
}

function unknownEnvironment(looked: string): ConfigurationError {
  return new ConfigurationError('CONFIG_ENVIRONMENT_UNKNOWN', { looked })
}

type PlaneFound = { plane: { url: string; token: Secret } } | { planeMissing: Problem }

async function planeOf(options: AnyOptions, { env, home }: Surroundings): Promise<{ found: PlaneFound; organisation?: string }> {
  const file = credentialsFile(env, home)
  const givenToken = options.token ?? (env['HEADGATE_TOKEN'] || undefined)
  const givenUrl = options.url ?? (env['HEADGATE_URL'] || undefined)
  if (givenUrl !== undefined && givenToken !== undefined) {
    return { found: { plane: { url: checkedUrl(givenUrl), token: asSecret(givenToken) } } }
  }
  const credentials = await readCredentials(file)
  if (!credentials.ok) throw errorOf(credentials.problem)
  const url = givenUrl ?? credentials.value.current
  if (url === undefined) return missing(`no plane is named: looked in the option \`url\`, HEADGATE_URL and ${file}`)
  const stored = credentials.value.planes.get(normaliseUrl(url))
  const token = givenToken === undefined ? stored?.token : asSecret(givenToken)
  if (token === undefined) return missing(`no token for ${url}: looked in the option \`token\`, HEADGATE_TOKEN and ${file}`)
  const organisation = givenToken === undefined ? stored?.organisation : undefined
  return { found: { plane: { url: checkedUrl(url), token } }, ...(organisation === undefined ? {} : { organisation }) }
}

function missing(message: string): { found: PlaneFound } {
  return { found: { planeMissing: { code: 'NOT_LOGGED_IN', message, hint: 'headgate login --url URL', details: {} } } }
}

/** An address with a password in it would end up in messages, so it is refused without being repeated. */
function checkedUrl(text: string): string {
  const url = URL.parse(text)
  const wrong = (reason: string): ConfigurationError =>
    new ConfigurationError('CONFIG_SETTING_INVALID', { name: 'the url of the plane', reason })
  if (!url || !/^https?:$/.test(url.protocol)) throw wrong('it is not an http or https address')
  if (url.username !== '' || url.password !== '') throw wrong('it holds a user name or password; the token is given by itself')
  return normaliseUrl(url.origin + url.pathname)
}

function asSecret(token: string | Secret): Secret {
  const plain = (typeof token === 'string' ? token : token.reveal()).trim()
  if (!isToken(plain)) throw new ConfigurationError('CONFIG_SETTING_INVALID', { name: 'the token', reason: NO_TOKEN })
  return new Secret(plain)
}

function ttlOf(options: AnyOptions, env: Env): number {
  if (options.ttlMs !== undefined) return Math.min(positive('ttlMs', options.ttlMs), LONGEST_TTL_MS)
  const text = env['ESC_CACHE_TTL']?.trim()
  if (!text) return DEFAULT_TTL_MS
  return Math.min(positive('ESC_CACHE_TTL', Number(text), 'a number of seconds') * 1000, LONGEST_TTL_MS)
}

function positive(name: string, value: number, what = 'a number'): number {
  if (Number.isFinite(value) && value > 0) return value
  throw new ConfigurationError('CONFIG_SETTING_INVALID', { name, reason: `it has to be ${what} above 0` })
}

function fallbackModeOf(env: Env): FallbackMode {
  const mode = env['ESC_FALLBACK_MODE']?.trim().toLowerCase() || 'on'
  if ((FALLBACK_MODES as readonly string[]).includes(mode)) return mode as FallbackMode
  throw new ConfigurationError('CONFIG_SETTING_INVALID', { name: 'ESC_FALLBACK_MODE', reason: `it is one of ${FALLBACK_MODES.join(', ')}` })
}

function switchOf(env: Env, name: string): boolean {
  const text = env[name]?.trim()
  const value = text ? asBoolean.convert(text) : false
  if (value === undefined) throw new ConfigurationError('CONFIG_SETTING_INVALID', { name, reason: 'it is on or off' })
  return value
}
