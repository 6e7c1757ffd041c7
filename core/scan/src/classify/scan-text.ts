import { maskSecret } from '../migration/mask.ts'

/** A stretch of text that has the form of a known kind of secret. */
export interface SecretFinding {
  /** What it looks like, in words: `an AWS access key id`. */
  readonly kind: string
  readonly index: number
  readonly length: number
  /** As a list may show it. */
  readonly preview: string
}

interface Form {
  readonly kind: string
  /** Global, and without nested repetition, so that it runs in linear time. */
  readonly pattern: RegExp
}

/** Secrets that can be told by their looks alone. Entropy is no reason: git ids and image digests are not secret. */
const FORMS: readonly Form[] = [
  { kind: 'an AWS access key id', pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g },
  { kind: 'a GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{30,255})/g },
  { kind: 'a GitLab token', pattern: /\bgl(?:pat|dt|rt|ptt|soat)-[A-Za-z0-9_-]{20,64}/g },
  { kind: 'a Slack token', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,255}/g },
  { kind: 'a Slack webhook', pattern: /\bhooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]{20,255}/g },
  { kind: 'a Discord webhook', pattern: /\bdiscord(?:app)?\.com\/api\/webhooks\/[0-9]{10,25}\/[A-Za-z0-9_-]{20,255}/g },
  { kind: 'an Anthropic key', pattern: /\bsk-ant-[A-Za-z0-9_-]{20,255}/g },
  { kind: 'an OpenAI key', pattern: /\bsk-(?!ant-)[A-Za-z0-9_-]{20,255}/g },
  { kind: 'a Stripe key', pattern: /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,255}/g },
  { kind: 'a webhook signing secret', pattern: /\bwhsec_[A-Za-z0-9+/=]{16,255}/g },
  { kind: 'a Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}/g },
  { kind: 'a Google client secret', pattern: /\bGOCSPX-[A-Za-z0-9_-]{20,64}/g },
  { kind: 'a SendGrid key', pattern: /\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,64}/g },
  { kind: 'an npm token', pattern: /\bnpm_[A-Za-z0-9]{36}/g },
  { kind: 'a Hugging Face token', pattern: /\bhf_[A-Za-z0-9]{30,64}/g },
  { kind: 'a DigitalOcean token', pattern: /\bdo[op]_v1_[a-f0-9]{64}/g },
  { kind: 'a Pulumi token', pattern: /\bpul-[a-f0-9]{40}/g },
  { kind: 'a Telegram bot token', pattern: /\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}/g },
  { kind: 'an age identity', pattern: /\bAGE-SECRET-KEY-1[A-Z0-9]{58}/g },
  { kind: 'an Azure storage key', pattern: /\bAccountKey=[A-Za-z0-9+/]{40,100}={0,2}/g },
  { kind: 'a hash of a password', pattern: /\$(?:2[abxy]|apr1|argon2id?|[156y])\$[./A-Za-z0-9$=,+]{20,200}/g },
  { kind: 'a JSON web token', pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{10,}/g },
]

/** What every form but a private key begins with; a text without any of it need not be looked at form by form. */
const BEGINNINGS =
  /A[KSBC][IC]A[A-Z0-9]|gh[pousr]_|github_pat_|gl(?:pat|dt|rt|ptt|soat)-|xox[abeoprs]-|hooks\.slack|api\/webhooks|sk-|[sr]k_(?:live|test)_|whsec_|AIza|GOCSPX-|SG\.|npm_|hf_|do[op]_v1_|pul-|:AA|AGE-SECRET|AccountKey=|\$(?:2|a|[156y])|eyJ/

/** Every stretch of a text that has the form of a secret, from left to right, without overlaps. Linear time. */
export function scanText(text: string): SecretFinding[] {
  const found = [...findForms(text), ...findPasswordsInUrls(text)].toSorted((one, other) => one.index - other.index)
  const apart: SecretFinding[] = []
  let end = 0
  for (const finding of found) {
    if (finding.index < end) continue
    apart.push(finding)
    end = finding.index + finding.length
  }
  return apart
}

