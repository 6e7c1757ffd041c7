import { type YamlNode, getPath } from '@headgate/lang'
import { REDACTED, type Result, ok } from '@headgate/model'
import { exactNumber } from './exact-number.ts'
import type { Json } from './typed-value.ts'

/** What stands at a path of a document: as a value, and as it is written there. */
export interface Standing {
  /** Secrets are `[secret]`, or their plaintext in a text that was unsealed. */
  readonly value: Json
  /** Whether it is or holds a secret. */
  readonly secret: boolean
  /** The text of it, moved to the left margin. */
  readonly text: string
}

/** What stands at a path; undefined where nothing does. Refused where the path is none. */
export function standingAt(text: string, path: string): Result<Standing | undefined> {
  const found = getPath(text, path)
  if (!found.ok) return found.problem.code === 'LANG_PATH_MISSING' ? ok(undefined) : found
  const { node } = found.value
  return ok({ value: valueOf(node), secret: holdsSecret(node), text: outdented(found.value.text, node.column - 1) })
}

function valueOf(node: YamlNode): Json {
  const secret = secretOf(node)
  if (secret) return secret.kind === 'string' ? secret.text.replaceAll('$$', () => '$') : REDACTED
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(entriesOf(node).map(([key, value]) => [key, valueOf(value)]))
    case 'array':
      return node.children.map(valueOf)
    case 'number':
      return exactNumber(node.text)
    case 'boolean':
      return node.text === 'true'
    case 'null':
      return null
    default:
      return node.text
  }
}

/** The argument of `fn::secret`, where the node is a call of it: text, or an object with a ciphertext. */
function secretOf(node: YamlNode): YamlNode | undefined {
  return node.size === 1 ? node.get('fn::secret') : undefined
}

function holdsSecret(node: YamlNode): boolean {
  return secretOf(node) !== undefined || node.children.some(holdsSecret)
}

function entriesOf(node: YamlNode): [string, YamlNode][] {
  return Array.from({ length: node.size }, (_, i) => [node.keyAt(i).text, node.valueAt(i)])
}

function outdented(text: string, column: number): string {
  const indent = new RegExp(`\\n {0,${column}}`, 'g')
  return text.replace(indent, '\n').trimEnd()
}
