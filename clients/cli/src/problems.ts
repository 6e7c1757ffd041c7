import { type Diagnostic, defineErrors } from '@headgate/model'
import type { CliProblem } from './outcome.ts'

/** What only the command line can answer with; the rest of the codes is the model's catalogue. */
export const cliErrors = defineErrors({
  BUILD_FAILED: { status: 400, message: 'the build of {service} failed: `{command}` ended with {ended}', hint: 'nothing was uploaded' },
  ARTIFACT_REFUSED: { status: 400, message: 'the artifact of {service} cannot be taken: {path}: {reason}' },
  COMMAND_NOT_FOUND: { status: 404, message: 'there is no program {command}: looked in PATH', hint: 'check the name, or give its path' },
  COMMAND_NOT_STARTED: { status: 400, message: 'cannot start {command} ({reason})' },
  VARIABLE_INVALID: {
    status: 400,
    message: '{environment} gives the variable {name} a value no program can be handed ({reason})',
    hint: 'change it, or deliver it as a file: put it under `files`',
  },
  EDITOR_FAILED: { status: 400, message: 'the editor `{editor}` ended with {code}; nothing was saved', hint: 'your text is in {file}' },
  EDITOR_FAILED_UNCHANGED: {
    status: 400,
    message: 'the editor `{editor}` ended with {code}; nothing was changed',
    hint: 'set EDITOR to one that is there',
  },
  TEXT_MASKED: {
    status: 400,
    message: 'this text has [secret] where its secrets stood, and saving it would lose them',
    hint: 'take the text with `headgate env get --sealed`, which keeps them',
  },
  EDIT_KEPT: { status: 409, message: '{environment} is not saved; your text is kept', hint: '{command}' },
  AUDIT_UNVERIFIED: {
    status: 500,
    message: 'the audit log does not verify: {findings}',
    hint: 'keep a copy of the data folder before anything else',
  },
  MIGRATION_DIFFERS: {
    status: 409,
    message: '{differences} between {migration} and its files',
    hint: 'see what changed since: headgate env history',
  },
  COMMAND_BROKEN: {
    status: 500,
    message: 'this is a mistake in Headgate {version}, not in what you did',
    hint: 'please report it with the lines that follow',
  },
  FILE_UNWRITABLE: { status: 400, message: 'cannot write {file} ({reason})' },
  MIGRATION_INVALID: { status: 400, message: 'this migration cannot be applied: {count}' },
})

export type CliErrorCode = keyof typeof cliErrors

/** The problem of a code, its sentence filled in. */
export function cliProblem(
  code: CliErrorCode,
  details: Readonly<Record<string, string | number>>,
  diagnostics?: readonly Diagnostic[],
): CliProblem {
  const entry: { message: string; hint?: string } = cliErrors[code]
  const fill = (template: string) => template.replace(/\{(\w+)\}/g, (place, name: string) => String(details[name] ?? place))
  return {
    code,
    message: fill(entry.message),
    details,
    ...(entry.hint === undefined ? {} : { hint: fill(entry.hint) }),
    ...(diagnostics?.length ? { diagnostics } : {}),
  }
}
