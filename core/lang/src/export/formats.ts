import { type Result, ok, refuse } from '@headgate/model'
import type { Environment } from '../environment.ts'
import { toShownText } from '../yaml/bytes.ts'
import { writePrettyJson } from '../text/json.ts'
import { writeYaml } from '../text/write-yaml.ts'
import { toPlain } from './plain.ts'
import type { Variable } from './variables.ts'

/** Names that shells and `.env` readers take for variables. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Whether a name can be that of an environment variable everywhere. */
export function isVariableName(name: string): boolean {
  return NAME.test(name)
}

/**
 * Variables as lines of a `.env` file that its common readers agree on: values are quoted unless they are plain words.
 *
 * Refuses a name that would be read as something else, and a NUL, which no environment can hold.
 */
export function toDotenv(variables: readonly Variable[]): Result<string> {
  return writeLines(variables, (name, value) => `${name}=${quoteDotenv(value)}`)
}

/** Variables as `export` commands for a POSIX shell; nothing in a value is ever executed or expanded. */
export function toShell(variables: readonly Variable[]): Result<string> {
  return writeLines(variables, (name, value) => `export ${name}=${quoteShell(value)}`)
}

function writeLines(variables: readonly Variable[], write: (name: string, value: string) => string): Result<string> {
  const lines: string[] = []
  for (const { name, value } of variables) {
    if (!NAME.test(name)) return refuse('VARIABLE_NAME_INVALID', { name })
    if (value.includes('\0')) return refuse('VARIABLE_NUL', { name })
    lines.push(`${write(name, toShownText(value))}\n`)
  }
  return ok(lines.join(''))
}

const WORD = /^[A-Za-z0-9_./:@%+,-]+$/

/**
 * Single quotes where they are exact for nearly every reader. Double quotes with escapes for the rest, which a shell and
 * python-dotenv undo, and others in part: no form is read by all of them, and this one runs nothing anywhere.
 */
function quoteDotenv(value: string): string {
  if (value === '') return '""'
  if (WORD.test(value)) return value
  if (!/['\r]|\\$/.test(value)) return `'${value}'`
  // Line feeds stay as they are: a shell does not undo `\n`.
  const escaped = value.replace(/[\\"$`]/g, (character) => `\\${character}`).replaceAll('\r', '\\r')
  return `"${escaped}"`
}

function quoteShell(value: string): string {
  return WORD.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}

/** All values of an environment as JSON over several lines, with a line feed at the end. */
export function toJson(environment: Environment, options: { readonly redact: boolean }): string {
  return `${writePrettyJson(toPlain(environment, options))}\n`
}

/** All values of an environment as YAML. */
export function toYaml(environment: Environment, options: { readonly redact: boolean }): string {
  return writeYaml(toPlain(environment, options))
}
