import type { SchemaSource } from '@headgate/lang'

/** Schemas of inputs and outputs, written short. Each is made once and never changed, as the language asks. */
export const text = (description?: string): SchemaSource => ({ type: 'string', ...(description ? { description } : {}) })
export const flag = (description?: string): SchemaSource => ({ type: 'boolean', ...(description ? { description } : {}) })
export const listOf = (items: SchemaSource): SchemaSource => ({ type: 'array', items })
export const mapOf = (entries: SchemaSource): SchemaSource => ({ type: 'object', additionalProperties: entries })

/** An object with these properties and no others; what is not named in `optional` must be there. */
export function record(properties: Readonly<Record<string, SchemaSource>>, optional: readonly string[] = []): SchemaSource {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false }
}
