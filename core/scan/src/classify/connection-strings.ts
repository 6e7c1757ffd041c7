import type { Reason } from './classification.ts'
import { endsIn, nameWords, withoutQualifiers } from './name-words.ts'
import { urlCredentials } from './scan-text.ts'

/** What a connection string leads to. Passwords of one group may stand in a variable of their own. */
type Service = 'database' | 'document store' | 'cache' | 'broker' | 'mail' | 'search' | 'storage'

const SERVICES: Readonly<Record<string, Service>> = {
  DATABASE: 'database',
  DB: 'database',
  POSTGRES: 'database',
  POSTGRESQL: 'database',
  PG: 'database',
  MYSQL: 'database',
  MARIADB: 'database',
  MSSQL: 'database',
  SQLSERVER: 'database',
  SQLALCHEMY: 'database',
  SQL: 'database',
  CLICKHOUSE: 'database',
  COCKROACH: 'database',
  COCKROACHDB: 'database',
  TIMESCALE: 'database',
  JDBC: 'database',
  DIRECT: 'database',
  SHADOW: 'database',
  MONGO: 'document store',
  MONGODB: 'document store',
  MONGOHQ: 'document store',
  MONGOLAB: 'document store',
  NEO4J: 'document store',
  COUCHDB: 'document store',
  REDIS: 'cache',
  REDISCLOUD: 'cache',
  VALKEY: 'cache',
  CACHE: 'cache',
  MEMCACHED: 'cache',
  KV: 'cache',
  AMQP: 'broker',
  AMQPS: 'broker',
  RABBITMQ: 'broker',
  RABBIT: 'broker',
  RMQ: 'broker',
  CLOUDAMQP: 'broker',
  BROKER: 'broker',
  CELERY: 'broker',
  QUEUE: 'broker',
  PUBSUB: 'broker',
  NATS: 'broker',
  KAFKA: 'broker',
  MQTT: 'broker',
  SMTP: 'mail',
  SMTPS: 'mail',
  MAIL: 'mail',
  MAILER: 'mail',
  EMAIL: 'mail',
  SMS: 'mail',
  STORAGE: 'storage',
  CLOUDINARY: 'storage',
  ELASTIC: 'search',
  ELASTICSEARCH: 'search',
  OPENSEARCH: 'search',
}

/** Last words of a connection string's name. */
const LINKS = new Set('URL URI DSN URLS URIS'.split(' '))
const SCHEME = /^(?:[A-Za-z0-9_]+=)?(?:jdbc:)?([a-z][a-z0-9+.-]*):\/\//i
const FILES = /^(?:[A-Za-z0-9_]+=)?(?:file:|sqlite[0-9]?(?:\+[a-z]+)?:|jdbc:sqlite:|:memory:)/i
/** `…;Password=…;` of a database driver, and `?password=…` in a URL. */
const PASSWORD_FIELD = /(?:^|[?&;])\s{0,4}(?:password|pwd|accountkey|sharedaccesskey)=[^&;\s]/i
const PASSWORD_WORDS = new Set('PASSWORD PASS PASSWD PWD PW PASSPHRASE AUTH'.split(' '))

export interface ConnectionVerdict {
  readonly secret: boolean
  /** The value itself shows that it is one, whatever the name says. */
  readonly visible: boolean
  readonly reason: Reason
}

/**
 * Whether a connection string is secret; undefined where the variable is none.
 *
 * It is where it carries a password, and also where it carries none but nothing else in the file could: then the one it
 * has in production will stand here.
 */
export function judgeConnection(name: string, value: string, siblings?: ReadonlyMap<string, string>): ConnectionVerdict | undefined {
  if (urlCredentials(value).some(({ password }) => password !== '') || PASSWORD_FIELD.test(value)) {
    return { secret: true, visible: true, reason: { rule: 'S5', text: 'a connection string with a password in it' } }
  }
  const words = nameWords(name)
  const special = judgeSpecial(words)
  if (special) return special
  const service = serviceOf(words, value)
  if (!service) return undefined
  const visible = SCHEME.test(value)
  if (FILES.test(value)) return { secret: false, visible, reason: { rule: 'S5', text: 'a database file, which has no password' } }
  if (hasPasswordVariable(service, name, siblings)) {
    return { secret: false, visible, reason: { rule: 'S5', text: 'the password stands in a variable of its own' } }
  }
  return {
    secret: true,
    visible,
    reason: { rule: 'S5', text: `a connection string (${service}), which carries the password in production` },
  }
}

