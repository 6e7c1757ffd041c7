import type { CommandSpec } from '../command.ts'
import { environmentArgument } from './shared-words.ts'

const environment = environmentArgument({ required: true })
const whole = environmentArgument({ required: true, version: false })
const path = { name: 'path', summary: 'a place in its values, for example database.url or servers[0]' }

export const environmentCommands: readonly CommandSpec[] = [
  {
    name: 'env ls',
    summary: 'the environments you may know of',
    options: [{ flags: '--project <name>', summary: 'only those of one project' }],
    examples: [
      { command: 'headgate env ls', says: 'all of them' },
      { command: 'headgate env ls --project shop', says: 'those of the project shop' },
    ],
    load: () => import('../commands/env/ls.ts'),
  },
  {
    name: 'env init',
    summary: 'create an environment',
    arguments: [whole],
    options: [
      {
        flags: '--file <file>',
        summary: 'its first text, from a file or from standard input with -; default: empty values',
        completes: 'file',
      },
    ],
    examples: [
      { command: 'headgate env init shop/dev', says: 'creates it with no values' },
      { command: 'headgate env init shop/dev --file dev.yaml', says: 'creates it with a text' },
    ],
    load: () => import('../commands/env/init.ts'),
  },
  {
    name: 'env get',
    summary: 'the text of an environment, or what stands at one path of it',
    description: [
      'Shows what is written: imports and ${…} as they stand, secrets as [secret] unless --show-secrets is given, which needs the permission open and is in the audit log. `headgate open` shows what comes of it.',
    ],
    arguments: [environmentArgument({ required: false }), path],
    options: [
      { flags: '--show-secrets', summary: 'show secrets in plaintext' },
      { flags: '--sealed', summary: 'show sealed values as they are stored, as `env edit --file` takes them' },
    ],
    examples: [
      { command: 'headgate env get shop/dev', says: 'the whole text, secrets masked' },
      { command: 'headgate env get shop/dev database.url', says: 'what stands at one path' },
      { command: 'headgate env get shop/dev@3', says: 'the text of revision 3' },
    ],
    load: () => import('../commands/env/get.ts'),
  },
  {
    name: 'env set',
    summary: 'set the value at one path',
    description: [
      'Changes that value and no other byte of the text. true, false, null and decimal numbers keep their type and all else is text; ${path} in a text refers to another value. --string takes any value as text, exactly as it is; --json-value reads it as JSON (lists and maps too).',
      'A secret never is an argument: --secret asks for it without showing it, or takes it from --value-file or from standard input with -. A single line from there loses its line end; several lines are taken as they are.',
      'Somebody else may save in between: the change is made again on the newest revision, unless this very path changed, which is a conflict.',
    ],
    arguments: [
      whole,
      { ...path, required: true },
      { name: 'value', summary: 'the value, or - for standard input; left out, it is asked for', mayBeEmpty: true },
    ],
    options: [
      { flags: '--secret', summary: 'seal it' },
      { flags: '--string', summary: 'take the value as text, whatever it looks like' },
      { flags: '--json-value', summary: 'read the value as JSON' },
      { flags: '--value-file <file>', summary: 'read the value from a file, or from standard input with -', completes: 'file' },
    ],
    examples: [
      { command: 'headgate env set shop/dev database.pool 5', says: 'a number' },
      { command: 'headgate env set shop/dev database.password --secret', says: 'asks for a secret' },
      { command: 'headgate env set shop/dev tls.key --secret --value-file key.pem', says: 'a secret from a file' },
      { command: `headgate env set shop/dev features --json-value '["a", "b"]'`, says: 'a list' },
    ],
    load: () => import('../commands/env/set.ts'),
  },
  {
    name: 'env edit',
    summary: 'edit the text in your editor',
    description: [
      'Opens $VISUAL or $EDITOR. Secrets stay sealed (leave what stands there, or write fn::secret: and a new value); --show-secrets puts them in the clear for this edit, which needs the permission open.',
      'An unchanged text makes no revision. Where the text has mistakes they are shown and the editor can be opened again; where somebody else saved meanwhile, or anything fails, your text is kept in a file that is named.',
      'With --file the text comes from a file and no editor is opened.',
    ],
    arguments: [whole],
    options: [
      { flags: '--show-secrets', summary: 'edit with secrets in plaintext' },
      { flags: '--file <file>', summary: 'take the new text from a file, or from standard input with -', completes: 'file' },
      { flags: '--expected <revision>', summary: 'with --file: the revision the text was made from; another newest one is a conflict' },
    ],
    examples: [
      { command: 'headgate env edit shop/dev', says: 'in your editor' },
      { command: 'headgate env edit shop/dev --file dev.yaml', says: 'from a file' },
    ],
    load: () => import('../commands/env/edit.ts'),
  },
  {
    name: 'env open',
    summary: 'the same as headgate open',
    arguments: [environmentArgument({ required: false }), { name: 'path', summary: 'one value, for example database.url' }],
    options: [
      {
        flags: '--format <format>',
        summary: 'json, yaml, dotenv, shell, or detailed; default: json',
        choices: ['json', 'yaml', 'dotenv', 'shell', 'detailed'],
      },
      { flags: '--redact', summary: 'show [secret] in the place of secrets' },
    ],
    examples: [{ command: 'headgate env open shop/dev database.url', says: 'one value' }],
    load: () => import('../commands/env/open.ts'),
  },
  {
    name: 'env rm',
    summary: 'remove one path, or a whole environment',
    description: ['A whole environment is removed only when its name is typed, or with --yes. Its revisions stay in the database.'],
    arguments: [whole, path],
    options: [
      { flags: '--yes', summary: 'do not ask' },
      { flags: '--force', summary: 'remove an environment although others import it' },
    ],
    examples: [
      { command: 'headgate env rm shop/dev database.pool', says: 'removes one value' },
      { command: 'headgate env rm shop/old', says: 'removes the environment, after asking' },
    ],
    load: () => import('../commands/env/rm.ts'),
  },
  {
    name: 'env history',
    summary: 'the revisions of an environment, newest first',
    description: ['With a revision or a tag, that one and those before it.'],
    arguments: [environmentArgument({ required: false })],
    options: [
      { flags: '--limit <number>', summary: 'so many; default: 20' },
      { flags: '--before <revision>', summary: 'only older ones' },
    ],
    examples: [
      { command: 'headgate env history shop/dev', says: 'who changed it, when, and its tags' },
      { command: 'headgate env history shop/dev@stable', says: 'how it came to the revision tagged stable' },
    ],
    load: () => import('../commands/env/history.ts'),
  },
  {
    name: 'env diff',
    summary: 'how two revisions differ, line by line',
    description: [
      'With one environment only: a revision against the newest, or the newest against the one before. Secrets are masked; a changed secret shows as a changed line.',
    ],
    arguments: [
      { ...environment, summary: `the older: ${environment.summary}` },
      { name: 'other', summary: 'the newer; of the same environment, @version alone is enough', completes: 'environment' },
    ],
    options: [{ flags: '--context <lines>', summary: 'unchanged lines around each change; default: 3' }],
    examples: [
      { command: 'headgate env diff shop/dev', says: 'what the last revision changed' },
      { command: 'headgate env diff shop/dev@3 @5', says: 'from revision 3 to revision 5' },
      { command: 'headgate env diff shop/staging shop/production', says: 'two environments' },
    ],
    load: () => import('../commands/env/diff.ts'),
  },
  {
    name: 'env tag',
    summary: 'list tags, or make a tag name a revision',
    description: [
      'Without a tag it lists them, with a revision those that name it. A tag is set on the revision behind the @, otherwise on the newest.',
    ],
    arguments: [environment, { name: 'tag', summary: 'the tag to set' }],
    options: [{ flags: '--delete', summary: 'delete the tag; the revision stays' }],
    examples: [
      { command: 'headgate env tag shop/production@12 stable', says: 'stable is revision 12 from now on' },
      { command: 'headgate env tag shop/production', says: 'lists the tags' },
    ],
    load: () => import('../commands/env/tag.ts'),
  },
]
