import type { Diagnostic, ErrorCode, Range } from '@headgate/model'
import { hasErrors } from '@headgate/model'
import type { z } from 'zod'
import { nearest } from './nearest.ts'
import { applicationFile } from './schema.ts'
import type { ApplicationFile, ApplicationService } from './types.ts'

/**
 * A node of a read YAML document, as far as it matters here; what core/lang's reader gives fits. Children of an array
 * are its elements, those of an object alternate, key before value.
 */
export interface PlainNode {
  readonly kind: 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'alias'
  /** What a scalar says. */
  readonly text: string
  /** A key as it is written. */
  readonly value: string
  readonly children: readonly PlainNode[]
  readonly range: Range
  readonly path: string
}

export interface ReadApplicationFile {
  /** Absent where a diagnostic is an error. */
  readonly file?: ApplicationFile
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Checks `headgate.yaml` and fills in its defaults. Every mistake is found at once, each with its place.
 *
 * @param root the positioned tree of the text; undefined where the text is empty
 * @param name what the file is called in messages
 */
export function readApplicationFile(root: PlainNode | undefined, name: string): ReadApplicationFile {
  if (root === undefined) {
    const message = `${name} is empty`
    return { diagnostics: [{ severity: 'error', code: 'APPLICATION_SHAPE', message, path: '', hint: 'write one: headgate init' }] }
  }
  const diagnostics: Diagnostic[] = []
  const parsed = applicationFile.safeParse(valueOf(root, diagnostics))
  if (!parsed.success) {
    diagnostics.push(...parsed.error.issues.flatMap((issue) => diagnosticsOf(issue, root)))
    return { diagnostics }
  }
  const file = supported(parsed.data, root, diagnostics)
  return hasErrors(diagnostics) ? { diagnostics } : { file, diagnostics }
}

/** The tree as plain values. A key that is there twice is a mistake; the first one counts. */
function valueOf(node: PlainNode, diagnostics: Diagnostic[]): unknown {
  switch (node.kind) {
    case 'null':
      return null
    case 'boolean':
      return node.text === 'true'
    case 'number':
      return Number(node.text)
    case 'array':
      return node.children.map((child) => valueOf(child, diagnostics))
    case 'object': {
      const entries = new Map<string, unknown>()
      for (const [key, value] of entriesOf(node)) {
        if (entries.has(key.value)) diagnostics.push(mistake('APPLICATION_SHAPE', key, `\`${key.value}\` is there twice`))
        else entries.set(key.value, valueOf(value, diagnostics))
      }
      // Without a prototype, so that a service called `constructor` is a service and nothing else.
      return Object.assign(Object.create(null), Object.fromEntries(entries))
    }
    default:
      return node.text
  }
}

function entriesOf(node: PlainNode): [PlainNode, PlainNode][] {
  const pairs: [PlainNode, PlainNode][] = []
  for (let index = 0; index + 1 < node.children.length; index += 2) {
    pairs.push([node.children[index] as PlainNode, node.children[index + 1] as PlainNode])
  }
  return pairs
}

type Issue = z.core.$ZodIssue

function diagnosticsOf(issue: Issue, root: PlainNode): Diagnostic[] {
  const { node, missing } = nodeAt(root, issue.path)
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(node, path, key))
  const field = path.at(-1)
  if (missing && field !== undefined) {
    return [mistake('APPLICATION_SHAPE', node, `\`${field}\` is missing`, path.join('.'), `add \`${field}: …\``)]
  }
  if (issue.code === 'invalid_key') {
    const reason = issue.issues[0]?.message ?? 'it is not a name'
    const key = entriesOf(parentOf(root, issue.path)).find(([one]) => one.value === field)?.[0]
    return [mistake('APPLICATION_VALUE', key ?? node, `\`${field}\` cannot be used as a name: ${reason}`, path.join('.'))]
  }
  return [mistake('APPLICATION_VALUE', node, `\`${path.join('.')}\`: ${sentenceOf(issue, node)}`, path.join('.'))]
}

