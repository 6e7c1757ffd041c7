import { type ErrorCode, type Problem, defineErrors, describeError, errorCatalogue } from '@headgate/model'

/**
 * What can go wrong between a program and its configuration. No place in a message is ever filled with a value of the
 * configuration: only with paths, names and kinds.
 */
export const configurationErrors = defineErrors({
  CONFIG_ENVIRONMENT_UNKNOWN: {
    status: 400,
    message: 'which environment is meant is not said: looked in {looked}',
    hint: 'set HEADGATE_ENVIRONMENT to project/environment, or HEADGATE_PROJECT beside ENVIRONMENT or NODE_ENV',
  },
  CONFIG_SETTING_INVALID: { status: 400, message: '{name} cannot be used: {reason}' },
  CONFIG_UNAVAILABLE: {
    status: 503,
    message: 'the configuration of {environment} cannot be had: {tried}',
    hint: '{advice}',
  },
  CONFIG_PATH_MISSING: {
    status: 404,
    message: '{environment} ({origin}) has nothing at `{path}`; {nearest}',
    hint: 'give a default as second argument where the setting may be absent',
  },
  CONFIG_VARIABLE_MISSING: {
    status: 404,
    message: '{environment} ({origin}) has no environment variable {name}; {nearest}',
    hint: 'give a default as second argument where the variable may be absent',
  },
  CONFIG_TYPE: { status: 422, message: '`{path}` of {environment} ({origin}) is {found}, and {wanted} was asked for' },
  CONFIG_SCHEMA: { status: 422, message: '{environment} ({origin}) does not fit the schema of this program: {issues}' },
})

export type ConfigurationErrorCode = keyof typeof configurationErrors | ErrorCode
type Details = Readonly<Record<string, string | number>>
type Description = { readonly message: string; readonly hint?: string }

/** What the SDK throws: at `connect`, and at a read that cannot be answered. It never holds a token or a value. */
export class ConfigurationError extends Error {
  readonly code: ConfigurationErrorCode
  readonly details: Details
  readonly hint?: string

  constructor(code: ConfigurationErrorCode, details: Details = {}, { message, hint }: Description = describe(code, details)) {
    super(hint === undefined ? message : `${message} (try: ${hint})`)
    this.name = 'ConfigurationError'
    this.code = code
    this.details = details
    if (hint !== undefined) this.hint = hint
  }
}

/** A refusal of the plane as the exception a caller of `connect` sees: its code and words stay the plane's. */
export function errorOf(problem: Problem): ConfigurationError {
  return new ConfigurationError(problem.code, problem.details, problem)
}

function describe(code: ConfigurationErrorCode, details: Details): Description {
  if (code in errorCatalogue) return describeError(code as ErrorCode, details)
  const entry: Description = configurationErrors[code as keyof typeof configurationErrors]
  const fill = (template: string): string => template.replace(/\{(\w+)\}/g, (place, name: string) => String(details[name] ?? place))
  return entry.hint === undefined ? { message: fill(entry.message) } : { message: fill(entry.message), hint: fill(entry.hint) }
}
