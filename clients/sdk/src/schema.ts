import { ConfigurationError } from './errors.ts'
import { type Segments, isWithin, parsePath, renderPath, valueAt } from './path.ts'
import { type JsonObject, type Snapshot, originOf } from './snapshot.ts'

/** A validator of the Standard Schema interface (zod, valibot, arktype…), or anything with a `parse` that throws. */
export type Schema<T> = StandardSchema<T> | { parse(values: JsonObject): T }

interface StandardSchema<T> {
  readonly '~standard': {
    validate(values: unknown): StandardResult<T> | Promise<StandardResult<T>>
  }
}

type StandardResult<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly Issue[] }

interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** How many mistakes a message lists. */
const SHOWN = 5

/**
 * What the schema makes of a snapshot's values.
 *
 * A validator may quote the value it refuses. So its words about a secret, or about a map that holds one, are left
 * out and only the path is said.
 *
 * @throws ConfigurationError CONFIG_SCHEMA, naming what does not fit
 */
export async function applySchema<T>(schema: Schema<T>, snapshot: Snapshot): Promise<T> {
  const result = await validate(schema, snapshot.values)
  if ('refused' in result) throw misfit(snapshot, result.refused)
  if (result.issues === undefined) return result.value
  const secrets = snapshot.secrets.map(parsePath)
  const words = result.issues.slice(0, SHOWN).map((issue) => describeIssue(issue, snapshot.values, secrets))
  const rest = result.issues.length > SHOWN ? [`and ${result.issues.length - SHOWN} more`] : []
  throw misfit(snapshot, [...words, ...rest].join('; '))
}

/** What a parse function throws may quote the values, so of an exception without issues nothing is repeated. */
async function validate<T>(schema: Schema<T>, values: JsonObject): Promise<StandardResult<T> | { readonly refused: string }> {
  if ('~standard' in schema) return schema['~standard'].validate(values)
  try {
    return { value: schema.parse(values) }
  } catch (thrown) {
    const issues = (thrown as { issues?: unknown } | undefined)?.issues
    return Array.isArray(issues) && issues.length > 0 ? { issues: issues as Issue[] } : { refused: 'its parse function refused the values' }
  }
}

function misfit(snapshot: Snapshot, issues: string): ConfigurationError {
  return new ConfigurationError('CONFIG_SCHEMA', { environment: snapshot.environment, origin: originOf(snapshot), issues })
}

function describeIssue(issue: Issue, values: JsonObject, secrets: readonly Segments[]): string {
  const path = segmentsOf(issue, values)
  const where = path.length === 0 ? 'the document' : `\`${renderPath(path)}\``
  const touchesSecret = secrets.some((secret) => isWithin(path, secret) || isWithin(secret, path))
  return touchesSecret ? `${where} does not fit (it is or holds a secret, so no more is said)` : `${where}: ${issue.message}`
}

function segmentsOf({ path = [] }: Issue, values: JsonObject): Segments {
  const segments: (string | number)[] = []
  for (const part of path) {
    const key = typeof part === 'object' ? part.key : part
    const inList = Array.isArray(valueAt(values, segments))
    segments.push(inList && /^\d+$/.test(String(key)) ? Number(key) : String(key))
  }
  return segments
}
