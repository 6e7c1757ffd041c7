import type { Answer } from '@headgate/contract'
import { REDACTED } from '@headgate/model'
import { isExactNumber } from './exact-number.ts'
import { need } from '../outcome.ts'
import { parsePath } from './document-path.ts'

type Opened = Answer<'openEnvironment'>
type Json = Opened['values'][string]

/** What an environment gives, with `[secret]` in the place of every secret. */
export function redactOpened(opened: Opened): Opened {
  let values: Json = opened.values
  for (const path of opened.secrets) values = redactAt(values, need(parsePath(path)))
  const hide = ({ name, value, secret }: Opened['variables'][number]) => ({ name, value: secret ? REDACTED : value, secret })
  return { ...opened, values: values as Opened['values'], variables: opened.variables.map(hide), files: opened.files.map(hide) }
}

function redactAt(value: Json, [segment, ...rest]: readonly (string | number)[]): Json {
  if (segment === undefined) return REDACTED
  if (Array.isArray(value)) return value.map((item: Json, i) => (i === segment ? redactAt(item, rest) : item))
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return value
  return Object.fromEntries(
    Object.entries(value as Record<string, Json>).map(([key, item]) => [key, key === segment ? redactAt(item, rest) : item]),
  )
}
