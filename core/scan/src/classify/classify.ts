import { holdsCommand, findReferences } from '../dotenv/references.ts'
import type { Classification, ClassifyContext, Reason } from './classification.ts'
import { commentNamesSecret, saysReplace, saysRequired } from './comments.ts'
import { judgeConnection } from './connection-strings.ts'
import { looksLikeSecretValue } from './scan-text.ts'
import { isMasterSecret, judgeName } from './secret-names.ts'
import { standInSign } from './stand-in-words.ts'
import { weakness } from './weak-secrets.ts'

/**
 * Whether a variable is secret and whether its value is a stand-in.
 *
 * The name decides first, then what the value visibly is, then what the comments say. An empty value, a placeholder or a
 * switched-off value makes no secret public. The rules are those of docs/reference/dotenv.md; none knows any file.
 */
export function classify(name: string, value: string, context: ClassifyContext = {}): Classification {
  return judge(name, value, context, 0)
}

function judge(name: string, value: string, context: ClassifyContext, depth: number): Classification {
  const secrecy = judgeSecrecy(name, value, context, depth)
  const standIn = judgePlaceholder(name, value.trim(), secrecy.secret, context)
  const reasons = [secrecy.reason, standIn].filter((reason) => reason !== undefined)
  return { secret: secrecy.secret, placeholder: standIn !== undefined, reasons }
}

interface Secrecy {
  readonly secret: boolean
  readonly reason?: Reason
}

function judgeSecrecy(name: string, value: string, context: ClassifyContext, depth: number): Secrecy {
  const verdict = judgeName(name)
  if (verdict?.public) return verdict
  const connection = judgeConnection(name, value, context.siblings)
  // A password in the value outweighs a name that speaks of a setting: SMS_PROVIDER=sms://user:password@host.
  if (connection?.secret && (verdict === undefined || verdict.secret || connection.visible)) return connection
  if (verdict?.weak && SWITCH.test(value)) return { secret: false, reason: { rule: 'S7', text: 'a switch' } }
  if (verdict?.secret && isPathOfKey(name, value)) return { secret: false, reason: { rule: 'S7', text: 'a path' } }
  if (verdict?.secret && PUBLISHABLE.test(value)) return { secret: false, reason: { rule: 'S4', text: 'the value says it is publishable' } }
  if (verdict?.secret) return verdict
  const form = looksLikeSecretValue(value)
  if (form) return { secret: true, reason: { rule: 'S1', text: `the value is ${form.kind}` } }
  const carried = carriedSecret(value)
  if (carried) return { secret: true, reason: { rule: 'S1', text: `the value sets ${carried}` } }
  const referred = judgeReferences(value, context, depth)
  if (referred) return referred
  const named = verdict ?? connection
  if (named) return named
  const comment = commentNamesSecret(context)
  return comment ? { secret: true, reason: comment } : { secret: false }
}

/** `…TOKEN=abc` inside a value: options of a program, or lines that a missing quote drew in. */
const ASSIGNMENT_INSIDE = /(?<![A-Za-z0-9_])[A-Za-z_][A-Za-z0-9_]{3,60}(?==[^\s=&;,'"]{4})/g

function carriedSecret(value: string): string | undefined {
  if (!value.includes('=')) return undefined
  for (const [name] of value.matchAll(ASSIGNMENT_INSIDE)) if (judgeName(name)?.secret) return name
  return undefined
}

/** What services put before keys that are meant for browsers. */
const PUBLISHABLE = /^(?:pk_(?:live|test)_|phc_|pk\.eyJ)/
const SWITCH = /^(?:true|false|yes|no|on|off|enabled|disabled|0|1)$/i

/** S7: a path to a key is no key. */
function isPathOfKey(name: string, value: string): boolean {
  return (
    /^(?:\.{0,2}|~|[A-Za-z]:|%[^%\s]{1,40}%)[/\\][^\s]{1,200}\.(?:pem|key|crt|cer|json|p12|pfx|jks|txt|pub|asc)$/.test(value) ||
    (/CREDENTIALS?$/i.test(name) && /^(?:\.{0,2}|~)\//.test(value))
  )
}

/** P9: what is made of references is what it refers to. */
function judgeReferences(value: string, context: ClassifyContext, depth: number): Secrecy | undefined {
  if (depth > DEEPEST || !value.includes('$')) return undefined
  const secret = findReferences(value).find(({ name, modifier }) => isSecretName(name, modifier, context, depth + 1))
  return secret && { secret: true, reason: { rule: 'P9', text: `it refers to ${secret.name}, which is secret` } }
}

/** Chains of references longer than this are not followed to their end. */
const DEEPEST = 50

/** Of each file, which names were found secret; a name that is being asked about counts as not, which ends circles. */
const answers = new WeakMap<ReadonlyMap<string, string>, Map<string, boolean>>()

function isSecretName(name: string, modifier: string, { siblings }: ClassifyContext, depth: number): boolean {
  if (siblings === undefined) return judgeSecrecy(name, modifier.replace(/^:?[-=?+]/, ''), {}, DEEPEST).secret
  const known = answers.get(siblings) ?? new Map<string, boolean>()
  answers.set(siblings, known)
  const answer = known.get(name)
  if (answer !== undefined) return answer
  known.set(name, false)
  const { secret } = judgeSecrecy(name, siblings.get(name) ?? '', { siblings }, depth)
  known.set(name, secret)
  return secret
}

/** Values that switch something off or hand the matter to somebody else; they work as they are. */
const WORKING =
  /^(?:true|false|yes|no|on|off|null|nil|none|undefined|disabled|enabled|user_provided|[0-9]{1,5}|localhost|0\.0\.0\.0|127\.0\.0\.1)$/i

function judgePlaceholder(name: string, value: string, secret: boolean, context: ClassifyContext): Reason | undefined {
  if (value === '') return judgeEmpty(name, context)
  if (findReferences(value).length > 0 || holdsCommand(value)) return undefined
  if (WORKING.test(value) && !(secret && /^[0-9]/.test(value))) return undefined
  return standInSign(name, value, secret) ?? (secret ? weakness(name, value, context) : undefined) ?? saysReplace(context, secret)
}

function judgeEmpty(name: string, context: ClassifyContext): Reason | undefined {
  if (saysRequired(context)) return { rule: 'P5', text: 'it is empty, and the comment says it must be set' }
  if (isMasterSecret(name)) return { rule: 'P5', text: 'it is empty, and the application is unsafe without it' }
  return undefined
}
