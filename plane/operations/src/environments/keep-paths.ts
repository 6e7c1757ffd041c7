import type { Answer } from '@headgate/contract'
import { joinKey, valuePath } from '@headgate/lang'
import { type Diagnostic, problemOf } from '@headgate/model'

export type Content = Pick<Answer<'openEnvironment'>, 'values' | 'secrets' | 'variables' | 'files'>
type Json = Content['values'][string]

/** Whether somebody may open what stands at a path. */
export type PathFilter = (path: string) => boolean

/**
 * What is left of an opened environment for somebody who may open only some of its paths. A map or list is kept as far
 * as something inside it is; whatever is not allowed leaves no trace, not even its name.
 */
export function keepPaths<T extends Content>(content: T, allowed: PathFilter): T {
  const isSecret = within(content.secrets)
  const secrets: string[] = []
  const leaf = (path: string, kept: string): boolean => {
    if (!allowed(path)) return false
    if (isSecret(path)) secrets.push(kept)
    return true
  }
  const values = keep(content.values, '', '', leaf)
  const variable = (root: string) => (entry: { name: string }) => allowed(joinKey(root, entry.name))
  return {
    ...content,
    values: (values ?? {}) as Content['values'],
    secrets,
    variables: content.variables.filter(variable('environmentVariables')),
    files: content.files.filter(variable('files')),
  }
}

/**
 * The allowed part of a value, or undefined where nothing is. Every scalar is asked for by its own path.
 *
 * @param path where it stood
 * @param kept where it stands among what is left: elements of lists move up
 */
function keep(value: Json, path: string, kept: string, leaf: (path: string, kept: string) => boolean): Json | undefined {
  if (Array.isArray(value)) {
    const items: Json[] = []
    for (const [index, item] of value.entries()) {
      const left = keep(item as Json, `${path}[${index}]`, `${kept}[${items.length}]`, leaf)
      if (left !== undefined) items.push(left)
    }
    return items.length > 0 ? items : undefined
  }
  if (value === null || typeof value !== 'object') return leaf(path, kept) ? value : undefined
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const left = keep(item as Json, joinKey(path, key), joinKey(kept, key), leaf)
    return left === undefined ? [] : [[key, left] as const]
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

/**
 * What diagnostics say to somebody who may open only some paths. A message may quote what it is about, so one at another
 * place, or about another environment, keeps nothing but that it is there.
 *
 * @param file what the environment itself is called in ranges
 */
export function keepDiagnostics(diagnostics: readonly Diagnostic[], file: string, allowed: PathFilter): Diagnostic[] {
  return diagnostics.map((diagnostic) => {
    const path = diagnostic.range?.file === file && diagnostic.path !== undefined ? valuePath(diagnostic.path) : undefined
    if (path !== undefined && allowed(path)) return diagnostic
    const { severity, code } = diagnostic
    return { severity, code, message: 'something is wrong at a place you may not open' }
  })
}

/** Says that a path is left out although it is allowed: what it is made of is not. */
export function leftOut(paths: readonly string[], allowed: PathFilter): Diagnostic[] {
  return paths.filter(allowed).map((path) => {
    const { message, hint = '' } = problemOf('OPEN_PATH_WITHHELD', { path })
    return { severity: 'warning', code: 'OPEN_PATH_WITHHELD', message, hint, path: `values.${path}` }
  })
}

/** Whether a path is one of some others, or inside one. */
export function within(paths: readonly string[]): PathFilter {
  const all = new Set(paths)
  return (path) => all.has(path) || paths.some((other) => path.startsWith(`${other}.`) || path.startsWith(`${other}[`))
}
