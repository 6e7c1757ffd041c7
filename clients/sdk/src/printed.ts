import { REDACTED } from '@headgate/model'
import { type Segments, isWithin, parsePath } from './path.ts'
import type { Json, Snapshot } from './snapshot.ts'

/** What Node's console asks an object for; registered globally, so no import is needed. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** Says what the console and JSON show of an event, which remains the plain object it is. */
export function printedAs<T extends object>(event: T, shown: () => object): T {
  return Object.defineProperties(event, { [INSPECT]: { value: shown }, toJSON: { value: shown } })
}

/** A value of a snapshot for print: with `[secret]` in the place of what the plane keeps as one. */
export function withoutSecrets(value: Json | undefined, at: Segments, { secrets }: Pick<Snapshot, 'secrets'>): Json | undefined {
  return masked(value, at, secrets.map(parsePath))
}

function masked(value: Json | undefined, at: Segments, secrets: readonly Segments[]): Json | undefined {
  if (value === undefined) return undefined
  if (secrets.some((secret) => isWithin(at, secret))) return REDACTED
  const below = secrets.filter((secret) => isWithin(secret, at))
  if (typeof value !== 'object' || value === null || below.length === 0) return value
  if (Array.isArray(value)) return value.map((item: Json, index) => masked(item, [...at, index], below) as Json)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, masked(each, [...at, name], below) as Json]))
}
