/** Names that say nothing, or tell of layers and history instead of the thing. */
import { basename } from 'node:path/posix'
import { Visitor } from 'oxc-parser'
import type { Check, Finding } from './finding.ts'
import { type Source, readSources } from './sources/source.ts'

/** Words no file or folder is named with. */
const drawers = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'managers', 'misc', 'v2'])

/** Words no function or type ends in; there `common` may be what an adjective says of a noun. */
const endings = new Set([...drawers].filter((word) => word !== 'common'))

const reason = 'a drawer is a place where nobody finds anything; code lives beside its users and is named for what it is'

/** `service` is a noun here (what a release starts), so as what one of these verbs does something with it is no drawer. */
const verbs = new Set(['build', 'check', 'deploy', 'describe', 'find', 'list', 'plan', 'read', 'run', 'show', 'start', 'stop', 'watch'])

function isDrawer(words: readonly string[]): boolean {
  const isLayer = words.at(-1) === 'service' && !verbs.has(words[0] ?? '')
  return isLayer || words.some((word) => drawers.has(word))
}

export const names: Check = {
  name: 'names',
  run: (repository) =>
    Promise.resolve(readSources(repository).flatMap((source) => [...pathFindings(source.path), ...declarationFindings(source)])),
}

export function pathFindings(path: string): Finding[] {
  const parts = path.split('/').slice(0, -1)
  const name = basename(path).replace(/(?:\.test)?\.[a-z]+$/, '')
  const bad = [...parts, name].filter((part) => isDrawer(part.toLowerCase().split(/[-_.]/)))
  const found: Finding[] = bad.map((part) => ({ place: path, message: `is named "${part}"`, reason }))
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name.replaceAll('.', '-'))) {
    found.push({
      place: path,
      message: 'is not named in lower case with hyphens',
      reason: 'one way to write a file name is one way to find it',
    })
  }
  return found
}

export function declarationFindings(source: Source): Finding[] {
  const found: Finding[] = []
  const look = (id: { readonly name: string; readonly start: number } | null): void => {
    if (id !== null && endings.has(wordsOf(id.name).at(-1) ?? ''))
      found.push({ place: `${source.path}:${source.lineAt(id.start)}`, message: `is named "${id.name}"`, reason })
  }
  new Visitor({
    FunctionDeclaration: (node) => look(node.id),
    ClassDeclaration: (node) => look(node.id),
    TSInterfaceDeclaration: (node) => look(node.id),
    TSTypeAliasDeclaration: (node) => look(node.id),
  }).visit(source.program)
  return found
}

/** `RetryManager` is of the words retry and manager. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[ _$]+/)
}
