import { type Result, ok, refuse } from '@headgate/model'
import { Environment } from '../environment.ts'
import type { ExportedValue } from '../eval/exported-value.ts'
import { exportValue } from '../eval/import-value.ts'
import type { Value } from '../eval/value.ts'
import { parsePath } from '../yaml/document-path.ts'

/** The value at a path such as `db.hosts[0]`; the empty path is the whole environment. */
export function valueAt(environment: Environment, path: string): Result<ExportedValue> {
  const parts = path === '' ? [] : parsePath(path)
  if ('reason' in parts) return refuse('PATH_INVALID', { path, reason: parts.reason })
  let value: Value | undefined = Environment.contentsOf(environment).value
  for (const part of parts) {
    if (typeof part === 'number') value = Array.isArray(value.repr) ? (value.repr[part] as Value | undefined) : undefined
    else value = value.isMap ? value.property(part) : undefined
    if (!value) return refuse('PATH_NOT_FOUND', { environment: environment.name, path })
  }
  return ok(exportValue(value))
}