/** What kind of secret a value looks like, or undefined. A value that merely looks random is none. */
export function looksLikeSecretValue(value: string): SecretFinding | undefined {
  return scanText(value)[0]
}

/** The text with everything in it that has the form of a secret taken out. */
export function redactSecrets(text: string): string {
  let result = ''
  let copied = 0
  for (const { index, length, kind } of scanText(text)) {
    result += `${text.slice(copied, index)}[left out: ${kind}]`
    copied = index + length
  }
  return result + text.slice(copied)
}

function findForms(text: string): SecretFinding[] {
  const keys = findPrivateKeys(text)
  if (!BEGINNINGS.test(text)) return keys
  const forms = FORMS.flatMap(({ kind, pattern }) =>
    Array.from(text.matchAll(pattern), (match) => finding(text, kind, match.index, match.index + match[0].length)),
  )
  return [...keys, ...forms]
}

function finding(text: string, kind: string, index: number, end: number): SecretFinding {
  return { kind, index, length: end - index, preview: maskSecret(text.slice(index, end)) }
}

const PRIVATE_KEY = /^-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/

/** Each from its first line to its last, or to the end of the text where it has none. */
function findPrivateKeys(text: string): SecretFinding[] {
  const found: SecretFinding[] = []
  for (let at = text.indexOf('-----BEGIN '); at !== -1; at = text.indexOf('-----BEGIN ', at)) {
    const head = PRIVATE_KEY.exec(text.slice(at, at + LONGEST_HEAD))?.[0]
    if (head === undefined) {
      at++
      continue
    }
    const foot = text.indexOf('-----END', at + head.length)
    const close = foot === -1 ? -1 : text.indexOf('-----', foot + 8)
    const end = close === -1 ? text.length : close + 5
    found.push(finding(text, 'a private key', at, end))
    at = end
  }
  return found
}

const LONGEST_HEAD = 100

function findPasswordsInUrls(text: string): SecretFinding[] {
  const found: SecretFinding[] = []
  for (const { index, password, start } of urlCredentials(text)) {
    if (password === '') continue
    found.push({ kind: 'a password in a URL', index: index + start, length: password.length, preview: maskSecret(password) })
  }
  return found
}

/** User and password of one URL in a text. */
export interface UrlCredentials {
  /** Where the URL starts in the text. */
  readonly index: number
  readonly scheme: string
  readonly user: string
  readonly password: string
  /** Where the password starts, from the start of the URL. */
  readonly start: number
  readonly host: string
}

/** The credentials of every URL of a text that has some. A raw `@` in a password belongs to it. */
export function urlCredentials(text: string): UrlCredentials[] {
  const found: UrlCredentials[] = []
  for (let at = text.indexOf('://'); at !== -1; at = text.indexOf('://', at + 3)) {
    const credentials = credentialsAt(text, at)
    if (credentials) found.push(credentials)
  }
  return found
}

/** No user part of a URL is longer; an end to looking keeps the time linear. */
const LONGEST_AUTHORITY = 2048

function credentialsAt(text: string, colon: number): UrlCredentials | undefined {
  let index = colon
  while (index > 0 && colon - index < 32 && /[A-Za-z0-9+.-]/.test(text.charAt(index - 1))) index--
  const authority = /^[^\s/?#'"`<>]*/.exec(text.slice(colon + 3, colon + 3 + LONGEST_AUTHORITY))?.[0] ?? ''
  const at = authority.lastIndexOf('@')
  const split = authority.indexOf(':')
  if (index === colon || at === -1 || split === -1 || split > at) return undefined
  return {
    index,
    scheme: text.slice(index, colon),
    user: authority.slice(0, split),
    password: authority.slice(split + 1, at),
    start: colon + 3 + split + 1 - index,
    host: authority.slice(at + 1),
  }
}
