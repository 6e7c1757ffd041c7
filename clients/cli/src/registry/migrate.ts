import type { CommandSpec, OptionSpec } from '../command.ts'

const files = {
  name: 'files',
  summary: '.env files; default: .env and .env.* of this folder',
  many: true,
  completes: 'file' as const,
}
const planOptions: readonly OptionSpec[] = [
  { flags: '--project <name>', summary: "the project; default: the one of headgate.yaml, the package's name or the folder's" },
  {
    flags: '--environment <name>',
    summary: 'the environment a single file goes into; otherwise .env goes into dev, .env.staging into staging',
  },
  { flags: '--map <file=environment>', summary: 'where one file goes; with nothing behind the = it is left out', many: true },
  { flags: '--base', summary: 'make an environment base of .env, which all others import' },
  {
    flags: '--placeholders <policy>',
    summary:
      'whether placeholders like changeme are taken over: import, block, or by-environment (not in production); default: by-environment',
    choices: ['import', 'block', 'by-environment'],
  },
  {
    flags: '--references <policy>',
    summary: '${X} inside a value: literal keeps it as text, link makes it refer to the variable; default: literal',
    choices: ['literal', 'link'],
  },
]

export const migrateCommands: readonly CommandSpec[] = [
  {
    name: 'migrate plan',
    summary: 'show what a migration of .env files would write; changes nothing',
    description: [
      'Every key of every file is listed: where it goes, whether it is a secret, a placeholder, or something that is not taken over and why. Nothing in the files is run, and secrets are never shown.',
      'Environments that are there already are opened to say what is new and what stays. Without a plane or a token, everything counts as new.',
    ],
    arguments: [files],
    options: [...planOptions, { flags: '-o, --output <file>', summary: 'also write the plan as JSON, secrets masked', completes: 'file' }],
    examples: [
      { command: 'headgate migrate plan', says: 'the .env files of this folder' },
      { command: 'headgate migrate plan .env.staging --project shop --environment staging', says: 'one file into shop/staging' },
    ],
    load: () => import('../commands/migrate/plan.ts'),
  },
  {
    name: 'migrate apply',
    summary: 'write a migration: all environments of it, or none',
    description: [
      'Shows the plan and asks. Everything is written as one change with one audit record, and can be rolled back as one. The files are left as they are.',
    ],
    arguments: [files],
    options: [...planOptions, { flags: '--yes', summary: 'do not ask' }],
    examples: [
      { command: 'headgate migrate apply', says: 'shows the plan, asks, writes' },
      { command: 'headgate migrate apply --project shop --yes', says: 'without asking' },
    ],
    load: () => import('../commands/migrate/apply.ts'),
  },
  {
    name: 'migrate validate',
    summary: 'open what a migration wrote and compare it with the files',
    description: ['Compares value by value and shows names only. The exit code is 5 when something differs.'],
    arguments: [files],
    options: [
      { flags: '--migration <id>', summary: 'compare with the revisions of this migration; default: the newest revisions' },
      ...planOptions,
    ],
    examples: [
      { command: 'headgate migrate validate', says: 'the .env files of this folder with what is there now' },
      { command: 'headgate migrate validate --migration b7c1…', says: 'with what one migration wrote' },
    ],
    load: () => import('../commands/migrate/validate.ts'),
  },
  {
    name: 'migrate rollback',
    summary: 'put every environment of a migration back to what it was before',
    description: [
      'All of them or none. Environments the migration created are removed. One that was changed after the migration stops it, unless --force is given.',
    ],
    arguments: [{ name: 'migration', summary: 'what apply printed, or `migrate ls` shows', required: true }],
    options: [
      { flags: '--force', summary: 'although an environment was changed after the migration' },
      { flags: '--yes', summary: 'do not ask' },
    ],
    examples: [{ command: 'headgate migrate rollback b7c1…', says: 'asks, then rolls back' }],
    load: () => import('../commands/migrate/rollback.ts'),
  },
  {
    name: 'migrate ls',
    summary: 'the migrations that were applied, newest first',
    examples: [{ command: 'headgate migrate ls', says: 'when, by whom, from which files, into what' }],
    load: () => import('../commands/migrate/ls.ts'),
  },
]
