import { toDotenv } from '@headgate/lang'
import { type Result, ok } from '@headgate/model'
import type { OpenedVariable } from './variables.ts'

/**
 * The variables of an environment as one file: JSON, or lines of a `.env` file. The name of the file decides where
 * nothing else was said.
 */
export function mountContent(variables: readonly OpenedVariable[], file: string, format: string | undefined): Result<string> {
  if ((format ?? (file.endsWith('.json') ? 'json' : 'dotenv')) === 'dotenv') return toDotenv(variables)
  const entries = Object.fromEntries(variables.map(({ name, value }) => [name, value]))
  return ok(`${JSON.stringify(entries, null, 2)}\n`)
}
