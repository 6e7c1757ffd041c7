import { toJsonValue } from '../text/json.ts'
import { compileSchema } from './compile-schema.ts'
import { readSchema } from './read-schema.ts'
import type { Schema } from './schema.ts'

const reference = { $ref: '#/$defs/schema' }
const text = { type: 'string' }
const number = { type: 'number' }
const flag = { type: 'boolean' }
const list = { type: 'array' }
const schemas = { type: 'array', items: reference }
const namedSchemas = { type: 'object', additionalProperties: reference }
const texts = { type: 'array', items: text }

/** The schema that schemas written in documents (`fn::validate`) have to fit. */
export const META_SCHEMA: Schema = compileSchema(
  readSchema(
    toJsonValue({
      $defs: {
        schema: {
          anyOf: [
            flag,
            {
              type: 'object',
              properties: {
                $defs: namedSchemas,
                $ref: text,
                anyOf: schemas,
                oneOf: schemas,
                prefixItems: schemas,
                items: reference,
                additionalProperties: reference,
                properties: namedSchemas,
                type: { type: 'string', enum: ['string', 'number', 'boolean', 'array', 'object', 'null'] },
                const: {},
                enum: list,
                multipleOf: number,
                maximum: number,
                exclusiveMaximum: number,
                minimum: number,
                exclusiveMinimum: number,
                maxLength: number,
                minLength: number,
                pattern: text,
                maxItems: number,
                minItems: number,
                uniqueItems: flag,
                maxProperties: number,
                minProperties: number,
                required: texts,
                dependentRequired: { type: 'object', additionalProperties: texts },
                title: text,
                description: text,
                default: {},
                deprecated: flag,
                examples: list,
              },
            },
          ],
        },
      },
      $ref: '#/$defs/schema',
    }),
  ),
)