/** URLs that are secret by what they are for. */
function judgeSpecial(words: readonly string[]): ConnectionVerdict | undefined {
  const core = withoutQualifiers(words)
  const last = core.at(-1) ?? ''
  if (words.includes('SENTRY') && last === 'DSN')
    return { secret: false, visible: false, reason: { rule: 'S6', text: 'a Sentry DSN lets in, it does not open' } }
  if (words.includes('RPC') && (LINKS.has(last) || last === 'RPC'))
    return { secret: true, visible: false, reason: { rule: 'S6', text: 'RPC addresses carry a key' } }
  if (words.includes('LOGGING') && last === 'CONFIG')
    return { secret: true, visible: false, reason: { rule: 'S6', text: 'carries the key of the provider' } }
  if (
    words.includes('WEBHOOK') &&
    (LINKS.has(last) || last === 'WEBHOOK') &&
    words.some((word) => /^(?:SLACK|DISCORD|TEAMS|MSTEAMS|MATTERMOST|FEISHU|LARK|DINGTALK|WECOM)$/.test(word))
  ) {
    return { secret: true, visible: false, reason: { rule: 'S5', text: 'who knows a webhook of a chat may write to it' } }
  }
  if (endsIn(words, 'CONNECTION', 'STRING')) return { secret: true, visible: false, reason: { rule: 'S5', text: 'a connection string' } }
  return undefined
}

/** The service a variable connects to, going by its name and, where there is one, the scheme of its value. */
function serviceOf(words: readonly string[], value: string): Service | undefined {
  const scheme = SCHEME.exec(value)?.[1]?.toUpperCase().split('+')[0]
  const byScheme = scheme === undefined ? undefined : (SERVICES[scheme] ?? (scheme === 'REDISS' ? 'cache' : undefined))
  if (byScheme) return byScheme
  if (scheme !== undefined && /^HTTPS?$|^WSS?$/.test(scheme)) return undefined
  return serviceByName(words, scheme !== undefined || value === '')
}

/** @param open the value has a scheme, or is still to come; only then do looser names count */
function serviceByName(words: readonly string[], open: boolean): Service | undefined {
  const core = withoutQualifiers(words)
  const last = core.at(-1) ?? ''
  const isLink = LINKS.has(last) || (open && (words.includes('CONNECTIONS') || core.join('_') === 'EMAIL_SERVER'))
  if (!isLink || words.includes('REST') || words.includes('API')) return undefined
  const before = words.findLast((word) => SERVICES[word] !== undefined)
  if (before === undefined) return last === 'DSN' ? 'database' : undefined
  return SERVICES[before]
}

/** Services whose password has a variable of its own, by that variable; worked out once for a file. */
const passwordVariables = new WeakMap<ReadonlyMap<string, string>, ReadonlyMap<Service, readonly string[]>>()

function hasPasswordVariable(service: Service, name: string, siblings: ReadonlyMap<string, string> | undefined): boolean {
  if (!siblings) return false
  let known = passwordVariables.get(siblings)
  if (!known) {
    known = findPasswordVariables(siblings)
    passwordVariables.set(siblings, known)
  }
  const variables = known.get(service) ?? []
  return variables.some((variable) => variable !== name)
}

function findPasswordVariables(siblings: ReadonlyMap<string, string>): ReadonlyMap<Service, readonly string[]> {
  const found = new Map<Service, string[]>()
  for (const name of siblings.keys()) {
    const words = nameWords(name)
    if (!PASSWORD_WORDS.has(withoutQualifiers(words).at(-1) ?? '')) continue
    for (const service of new Set(words.flatMap((word) => SERVICES[word] ?? []))) {
      const names = found.get(service) ?? []
      // Two are enough to know that there is one beside any given name.
      if (names.length < 2) found.set(service, [...names, name])
    }
  }
  return found
}
