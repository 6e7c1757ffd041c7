import { defineErrors } from './entry.ts'

/**
 * What the clients answer with themselves. No place in a message of CONFIG_ is ever filled with a value of the
 * configuration: only with paths, names and kinds.
 */
export const clientErrors = defineErrors({
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
  BUILD_FAILED: { status: 400, message: 'the build of {service} failed: `{command}` ended with {ended}', hint: 'nothing was uploaded' },
  ARTIFACT_REFUSED: { status: 400, message: 'the artifact of {service} cannot be taken: {path}: {reason}' },
  SYSTEM_REFUSED: {
    status: 500,
    message: 'the system refuses {call} on {path} ({reason})',
    hint: 'look whether it is there, a folder where one is meant, yours to write, and has room',
  },
  COMMAND_NOT_FOUND: { status: 404, message: 'there is no program {command}: looked in PATH', hint: 'check the name, or give its path' },
  COMMAND_NOT_STARTED: { status: 400, message: 'cannot start {command} ({reason})' },
  VARIABLE_INVALID: {
    status: 400,
    message: '{environment} gives the variable {name} a value no program can be handed ({reason})',
    hint: 'change it, or deliver it as a file: put it under `files`',
  },
  EDITOR_EMPTIED: {
    status: 400,
    message: 'the edited text is empty; nothing was saved',
    hint: 'to empty it on purpose, save {} in its place',
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
  INSTALLATION_INCOMPLETE: {
    status: 500,
    message: 'a part of Headgate {version} is not there: {reason}',
    hint: 'it was removed or replaced while this ran, or never installed: install Headgate again, and start anew what runs',
  },
  FILE_UNWRITABLE: { status: 400, message: 'cannot write {file} ({reason})' },
  MIGRATION_INVALID: { status: 400, message: 'this migration cannot be applied: {count}' },
  VARIABLE_MISSING: {
    status: 404,
    message: '{environment} defines no variable {names}, and the program is not to start without',
    hint: 'headgate open {environment} --format detailed',
  },
  MOUNT_REFUSED: { status: 409, message: 'the values cannot be mounted at {file}: {reason}' },
})
