import type { Reason } from './classification.ts'
import { endsIn, holdsRun, nameWords, withoutQualifiers } from './name-words.ts'

/** What a name says about whether the value is secret. */
export interface NameVerdict {
  readonly secret: boolean
  /** Absent where a name that sounds like no secret is none. */
  readonly reason?: Reason
  /** A name that says public; no value makes it secret. */
  readonly public?: boolean
  /** The word stands in the middle of the name, so a value of yes or no shows a switch. */
  readonly weak?: boolean
}

/** Names that the tools which build for browsers put into what they ship. */
const SHIPPED =
  /^(?:NEXT_PUBLIC|VITE|VUE_APP|REACT_APP|EXPO_PUBLIC|NUXT_PUBLIC|NG_APP|GATSBY|PUBLIC|RAZZLE|STORYBOOK|PREACT_APP|PLASMO_PUBLIC|WXT|PARCEL)_/i

const PUBLIC_WORDS = new Set(['PUBLIC', 'PUB', 'PUBLISHABLE'])
const PUBLIC_KEYS = new Set(['CLIENT', 'ANON', 'SITE', 'PUBLISHABLE'])

/** Words that make a switch of any name they stand in. */
const SWITCHES = new Set(
  'ENABLE ENABLED ENABLES DISABLE DISABLED ALLOW ALLOWED ALLOWS HIDE SHOW USE USES REQUIRE REQUIRED REQUIRES SKIP FORCE FORCED IGNORE SHOULD MAX MIN NUM'.split(
    ' ',
  ),
)

/** Last words of settings: flags, limits, lifetimes, paths, formats, places. Never a secret, whatever stands before them. */
const SETTINGS = new Set(
  (
    'EXPIRY EXPIRE EXPIRES EXPIRATION EXP TTL LIFETIME LIFESPAN VALIDITY DURATION AGE MAXAGE TIMEOUT INTERVAL PERIOD DELAY WINDOW LEEWAY ' +
    'LIMIT LIMITS SIZE LENGTH LEN COUNT ROUNDS ITERATIONS COST THRESHOLD BUDGET RATE RETRIES ATTEMPTS ' +
    'SECONDS SECS SEC MINUTES MINS HOURS DAYS MONTHS MS MILLIS IN ' +
    'FILE FILES FILENAME PATH PATHS DIR DIRECTORY FOLDER LOCATION MOUNT SOCKET ' +
    'NAME NAMES PREFIX SUFFIX HEADER FIELD FORMAT TYPE TYPES MODE KIND CLASS ALGORITHM ALGO ALG METHOD METHODS STRATEGY POLICY ' +
    'PROVIDER PROVIDERS BACKEND DRIVER ENGINE STORE MANAGER ADAPTER TRANSPORT SOURCE VERSION ISSUER AUDIENCE SCOPE SCOPES REALM ROLE ROLES ' +
    'HOST HOSTS HOSTNAME PORT PORTS DOMAIN DOMAINS ENDPOINT SERVER REGION ZONE LOCALE LANG LANGUAGE ' +
    'USER USERS USERNAME LOGIN SIGNUP SIGNIN REGISTRATION EMAIL EMAILS MAIL FROM SENDER RECIPIENT BUCKET TABLE COLUMN INDEX QUEUE TOPIC CHANNEL GROUP ' +
    'CHECK VALIDATION VALIDATE VERIFICATION ROTATION STRENGTH COMPLEXITY PATTERN REGEX HINT LABEL TITLE DESCRIPTION TEXT MESSAGE TEMPLATE SUBJECT ' +
    'ICON IMAGE DEBUG VERBOSE LEVEL OPTIONAL ENV ENVIRONMENT PROJECT WORKSPACE ORG ORGANIZATION ACCOUNT TEAM ' +
    'MODEL MODELS USAGE RESET RECOVERY POOL ALIAS STATUS REFRESH ONLY SUPPORT SUPPORTED CASE SECURE SAMESITE HTTPONLY REQUIREMENTS COOKIE CERT CERTIFICATE CA ARN'
  ).split(' '),
)

const IDENTIFIERS = new Set('ID IDS UUID GUID SID'.split(' '))
const LINKS = new Set('URL URLS URI URIS LINK HREF ORIGIN CALLBACK REDIRECT'.split(' '))

