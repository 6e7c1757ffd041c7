import type { Answer } from '@headgate/contract'

type Content = Pick<Answer<'openEnvironment'>, 'values' | 'secrets' | 'variables' | 'files'>
type Json = Content['values'][string]

/**
 * What is left of an opened environment for somebody who may open only some of its paths. A map or list is kept as far
 * as something inside it is; whatever is not allowed leaves no trace, not even its name.
 */
export function keepPaths(content: Content, allowed: (path: string) => boolean): Content {
  const values = keep(content.values, '', allowed)
  const variable = (root: string) => (entry: { name: string }) => allowed(joinPath(root, entry.name))
  return {
    values: (values ?? {}) as Content['values'],
    secrets: content.secrets.filter(allowed),
    variables: content.variables.filter(variable('environmentVariables')),
    files: content.files.filter(variable('files')),
  }
}

/** The allowed part of a value, or undefined where nothing is; a path itself allowed brings all that is below it. */
function keep(value: Json, path: string, allowed: (path: string) => boolean): Json | undefined {
  if (path !== '' && allowed(path) && !holdsMore(value)) return value
  if (Array.isArray(value)) {
    const kept = value.flatMap((item: Json, index) => keep(item, `${path}[${index}]`, allowed) ?? [])
    return kept.length > 0 ? kept : undefined
  }
  if (value === null || typeof value !== 'object') return undefined
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const kept = keep(item as Json, joinPath(path, key), allowed)
    return kept === undefined ? [] : [[key, kept] as const]
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

function holdsMore(value: Json): boolean {
  return value !== null && typeof value === 'object'
}

/** A path as the language writes it: a plain name behind a dot, anything else quoted in brackets. */
export function joinPath(path: string, key: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return `${path}["${key.replaceAll('"', '\\"')}"]`
  return path === '' ? key : `${path}.${key}`
}
