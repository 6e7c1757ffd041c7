import type { Answer } from '@headgate/contract'
import { type Json, type YamlNode, readYaml, writeYaml } from '@headgate/lang'
import { type Diagnostic, type Problem, hasErrors, problemOf } from '@headgate/model'
import { CommandEnded, type Sources } from '../outcome.ts'

type RoleAnswer = Answer<'readRole'>

/** A role as a file says it, and where each part of it stands. */
export interface RoleFile {
  readonly description: string
  readonly statements: RoleAnswer['statements']
  /** The mistakes of a problem, each with its place in the file. */
  placed(problem: Problem): Problem
  readonly sources: Sources
}

const KEYS = ['description', 'statements']
const STATEMENT_KEYS = ['effect', 'permissions', 'environments', 'patterns']

/** Reads a role from YAML (or JSON, which is YAML too). Ends the command where it has another shape, with the place. */
export function readRoleFile(file: string, text: string): RoleFile {
  const { root, diagnostics } = readYaml(file, text)
  const sources = { [file]: text }
  const found: Diagnostic[] = [...diagnostics]
  if (root) checkShape(root, found)
  else if (found.length === 0) found.push(wrong(undefined, 'the file is empty', 'it holds description and statements'))
  if (hasErrors(found) || !root)
    throw new CommandEnded(problemOf('ROLE_INVALID', { role: file, reason: found[0]?.message ?? '' }, found), sources)
  const statements = root.get('statements')?.children ?? []
  return {
    description: root.get('description')?.text ?? '',
    statements: statements.map((each) => statementOf(each)),
    sources,
    placed: (problem) =>
      problem.diagnostics ? { ...problem, diagnostics: problem.diagnostics.map((each) => placedIn(root, each)) } : problem,
  }
}

function statementOf(node: YamlNode): RoleAnswer['statements'][number] {
  const list = (key: string) => node.get(key)?.children.map((child) => child.text)
  const patterns = list('patterns')
  return {
    effect: node.get('effect')?.text === 'deny' ? 'deny' : 'allow',
    permissions: list('permissions') ?? [],
    environments: list('environments') ?? [],
    ...(patterns ? { patterns } : {}),
  }
}

function checkShape(root: YamlNode, found: Diagnostic[]): void {
  if (root.kind !== 'object') return void found.push(wrong(root, 'a role is a map', 'it holds description and statements'))
  unknownKeys(root, KEYS, found)
  const statements = root.get('statements')
  if (statements?.kind !== 'array')
    return void found.push(wrong(statements ?? root, 'statements is a list', 'one entry for each statement'))
  for (const statement of statements.children) {
    if (statement.kind !== 'object') {
      found.push(wrong(statement, 'a statement is a map', 'effect, permissions, environments and perhaps patterns'))
      continue
    }
    unknownKeys(statement, STATEMENT_KEYS, found)
    const effect = statement.get('effect')
    if (!['allow', 'deny'].includes(effect?.text ?? '')) found.push(wrong(effect ?? statement, 'effect is allow or deny', undefined))
    for (const key of ['permissions', 'environments', 'patterns']) {
      const list = statement.get(key)
      const strings = list?.kind === 'array' && list.children.every(({ kind }) => kind === 'string')
      if (list ? !strings : key !== 'patterns')
        found.push(wrong(list ?? statement, `${key} is a list of texts`, `for example ${key}: ["*"]`))
    }
  }
}

function unknownKeys(node: YamlNode, known: readonly string[], found: Diagnostic[]): void {
  for (let i = 0; i < node.size; i++) {
    const key = node.keyAt(i)
    if (!known.includes(key.value)) found.push(wrong(key, `there is no ${key.value} here`, `it holds ${known.join(', ')}`))
  }
}

function wrong(node: YamlNode | undefined, message: string, hint: string | undefined): Diagnostic {
  const place = node ? { range: node.range, path: node.path } : {}
  return { severity: 'error', code: 'ROLE_INVALID', message, ...place, ...(hint === undefined ? {} : { hint }) }
}

/** The plane names a mistake by its path inside the role; here it gets the place in the file. */
function placedIn(root: YamlNode, diagnostic: Diagnostic): Diagnostic {
  const node = diagnostic.path === undefined ? undefined : nodeAt(root, diagnostic.path)
  return node ? { ...diagnostic, range: node.range } : diagnostic
}

function nodeAt(node: YamlNode, path: string): YamlNode | undefined {
  if (node.path === path) return node
  for (const child of node.children) {
    const found = nodeAt(child, path)
    if (found) return found
  }
  return undefined
}

/** A role as a file that `role create` and `role edit` take. */
export function renderRoleFile({ description, statements }: Pick<RoleAnswer, 'description' | 'statements'>): string {
  const list = statements.map(
    ({ effect, permissions, environments, patterns }): Json =>
      new Map<string, Json>([
        ['effect', effect],
        ['permissions', permissions],
        ['environments', environments],
        ...(patterns ? [['patterns', patterns] as const] : []),
      ]),
  )
  return writeYaml(
    new Map<string, Json>([
      ['description', description],
      ['statements', list],
    ]),
  )
}