/** Last words that name a secret by themselves. */
const SECRETS: Readonly<Record<string, string>> = {
  PASSWORD: 'a password',
  PASSWORDS: 'passwords',
  PASSWD: 'a password',
  PASSWRD: 'a password',
  PASS: 'a password',
  PWD: 'a password',
  PW: 'a password',
  BINDPW: 'a password',
  PASSPHRASE: 'a passphrase',
  PASSCODE: 'a passcode',
  PIN: 'an access code',
  SECRET: 'a secret',
  SECRETS: 'secrets',
  TOKEN: 'a token',
  PAT: 'a token',
  SALT: 'a salt',
  SALTS: 'salts',
  PEPPER: 'a pepper',
  IV: 'an initialisation vector',
  MNEMONIC: 'a mnemonic',
  CREDENTIAL: 'credentials',
  CREDENTIALS: 'credentials',
  CREDS: 'credentials',
  AK: 'an access key',
  SK: 'a secret key',
}

/** Before KEY: what is no secret. */
const OPEN_KEYS = new Set(
  'PARTITION SORT PRIMARY FOREIGN CACHE IDEMPOTENCY OBJECT CONSUMER HOT SHORTCUT ROUTING MEASUREMENT LOOKUP GROUP TRANSLATION I18N CONFIG FEATURE ISSUE ENV'.split(
    ' ',
  ),
)

/** Two words that are a secret wherever they stand, unless the name goes on to a setting. */
const SECRET_PAIRS: readonly (readonly [string, string])[] = [
  ['API', 'KEY'],
  ['API', 'KEYS'],
  ['PRIVATE', 'KEY'],
  ['ACCESS', 'KEY'],
  ['SECRET', 'KEY'],
  ['ENCRYPTION', 'KEY'],
  ['SIGNING', 'KEY'],
  ['MASTER', 'KEY'],
  ['ACCESS', 'TOKEN'],
  ['AUTH', 'TOKEN'],
  ['SEED', 'PHRASE'],
  ['RECOVERY', 'PHRASE'],
  ['SECRET', 'PHRASE'],
  ['ACCESS', 'CODE'],
]

/** Services whose AUTH is user and password. */
const AUTH_SERVICES = new Set('TWILIO REDIS BASIC PROXY REGISTRY NPM DOCKER NATS'.split(' '))

const PLURAL_OWNERS = new Set('API APP AUTH ACCESS BOT REFRESH SIGNING ENCRYPTION SECRET PRIVATE MASTER COOKIE SESSION JWT'.split(' '))

/** What the name alone says; undefined where it says nothing either way. */
export function judgeName(name: string): NameVerdict | undefined {
  const words = nameWords(name)
  const core = withoutQualifiers(words)
  const verdict =
    judgePublic(name, words, core) ??
    judgeKeyPair(core) ??
    judgeServiceAccount(words) ??
    judgeSetting(words, core) ??
    judgeSecretWord(words, core)
  if (!verdict || verdict.secret || SOUNDS_SECRET.test(name)) return verdict
  return { secret: false, ...(verdict.public ? { public: true } : {}) }
}

/** Names for which it wants a reason that they are no secret. */
const SOUNDS_SECRET = /PASS|PWD|SECRET|TOKEN|KEY|CRED|AUTH|SALT|PRIVATE|DSN/i

function judgePublic(name: string, words: readonly string[], core: readonly string[]): NameVerdict | undefined {
  const shipped = SHIPPED.test(name)
  const publicKey =
    core.at(-1) === 'KEY' && (PUBLIC_KEYS.has(core.at(-2) ?? '') || (words.includes('POSTHOG') && !words.includes('PERSONAL')))
  if (!shipped && !publicKey && !words.some((word) => PUBLIC_WORDS.has(word))) return undefined
  const text = shipped ? 'names with this beginning are shipped to browsers' : 'the name says it is public'
  return { secret: false, public: true, reason: { rule: 'S4', text } }
}

