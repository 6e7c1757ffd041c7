import type { ClassifyContext, Reason } from './classification.ts'
import { nameWords, withoutQualifiers } from './name-words.ts'
import { urlCredentials } from './scan-text.ts'

/** P3: what is wrong with the value of a secret that a person made up; undefined where it may be a real one. */
export function weakness(name: string, value: string, context: ClassifyContext): Reason | undefined {
  const inUrls = urlCredentials(value)
  if (inUrls.length > 0) {
    const weak = inUrls.find(({ user, password }) => password !== '' && (isWeak(password) || password === user))
    return weak && { rule: 'P3', text: 'a well-known or made-up password in it' }
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return undefined
  if (isWeak(value) || isKeyOfWords(name, value) || value.toLowerCase() === 'keyboard cat')
    return { rule: 'P3', text: 'a well-known or made-up value' }
  if (repeatsSurroundings(name, value, context)) return { rule: 'P3', text: 'it repeats a name' }
  if (isTruncated(name, value)) return { rule: 'P6', text: 'too short for a key' }
  return undefined
}

/** Passwords that everybody tries first. */
const WELL_KNOWN = new Set(
  (
    'password passw0rd p4ssword p@ssw0rd pass secret s3cret admin administrator root toor user guest default test testing demo dev development ' +
    'local changeme changeit letmein welcome qwerty abc abcd abc123 abcdef foo bar baz foobar hunter2 salt pepper token key apikey none ' +
    'postgres postgresql mysql mariadb mongo mongodb redis rabbitmq minio minioadmin elastic kibana grafana keycloak docker nextauth ' +
    'qazwsx asdf asdfgh zxcvbn qweasd 1234 12345 123456 1234567 12345678 123456789 1234567890 0000 00000000 111111 undefined todo x xx xxx'
  ).split(' '),
)

/** Words that people put into values which are to be replaced. Whole words only. */
const VOCABULARY = new Set(
  (
    'password passwd passw0rd pass secret s3cret secrets token key keys api apikey jwt session cookie auth encryption signing private salt hash ' +
    'my your some a an the this that is super very even more long strong random string character characters chars char at least with here value plus thirty two ' +
    'made up change changeme dev development local localhost test testing default demo example sample insecure secure not for production only use me ' +
    'admin root user username postgres mysql redis db database'
  ).split(' '),
)

/** No made-up value is longer; beyond it a value is taken for what it says it is. */
const LONGEST_MADE_UP = 120

function isWeak(value: string): boolean {
  const lower = value.toLowerCase().trim()
  if (lower === '' || lower.length > LONGEST_MADE_UP) return false
  if (WELL_KNOWN.has(lower)) return true
  return isFill(lower) || isSequence(lower) || isPlainWord(value) || isPhrase(lower) || saysPassword(lower)
}

/** One character for most of the value: 64 zeros, `fcr-01J00000000`. */
function isFill(lower: string): boolean {
  const run = /([a-z0-9])\1{7,}/.exec(lower)?.[0].length ?? 0
  return run >= lower.length / 2 || /^(.)\1{2,}$/.test(lower)
}

/** `1234 with …`, `abcdef1234`, `0123456789abcdef…`. */
function isSequence(lower: string): boolean {
  return /^(?:0?1234567890)+[0-9]*$|^(?:qwert|qazwsx|asdf|zxcv)|^0?1234(?:5(?:6(?:7(?:8(?:90?)?)?)?)?)?(?:$|[^a-z0-9]|abcdef)|^abcd[a-z]*[0-9]{0,6}$|^(?:0123456789abcdef|deadbeef|cafebabe)/.test(
    lower,
  )
}

/** A single word with at most a few digits behind it: `coze123`. */
function isPlainWord(value: string): boolean {
  return /^(?:[a-z]{2,14}|[A-Z]{2,14}|[A-Z][a-z]{1,13})[0-9]{0,6}[!.@#$]?$/.test(value)
}

/** A pass phrase of random words has four or more; fewer are a name, as in `infini_rag_flow`. */
const FEW_WORDS = 3

/** Words with separators between them: few, or one at least from the vocabulary of stand-ins. */
function isPhrase(lower: string): boolean {
  const words = lower.split(/[-_. +:]+/).filter((word) => word !== '')
  if (words.length < 2 || !words.every((word) => /^(?:[a-z]+[0-9]{0,4}|[0-9]{1,4}|s3cret|passw0rd|n8n)$/.test(word) && word.length <= 16))
    return false
  if (words.length <= FEW_WORDS && words.some((word) => /^[a-z]{3,}/.test(word))) return true
  return words.some((word) => VOCABULARY.has(word.replace(/[0-9]+$/, '')) || VOCABULARY.has(word))
}

/** Services issue keys and tokens with digits or mixed case in them; plain words are none. */
function isKeyOfWords(name: string, value: string): boolean {
  const last = withoutQualifiers(nameWords(name)).at(-1) ?? ''
  return ['KEY', 'TOKEN', 'SECRET'].includes(last) && /^[a-z]+(?:[-_ ][a-z]+)+$/.test(value) && value.length <= LONGEST_MADE_UP
}

const LEET: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' }

/** `rootsecretpassword`, `secret1234`, `myAwEsOm3pa55`: the word with little around it that could be a real secret. */
function saysPassword(lower: string): boolean {
  const plain = lower.replace(/[0134557@$!]/g, (character) => LEET[character] ?? character)
  const word =
    /password|passphrase|passwd|secret|changeme|letmein|qwerty|(?:^|[^a-z])pass(?:[^a-z]|$)|pass(?=word|$)/.exec(plain) ??
    /[a-z]{3}pass/.exec(plain)
  return word !== null && lower.length - word[0].length <= MOST_AROUND
}

/** A prefix as in `secret_…` of a real token is followed by more than this. */
const MOST_AROUND = 20

/** Equal to a word of its own name, or to the user, the database or the product beside it. */
function repeatsSurroundings(name: string, value: string, context: ClassifyContext): boolean {
  const lower = value.toLowerCase()
  if (nameWords(name).some((word) => word.length > 2 && word.toLowerCase() === lower.replace(/[0-9]+$/, ''))) return true
  return lower.length > 2 && siblingNames(context).has(lower)
}

const NAMING = new Set('USER USERNAME LOGIN DB DATABASE NAME TITLE PROJECT'.split(' '))
const namesOf = new WeakMap<ReadonlyMap<string, string>, ReadonlySet<string>>()

/** What the file calls users, databases and itself; worked out once for a file. */
function siblingNames({ siblings }: ClassifyContext): ReadonlySet<string> {
  if (!siblings) return new Set()
  const known = namesOf.get(siblings)
  if (known) return known
  const found = new Set<string>()
  for (const [name, value] of siblings) {
    if (value !== '' && NAMING.has(withoutQualifiers(nameWords(name)).at(-1) ?? '')) found.add(value.toLowerCase())
  }
  namesOf.set(siblings, found)
  return found
}

/** No service issues API keys or client secrets this short. */
const SHORTEST_KEY = 12

function isTruncated(name: string, value: string): boolean {
  const words = withoutQualifiers(nameWords(name))
  const issued = ['API KEY', 'CLIENT SECRET', 'ACCESS TOKEN', 'SECRET KEY'].includes(words.slice(-2).join(' '))
  return issued && value.length < SHORTEST_KEY
}