/** What is wrong with a value, in words; the schema's own sentence where it has one. */
function sentenceOf(issue: Issue, node: PlainNode): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.startsWith('Invalid input')
        ? `it is ${described(node)}, and should be ${expected(issue.expected)}`
        : issue.message
    case 'invalid_value':
      return `it is ${described(node)}, and can be ${issue.values.map((value) => `\`${String(value)}\``).join(' or ')}`
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'it is empty'
        : `it is ${described(node)}, and is at least ${issue.minimum}`
    case 'too_big':
      return `it is ${described(node)}, and is at most ${issue.maximum}`
    default:
      return issue.message
  }
}

function described(node: PlainNode): string {
  if (node.kind === 'array') return 'a list'
  if (node.kind === 'object') return 'a map'
  return node.kind === 'null' ? 'empty' : `\`${node.text}\``
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  object: 'a map',
  record: 'a map',
  array: 'a list',
}

function expected(type: string): string {
  return EXPECTED[type] ?? type
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  '': ['project', 'services', 'environments'],
  services: ['build', 'artifact', 'run', 'image', 'health', 'replicas', 'limits', 'drain', 'reload'],
  environments: ['configuration', 'domain', 'strategy', 'rollback_on'],
  health: ['path', 'interval', 'timeout', 'healthy_after', 'deadline'],
  limits: ['memory', 'cpus'],
  drain: ['requests', 'connections'],
  strategy: ['type', 'steps', 'step_duration'],
  rollback_on: ['error_rate', 'latency_p95', 'window'],
}

function unknownField(node: PlainNode, path: readonly string[], key: string): Diagnostic {
  const place = entriesOf(node).find(([one]) => one.value === key)?.[0] ?? node
  const fields = FIELDS[path[2] ?? path[0] ?? ''] ?? []
  const meant = nearest(key, fields)
  const hint = meant === undefined ? `what can stand here: ${fields.join(', ')}` : `did you mean \`${meant}\`?`
  return mistake('APPLICATION_UNKNOWN_FIELD', place, `there is no field \`${key}\` here`, [...path, key].join('.'), hint)
}

/** The node a path leads to, or the nearest one above it with `missing` set. */
function nodeAt(root: PlainNode, path: readonly PropertyKey[]): { node: PlainNode; missing: boolean } {
  let node = root
  for (const key of path) {
    const next = node.kind === 'array' ? node.children[Number(key)] : entriesOf(node).find(([one]) => one.value === key)?.[1]
    if (next === undefined) return { node, missing: true }
    node = next
  }
  return { node, missing: false }
}

function parentOf(root: PlainNode, path: readonly PropertyKey[]): PlainNode {
  return nodeAt(root, path.slice(0, -1)).node
}

type Read = z.output<typeof applicationFile>

/** What the file may say and this Headgate cannot do yet is refused at its place, rather than done in another way. */
function supported(read: Read, root: PlainNode, diagnostics: Diagnostic[]): ApplicationFile {
  const services = Object.entries(read.services).map(([name, { run, image, build, ...service }]): [string, ApplicationService] => {
    if (image !== undefined) {
      const { node } = nodeAt(root, ['services', name, 'image'])
      const reason = 'images are not run by this Headgate, which runs processes'
      diagnostics.push(mistake('APPLICATION_UNSUPPORTED', node, reason, `services.${name}.image`, 'use `run`'))
    }
    return [name, { ...service, run: run ?? '', ...(build === undefined ? {} : { build }) }]
  })
  const environments = Object.entries(read.environments).map(([name, environment]) => {
    const { type } = environment.strategy
    if (type !== 'blue-green') {
      const { node } = nodeAt(root, ['environments', name, 'strategy', 'type'])
      const reason = `this Headgate does not know the strategy \`${type}\` yet`
      diagnostics.push(mistake('APPLICATION_UNSUPPORTED', node, reason, `environments.${name}.strategy.type`, 'use `blue-green`'))
    }
    return [name, { ...environment, strategy: { ...environment.strategy, type: 'blue-green' as const } }] as const
  })
  return { project: read.project, services: Object.fromEntries(services), environments: Object.fromEntries(environments) }
}

function mistake(code: ErrorCode, node: PlainNode, message: string, path = node.path, hint?: string): Diagnostic {
  return { severity: 'error', code, message, range: node.range, path, ...(hint === undefined ? {} : { hint }) }
}
