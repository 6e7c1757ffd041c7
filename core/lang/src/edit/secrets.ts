import { type Diagnostic, type Range, Secret, hasErrors } from '@headgate/model'
import { diagnosticAt } from '../diagnostics.ts'
import type { At } from '../host.ts'
import { unwrapEnvelope, wrapEnvelope } from '../text/envelope.ts'
import { inlineScalar, literalBlock } from '../text/yaml-scalar.ts'
import type { YamlNode } from '../yaml/node.ts'
import { readYaml } from '../yaml/read-yaml.ts'
import { escapeDollars, unescapeDollars } from './dollar-escapes.ts'
import { inFlow, replaceInline } from './node-span.ts'
import { type TextEdit, applyEdits, lineBreakOf, lineEnd, restIsBlank } from './text-edits.ts'

export interface Edited {
  /** Absent where something stood in the way; the diagnostics say what. */
  readonly text?: string
  readonly diagnostics: readonly Diagnostic[]
}

export interface Sealed {
  readonly path: string
  readonly range: Range
  /** What is inside the envelope: as whoever sealed it handed it over. */
  readonly payload: Uint8Array
}

/** A call of `fn::secret` in a text. */
interface SecretCall {
  /** The object that is the call: its path is the secret's. */
  readonly call: YamlNode
  /** The argument: a string, or an object with a ciphertext. */
  readonly argument: YamlNode
  readonly ciphertext?: YamlNode
}

/**
 * Replaces every plaintext of `fn::secret` by `{ciphertext: …}`, and not one byte besides.
 *
 * The secret is what the scalar means, so `$$` in it counts as one `$`. A secret that is no string, or contains a
 * reference, is an error: sealing it would change its meaning, and leaving it would leave it readable.
 *
 * @param seal returns the payload to put into the document: at least four bytes
 */
export async function sealSecrets(name: string, text: string, seal: (plaintext: Secret, at: At) => Promise<Uint8Array>): Promise<Edited> {
  const { calls, diagnostics } = findSecrets(name, text)
  if (hasErrors(diagnostics)) return { diagnostics }
  const plain = calls.filter((call) => !call.ciphertext)
  const edits = await Promise.all(
    plain.map(async ({ call, argument }) => {
      const payload = await seal(new Secret(unescapeDollars(argument.text) as string), { path: call.path, range: argument.range })
      return replaceInline(text, argument, `{ciphertext: ${wrapEnvelope(payload)}}`)
    }),
  )
  return { text: applyEdits(text, edits.flat()), diagnostics }
}

/**
 * Replaces every sealed secret by its plaintext, for an editor: the reverse of `sealSecrets`. Sealing the result and
 * unsealing that again gives the same text.
 *
 * @param open returns the plaintext of a payload
 */
export async function unsealSecrets(name: string, text: string, open: (payload: Uint8Array, at: At) => Promise<Secret>): Promise<Edited> {
  const { calls, diagnostics } = findSecrets(name, text)
  const opened: TextEdit[][] = []
  const found = [...diagnostics.filter((diagnostic) => diagnostic.code !== 'LANG_CALL')]
  for (const secret of calls) {
    const payload = payloadOf(secret)
    if (payload instanceof Uint8Array) {
      const plaintext = await open(payload, { path: secret.call.path, range: secret.argument.range })
      opened.push(writePlaintext(text, secret, plaintext))
    } else if (payload) found.push(payload)
  }
  return hasErrors(found) ? { diagnostics: found } : { text: applyEdits(text, opened.flat()), diagnostics: found }
}

/** The sealed secrets of a text, in its order; a malformed envelope is a diagnostic at its place. */
export function listSealed(text: string, name = ''): { readonly sealed: readonly Sealed[]; readonly diagnostics: readonly Diagnostic[] } {
  const { calls, diagnostics } = findSecrets(name, text)
  const sealed: Sealed[] = []
  const found = [...diagnostics.filter((diagnostic) => diagnostic.code !== 'LANG_CALL')]
  for (const secret of calls) {
    const payload = payloadOf(secret)
    if (payload instanceof Uint8Array) sealed.push({ path: secret.call.path, range: secret.argument.range, payload })
    else if (payload) found.push(payload)
  }
  return { sealed, diagnostics: found }
}

