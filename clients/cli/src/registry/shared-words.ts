import type { ArgumentSpec, OptionSpec } from '../command.ts'

/** `[org/]project/env[@version]`, the first word of most commands; without a version where one would be refused. */
export function environmentArgument({ required, version = true }: { required: boolean; version?: boolean }): ArgumentSpec {
  const summary = `[organisation/]project/environment${version ? '[@revision or tag]' : ''}`
  return {
    name: 'environment',
    summary: required ? summary : `${summary}; default: HEADGATE_ENVIRONMENT`,
    required,
    completes: 'environment',
  }
}

export function dataOption(summary: string): OptionSpec {
  return { flags: '--data <folder>', summary, completes: 'file' }
}

/** How a command that works on the data itself is told where the root key is. Secrets are in files and variables, never in options. */
export const keyOptions: readonly OptionSpec[] = [
  {
    flags: '--key-source <source>',
    summary: 'where the root key is; default: HEADGATE_KEY_SOURCE, else file',
    choices: ['file', 'passphrase', 'environment', 'kms'],
  },
  {
    flags: '--key-file <file>',
    summary: "the file with the root key; default: in your configuration folder, named by the data folder's id",
    completes: 'file',
  },
  {
    flags: '--key-passphrase-file <file>',
    summary:
      'read the passphrase of the root key from a file, a descriptor (/dev/fd/3), or standard input with -; otherwise it is asked for',
    completes: 'file',
  },
  { flags: '--kms-url <url>', summary: 'the key service, a Vault or OpenBao; default: HEADGATE_KMS_URL' },
  { flags: '--kms-key <name>', summary: 'its transit key that wraps the root key; default: HEADGATE_KMS_KEY' },
  { flags: '--kms-mount <path>', summary: 'where its transit engine is mounted; default: HEADGATE_KMS_MOUNT, else transit' },
  {
    flags: '--kms-token-file <file>',
    summary: 'the file with the token for it, read anew each time; default: HEADGATE_KMS_TOKEN_FILE, else the variable HEADGATE_KMS_TOKEN',
    completes: 'file',
  },
]

/** How a command that works on the data itself is told of a PostgreSQL database. */
export const databaseOptions: readonly OptionSpec[] = [
  {
    flags: '--database <address>',
    summary: 'postgres://user@host/name, without a password; default: HEADGATE_DATABASE, else a SQLite file in the data folder',
  },
  {
    flags: '--database-file <file>',
    summary: 'read that address, with its password, from a file, or from standard input with -',
    completes: 'file',
  },
]
