import { defineErrors } from './entry.ts'

export const migrationErrors = defineErrors({
  MIGRATION_NOTHING: {
    status: 404,
    message: 'no .env file in {folder}: looked for .env and .env.*',
    hint: 'name the files: headgate migrate plan FILE…',
  },
  MIGRATION_NOT_FOUND: { status: 404, message: 'there is no migration {migration}', hint: 'headgate migrate ls' },
  MIGRATION_ROLLED_BACK: { status: 409, message: 'the migration {migration} was rolled back already' },
  MIGRATION_OVERWRITTEN: {
    status: 409,
    message: '{environments} changed after the migration {migration}, and rolling back would lose that',
    hint: 'look at it with `headgate env diff`, or roll back all the same with --force',
  },
  MIGRATION_TARGET_INVALID: {
    status: 400,
    message: '{file} cannot become the environment `{environment}`: {reason}',
    hint: 'name the environment it is to become: headgate migrate plan --environment NAME',
  },
  MIGRATION_FILE_LEFT_OUT: {
    status: 400,
    message: '{file} is left out: {reason}',
    hint: 'name the environment it is to become, and it is taken',
  },
  DOTENV_LINE_BROKEN: { status: 400, message: 'line {line} sets nothing: it is neither NAME=value nor a comment' },
  DOTENV_QUOTE_OPEN: {
    status: 400,
    message: '{name} opens a quote that is never closed',
    hint: 'close it on the same line, or behind the last line of the value',
  },
  DOTENV_QUOTE_BEHIND: {
    status: 400,
    message: '{name} goes on behind its closing quote, so readers disagree about its value',
    hint: 'put quotes around the whole value, or none',
  },
  DOTENV_HASH: {
    status: 400,
    message: 'npm dotenv ends {name} at a # without a blank before it, and other readers do not',
    hint: 'put quotes around the value if the # belongs to it',
  },
  DOTENV_SWALLOWED: {
    status: 400,
    message: '{name} takes in what look like assignments on other lines: {swallowed}',
    hint: 'if these are variables of their own, a quote or a value is missing before them',
  },
  DOTENV_SPREAD: {
    status: 400,
    message: '{name} and its value stand on different lines, which only npm dotenv puts together',
    hint: 'write NAME=value on one line',
  },
  DOTENV_NAME_REJECTED: {
    status: 400,
    message: '`{name}` cannot be the name of an environment variable here',
    hint: 'names are made of letters, digits and _, and do not start with a digit',
  },
  DOTENV_DUPLICATE: { status: 400, message: '{name} is set again on line {line}, and the last one wins' },
  DOTENV_EXPORT_SPACED: {
    status: 400,
    message: '`export {name} = …` is refused by the shell, because of the space before the =',
    hint: 'write export {name}=…',
  },
  DOTENV_COMMAND: {
    status: 400,
    message: '{name} asks a shell to run a command, which is never done here',
    hint: 'run it yourself and write down what it printed',
  },
  DOTENV_BACKTICKS: {
    status: 400,
    message: '{name} stands in backticks, which npm dotenv takes for quotes and a shell for a command',
  },
  DOTENV_REFERENCE: {
    status: 400,
    message: '{name} refers to {references}; npm dotenv leaves that as it is, other readers fill it in',
  },
  DOTENV_BOM: { status: 400, message: 'the file starts with a byte order mark, which some readers take for part of the first name' },
  DOTENV_CARRIAGE_RETURN: { status: 400, message: 'lines end in carriage returns, which a shell takes for part of the values' },
  DOTENV_NUL: { status: 400, message: '{name} holds a NUL character, which no environment variable can' },
  DOTENV_NOT_UTF8: {
    status: 400,
    message: '{name} holds bytes that are not UTF-8, and each was read as U+FFFD',
    hint: 'save the file as UTF-8, or put bytes in as base64',
  },
  DOTENV_ENCRYPTED: { status: 400, message: '{name} was encrypted by dotenvx, and only its owner can decrypt it', hint: 'dotenvx decrypt' },
  DOTENV_UNWRITABLE: { status: 400, message: '{name} cannot be written so that {readers} read it back unchanged: {reason}' },
})
