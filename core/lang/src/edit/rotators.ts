import { hasErrors } from '@headgate/model'
import { builtinOf } from '../syntax/builtin-calls.ts'
import { NumberText } from '../text/number-text.ts'
import { joinKey } from '../yaml/document-path.ts'
import type { YamlNode } from '../yaml/node.ts'
import { readYaml } from '../yaml/read-yaml.ts'
import { setDocumentPath } from './paths.ts'
import { type Content, writeFlow } from './write-content.ts'

/** A call of `fn::rotate` as it stands in a text. */
export interface RotatorCall {
  /** The call, from the document's root, as `Rotation.path` has it. */
  readonly path: string
  /** Where its state stands, or would, as `Patch.path` has it. */
  readonly statePath: string
  /** Which rotator, with which inputs, as they are written: alike for two calls that differ in layout alone. */
  readonly asks: string
  readonly state: Content
}

/** The rotators a text calls itself, in its order; none for a text that cannot be read. */
export function listRotators(text: string): readonly RotatorCall[] {
  const { root, diagnostics } = readYaml('', text)
  const values = root?.get('values')
  const found: RotatorCall[] = []
  if (values && !hasErrors(diagnostics)) collect(values, found)
  return found
}

/**
 * Puts the states that some rotators have in one text into another, sealed as they are. A call that the other text does
 * not make at the same place, by the same rotator and with the same inputs, is left out and named in `left`: its state
 * belongs to something else.
 *
 * @param paths of the calls, as `RotatorCall.path` has them
 */
export function carryStates(from: string, into: string, paths: readonly string[]): { readonly text: string; readonly left: string[] } {
  const before = new Map(listRotators(from).map((call) => [call.path, call]))
  const there = new Map(listRotators(into).map((call) => [call.path, call]))
  let text = into
  const left: string[] = []
  for (const path of paths) {
    const source = before.get(path)
    const target = there.get(path)
    const set = source && target?.asks === source.asks ? setDocumentPath(text, target.statePath, source.state) : undefined
    if (set?.ok) text = set.value
    else left.push(path)
  }
  return { text, left }
}

/** The rotators whose state is not the same in two texts that are alike otherwise, by their paths. */
export function changedStates(before: string, after: string): string[] {
  const known = new Map(listRotators(before).map(({ path, state }) => [path, writeFlow(state)]))
  return listRotators(after).flatMap(({ path, state }) => (known.get(path) === writeFlow(state) ? [] : [path]))
}

function collect(node: YamlNode, found: RotatorCall[]): void {
  if (node.kind === 'array') for (const child of node.children) collect(child, found)
  if (node.kind !== 'object') return
  const name = node.size === 1 ? node.keyAt(0).text : ''
  const builtin = name.startsWith('fn::') ? builtinOf(name) : undefined
  if (builtin?.builtin === 'rotate') return void found.push(callOf(node, name, builtin.provider))
  for (let i = 0; i < node.size; i++) collect(node.valueAt(i), found)
}

function callOf(node: YamlNode, name: string, provider: string | undefined): RotatorCall {
  const argument = node.valueAt(0)
  const part = (key: string): Content => {
    const child = argument.get(key)
    return child ? contentOf(child) : null
  }
  return {
    path: node.path,
    statePath: `${joinKey(node.path, name)}.state`,
    asks: writeFlow([provider ?? part('provider'), part('inputs')]),
    state: part('state'),
  }
}

/** What a node says, as it would be written again: references and sealed values stand as they are. */
function contentOf(node: YamlNode): Content {
  if (node.kind === 'object') {
    const entries = Array.from({ length: node.size }, (_, i) => [node.keyAt(i).value, contentOf(node.valueAt(i))] as const)
    return new Map(entries)
  }
  if (node.kind === 'array') return node.children.map(contentOf)
  if (node.kind === 'null') return null
  if (node.kind === 'boolean') return node.text === 'true'
  if (node.kind === 'number') return new NumberText(node.text)
  // An alias is never resolved here: two calls with the same alias are taken for alike.
  return node.kind === 'alias' ? `*${node.text}` : node.text
}
