import type { ExportedValue, Inputs } from '@headgate/lang'

/**
 * Inputs as plain data. The language has checked them against the source's schema before, so what is required is there
 * and of the right kind; what is optional may be absent or null.
 */
export function textOf(inputs: Inputs | undefined, key: string): string | undefined {
  const value = inputs?.get(key)?.value
  return typeof value === 'string' ? value : undefined
}

export function flagOf(inputs: Inputs | undefined, key: string): boolean | undefined {
  const value = inputs?.get(key)?.value
  return typeof value === 'boolean' ? value : undefined
}

export function textsOf(inputs: Inputs | undefined, key: string): readonly string[] | undefined {
  const value = inputs?.get(key)?.value
  return Array.isArray(value)
    ? (value as ExportedValue[]).flatMap((entry) => (typeof entry.value === 'string' ? [entry.value] : []))
    : undefined
}

export function recordOf(inputs: Inputs | undefined, key: string): Inputs | undefined {
  const value = inputs?.get(key)?.value
  return value instanceof Map ? (value as Inputs) : undefined
}

/** The entries of a map of records, such as `get` and `read`. */
export function recordsOf(inputs: Inputs, key: string): readonly (readonly [string, Inputs])[] {
  const entries: (readonly [string, Inputs])[] = []
  for (const [name, entry] of recordOf(inputs, key) ?? []) if (entry.value instanceof Map) entries.push([name, entry.value as Inputs])
  return entries
}

/** A value as JSON text, numbers digit for digit as they were written. */
export function jsonOf(exported: ExportedValue | undefined): string {
  const value = exported?.value ?? null
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${(value as ExportedValue[]).map(jsonOf).join(',')}]`
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, ExportedValue>)].map(([key, entry]) => `${JSON.stringify(key)}:${jsonOf(entry)}`)
    return `{${entries.join(',')}}`
  }
  return (value as { readonly text: string }).text
}
