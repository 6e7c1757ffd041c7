import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApiDocument } from '../src/openapi.ts'

interface Operation {
  readonly operationId: string
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema?: object }> }>
}

test('whatever a route about releases answers is described, down to the last field', () => {
  const { paths } = openApiDocument('0.0.0') as { paths: Record<string, Record<string, Operation>> }
  const operations = Object.entries(paths).flatMap(([path, methods]) => (path.includes('/targets') ? Object.values(methods) : []))
  assert.ok(operations.length > 10)
  for (const { operationId, responses } of operations) {
    const schema = Object.values(responses['200']?.content ?? {})[0]?.schema
    assert.deepEqual(undescribed(schema, operationId), [])
  }
})

/** The places of a schema that say nothing of what stands there. */
function undescribed(schema: unknown, place: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [place]
  const { properties, items, anyOf, oneOf, additionalProperties, ...own }: Readonly<Record<string, unknown>> = { ...schema }
  const parts = Object.entries(properties ?? {}).flatMap(([name, one]) => undescribed(one, `${place}.${name}`))
  const choices = ((anyOf ?? oneOf ?? []) as unknown[]).flatMap((one, index) => undescribed(one, `${place}|${index}`))
  const rest = [items, additionalProperties].filter((one) => typeof one === 'object').flatMap((one) => undescribed(one, `${place}[]`))
  const says =
    ['type', 'enum', 'const', '$ref'].some((word) => word in own) || choices.length > 0 || anyOf !== undefined || oneOf !== undefined
  return [...(says ? [] : [place]), ...parts, ...choices, ...rest]
}