/** The id half of a key pair counts as half of a secret; other ids do not. */
function judgeKeyPair(core: readonly string[]): NameVerdict | undefined {
  if (!endsIn(core, 'ACCESS', 'KEY', 'ID') && !endsIn(core, 'SECRET', 'ID')) return undefined
  return { secret: true, reason: { rule: 'S2', text: 'half of a key pair' } }
}

/** A service account as a document holds its private key. */
function judgeServiceAccount(words: readonly string[]): NameVerdict | undefined {
  if (!holdsRun(words, 'SERVICE', 'ACCOUNT') || !words.some((word) => ['JSON', 'BASE64', 'B64', 'BASE'].includes(word))) return undefined
  return { secret: true, reason: { rule: 'S1', text: 'the name says a service account with its key' } }
}

function judgeSetting(words: readonly string[], core: readonly string[]): NameVerdict | undefined {
  const last = core.at(-1) ?? ''
  const not = (rule: string, text: string) => ({ secret: false, reason: { rule, text } })
  if (IDENTIFIERS.has(last)) return not('S3', 'an identifier')
  if (endsIn(core, 'CONSUMER', 'KEY')) return not('S3', 'a consumer key identifies, it does not open')
  if (endsIn(core, 'APP', 'KEY') && core.length > 2) return not('S3', 'an app key identifies, it does not open')
  if (words.some((word) => SWITCHES.has(word))) return not('S7', 'a switch or a limit')
  if (SETTINGS.has(last)) return not('S7', `a setting (${last.toLowerCase()})`)
  return undefined
}

function judgeSecretWord(words: readonly string[], core: readonly string[]): NameVerdict | undefined {
  const last = core.at(-1) ?? ''
  const named = SECRETS[last] ?? keyMeaning(core, last)
  if (named) return { secret: true, reason: { rule: 'S1', text: `the name says ${named}` } }
  if (LINKS.has(last)) return undefined
  const pair = SECRET_PAIRS.find((run) => holdsRun(words, ...run))
  if (pair) return { secret: true, weak: true, reason: { rule: 'S1', text: `the name says ${pair.join(' ').toLowerCase()}` } }
  const inside = words.find((word) => word === 'SECRET' || word === 'SECRETS' || word === 'PASSWORD' || word === 'PASSPHRASE')
  return inside ? { secret: true, weak: true, reason: { rule: 'S1', text: `the name says ${inside.toLowerCase()}` } } : undefined
}

/** What a name that ends in KEY, KEYS, TOKENS, AUTH or HASH is. */
function keyMeaning(core: readonly string[], last: string): string | undefined {
  const before = core.at(-2) ?? ''
  if (last === 'KEY') return OPEN_KEYS.has(before) ? undefined : 'a key'
  if (last === 'KEYS' || last === 'TOKENS') return PLURAL_OWNERS.has(before) ? last.toLowerCase() : undefined
  if (last === 'AUTH') return AUTH_SERVICES.has(before) ? 'credentials' : undefined
  if (last === 'HASH') return before === 'PASSWORD' ? 'a hash of a password' : undefined
  if (last === 'PHRASE' && before === 'PASS') return 'a passphrase'
  return undefined
}

/** The secrets that a whole application stands on, under the names frameworks give them. */
const MASTER_SECRETS = new Set(
  (
    'APP_KEY APP_SECRET APP_KEYS SECRET SECRET_KEY SECRET_KEY_BASE DJANGO_SECRET_KEY FLASK_SECRET_KEY RAILS_MASTER_KEY ' +
    'NEXTAUTH_SECRET NEXT_AUTH_SECRET AUTH_SECRET APP_SECRET_KEY BETTER_AUTH_SECRET ENCRYPTION_SECRET ENCRYPTION_KEY SESSION_SECRET SESSION_KEY COOKIE_SECRET ' +
    'JWT_SECRET JWT_SECRET_KEY JWT_KEY TOKEN_SECRET PAYLOAD_SECRET MASTER_KEY AUTH_KEY ADMIN_JWT_SECRET'
  ).split(' '),
)

/** P5b: whether an application does not start, or is unsafe, without this one. */
export function isMasterSecret(name: string): boolean {
  return MASTER_SECRETS.has(name.toUpperCase()) || /^[A-Z0-9]+_ENCRYPTION_(?:KEY|SECRET)$/i.test(name)
}