/**
 * The text with other payloads in some of its envelopes; everything else stays byte for byte.
 *
 * @param replace the new payload of the sealed secret at an index of `listSealed`, or undefined to keep it
 */
export function replaceSealed(text: string, replace: (sealed: Sealed, index: number) => Uint8Array | undefined): string {
  const edits: TextEdit[] = []
  let index = 0
  for (const secret of findSecrets('', text).calls) {
    const payload = payloadOf(secret)
    if (!(payload instanceof Uint8Array)) continue
    const next = replace({ path: secret.call.path, range: secret.argument.range, payload }, index++)
    if (next) edits.push(...replaceInline(text, secret.ciphertext as YamlNode, wrapEnvelope(next)))
  }
  return applyEdits(text, edits)
}

function payloadOf({ ciphertext }: SecretCall): Uint8Array | Diagnostic | undefined {
  if (!ciphertext) return undefined
  const payload = unwrapEnvelope(ciphertext.text)
  return 'fault' in payload ? diagnosticAt('LANG_SECRET', `invalid ciphertext: ${payload.fault}`, ciphertext) : payload
}

const KEY = 'fn::secret'

function findSecrets(name: string, text: string): { calls: SecretCall[]; diagnostics: Diagnostic[] } {
  const { root, diagnostics: found } = readYaml(name, text)
  const diagnostics = [...found]
  const calls: SecretCall[] = []
  if (root && !hasErrors(diagnostics)) visit(root, calls, diagnostics)
  return { calls, diagnostics }
}

function visit(node: YamlNode, calls: SecretCall[], diagnostics: Diagnostic[]): void {
  if (node.kind === 'array') for (const child of node.children) visit(child, calls, diagnostics)
  if (node.kind !== 'object') return
  for (let i = 0; i < node.size; i++) {
    const argument = node.valueAt(i)
    if (node.keyAt(i).text !== KEY) {
      visit(argument, calls, diagnostics)
      continue
    }
    const call = callOf(node, argument)
    if (typeof call === 'string') diagnostics.push(diagnosticAt('LANG_CALL', call, argument))
    else calls.push(call)
  }
}

/** A call that can be sealed or opened, or what is wrong with it. */
function callOf(node: YamlNode, argument: YamlNode): SecretCall | string {
  if (node.size !== 1) return 'illegal call to builtin function: "fn::secret" must be the only key within its containing object'
  if (argument.kind === 'string') return unescapeDollars(argument.text) === undefined ? NOT_LITERAL : { call: node, argument }
  const ciphertext = argument.kind === 'object' && argument.size === 1 ? argument.get('ciphertext') : undefined
  return ciphertext?.kind === 'string' ? { call: node, argument, ciphertext } : NOT_LITERAL
}

const NOT_LITERAL = 'secret values must be string literals'

function writePlaintext(text: string, { argument, ciphertext, call }: SecretCall, plaintext: Secret): TextEdit[] {
  const written = escapeDollars(plaintext.reveal())
  const flow = inFlow(argument) || call.flow
  const block = flow ? undefined : blockFor(text, argument, ciphertext as YamlNode, call, written)
  return replaceInline(text, argument, block ?? inlineScalar(written, flow ? 'flow' : 'block'))
}

/** Columns the lines of a block scalar are moved by, from the key it belongs to. */
const INDENT = 2

/** A text of several lines as a literal block, where one can stand: at the end of its line, and not before lines it would swallow. */
function blockFor(text: string, argument: YamlNode, ciphertext: YamlNode, call: YamlNode, written: string): string | undefined {
  if (!written.includes('\n') || written.endsWith('\n\n') || written === '\n') return undefined
  const column = call.keyAt(0).column - 1
  const end = Math.max(argument.end, ciphertext.end)
  const behind = lineEnd(text, end)
  if (!restIsBlank(text, end) || behind >= text.length) return undefined
  const next = /^(?:[ \t]*\r?\n)*( *)(?=[^ \r\n])/.exec(text.slice(behind))
  if (next && (next[1] as string).length > column) return undefined
  return literalBlock(written, column + INDENT, column, lineBreakOf(text))
}
