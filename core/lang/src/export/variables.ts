import { Environment } from '../environment.ts'
import { UNKNOWN_TEXT } from '../eval/plain-json.ts'
import type { Value } from '../eval/value.ts'
import { NumberText } from '../text/number-text.ts'

/** One environment variable, or one file: its name, its text, and whether the text is secret. */
export interface Variable {
  readonly name: string
  readonly value: string
  readonly secret: boolean
}

/** The entries of `environmentVariables` that are scalars, ordered by name: null as empty text, unknown as `[unknown]`. */
export function variables(environment: Environment): Variable[] {
  return scalarsOf(Environment.contentsOf(environment).value.property('environmentVariables'))
}

/** The entries of `files` that are scalars: texts for temporary files whose paths go into variables of these names. */
export function files(environment: Environment): Variable[] {
  return scalarsOf(Environment.contentsOf(environment).value.property('files'))
}

function scalarsOf(section: Value | undefined): Variable[] {
  if (!section?.isMap || section.unknown) return []
  return section.keys().flatMap((name) => {
    const value = section.property(name) as Value
    const text = scalarText(value)
    return text === undefined ? [] : [{ name, value: text, secret: value.secret || section.secret }]
  })
}

function scalarText({ repr, unknown }: Value): string | undefined {
  if (unknown) return UNKNOWN_TEXT
  if (repr === null) return ''
  if (typeof repr === 'string') return repr
  if (typeof repr === 'boolean') return String(repr)
  return repr instanceof NumberText ? repr.text : undefined
}
