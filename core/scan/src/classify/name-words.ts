/** Words that are often written together in names, and what they are made of. */
const COMPOUNDS: Readonly<Record<string, readonly string[]>> = {
  ACCESSKEY: ['ACCESS', 'KEY'],
  ACCESSKEYID: ['ACCESS', 'KEY', 'ID'],
  ACCESSTOKEN: ['ACCESS', 'TOKEN'],
  ANONKEY: ['ANON', 'KEY'],
  APIKEY: ['API', 'KEY'],
  APIKEYS: ['API', 'KEYS'],
  APISECRET: ['API', 'SECRET'],
  APITOKEN: ['API', 'TOKEN'],
  APPID: ['APP', 'ID'],
  APPKEY: ['APP', 'KEY'],
  APPSECRET: ['APP', 'SECRET'],
  AUTHKEY: ['AUTH', 'KEY'],
  AUTHTOKEN: ['AUTH', 'TOKEN'],
  BOTTOKEN: ['BOT', 'TOKEN'],
  CLIENTID: ['CLIENT', 'ID'],
  CLIENTSECRET: ['CLIENT', 'SECRET'],
  CONNSTR: ['CONNECTION', 'STRING'],
  CONNECTIONSTRING: ['CONNECTION', 'STRING'],
  ENCKEY: ['ENCRYPTION', 'KEY'],
  KEYID: ['KEY', 'ID'],
  MASTERKEY: ['MASTER', 'KEY'],
  PRIVATEKEY: ['PRIVATE', 'KEY'],
  PUBLICKEY: ['PUBLIC', 'KEY'],
  SECRETKEY: ['SECRET', 'KEY'],
  SITEKEY: ['SITE', 'KEY'],
  USERNAME: ['USERNAME'],
}

/** Endings that make one word of two, as in DBPASSWORD. */
const ENDINGS = ['PASSWORD', 'PASSWD', 'PASSPHRASE', 'SECRET', 'APIKEY']

/** PASS and PWD end many words; behind these beginnings they mean a password. */
const SHORT_PASSWORDS = /^(PG|DB|SQL|MYSQL|SMTP|MAIL|EMAIL|FTP|REDIS|MONGO|RABBITMQ|LDAP|ADMIN|ROOT|USER)(?:PASS|PWD)$/

/** The words of a variable's name, in capitals: `dbPassword`, `DB_PASSWORD` and `DB-PASSWORD` are DB, PASSWORD. */
export function nameWords(name: string): readonly string[] {
  if (last?.name !== name) last = { name, words: split(name) }
  return last.words
}

/** Every rule asks for the words of the same name in turn. */
let last: { readonly name: string; readonly words: readonly string[] } | undefined

function split(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '')
    .flatMap(takeApart)
}

function takeApart(word: string): readonly string[] {
  const stem = word.replace(/[0-9]+$/, '')
  const compound = COMPOUNDS[word] ?? COMPOUNDS[stem]
  if (compound) return compound
  const password = SHORT_PASSWORDS.exec(stem)
  if (password?.[1]) return [password[1], 'PASS']
  const ending = ENDINGS.find((candidate) => stem.length > candidate.length && stem.endsWith(candidate))
  if (ending) return [stem.slice(0, -ending.length), ...(COMPOUNDS[ending] ?? [ending])]
  // SECRET1 is a SECRET; S3 and V1 stay what they are.
  return [stem.length >= 3 ? stem : word]
}

/** Whether the words occur next to each other, in this order. */
export function holdsRun(words: readonly string[], ...run: readonly string[]): boolean {
  return words.some((_, start) => run.every((word, index) => words[start + index] === word))
}

/** Whether the last words are these. */
export function endsIn(words: readonly string[], ...run: readonly string[]): boolean {
  return words.length >= run.length && run.every((word, index) => words[words.length - run.length + index] === word)
}

/** Endings that say how or for what a value is kept, not what it is. */
const QUALIFIERS = new Set(
  (
    'BASE64 B64 HEX PEM JSON RAW ENCODED VALUE STRING CONTENT CONTENTS DATA OLD NEW CURRENT PREVIOUS PREV NEXT PRIMARY SECONDARY DEFAULT FALLBACK BASE ' +
    'DEV DEVELOPMENT TEST TESTING STAGING STAGE PROD PRODUCTION LIVE SANDBOX LOCAL CI'
  ).split(' '),
)

/** The words without what only qualifies them at the end: `KEY_V1`, `SECRET_KEY_BASE`, `TOKEN_DEV`. At least one is left. */
export function withoutQualifiers(words: readonly string[]): readonly string[] {
  let end = words.length
  while (end > 1 && isQualifier(words[end - 1] ?? '')) end--
  return words.slice(0, end)
}

function isQualifier(word: string): boolean {
  return QUALIFIERS.has(word) || /^V?[0-9]+$/.test(word)
}
