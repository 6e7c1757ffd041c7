import type { ArgumentSpec, CommandModule, CommandSpec, OptionSpec } from '../command.ts'
import { environmentArgument } from './shared-words.ts'

const draft: ArgumentSpec = { name: 'draft', summary: 'its id', required: true }
const file: OptionSpec = { flags: '--file <file>', summary: 'take the text from a file, or from standard input with -', completes: 'file' }
const comment: OptionSpec = { flags: '--comment <text>', summary: 'what to say with it; no secrets, everybody who may read sees it' }
const decide = (): Promise<CommandModule> => import('../commands/env/draft/decide.ts')

/** What is proposed for environments, from the first text to the revision. */
export const draftCommands: readonly CommandSpec[] = [
  {
    name: 'env draft new',
    summary: 'propose a text for an environment, in your editor',
    description: [
      'Opens $VISUAL or $EDITOR with the newest text. What you write is checked and its secrets are sealed as by `env edit`, and becomes no revision before it is applied.',
      'What cannot be kept as a draft stays in a file that is named. With --file the text comes from a file and no editor is opened.',
    ],
    arguments: [environmentArgument({ required: true, version: false })],
    options: [
      { flags: '--description <text>', summary: 'what it is for' },
      file,
      { flags: '--expected <revision>', summary: 'with --file: the revision the text was made from; another newest one is a conflict' },
      { flags: '--show-secrets', summary: 'edit with secrets in plaintext' },
    ],
    examples: [
      { command: 'headgate env draft new shop/production', says: 'in your editor' },
      { command: 'headgate env draft new shop/production --file next.yaml --description "larger pool"', says: 'from a file' },
    ],
    load: () => import('../commands/env/draft/new.ts'),
  },
  {
    name: 'env draft edit',
    summary: 'change the text of a draft',
    description: ['The draft is made on the newest revision from then on, and approvals of its text before do not count any more.'],
    arguments: [draft],
    options: [file],
    examples: [{ command: 'headgate env draft edit 0f8c…', says: 'in your editor' }],
    load: () => import('../commands/env/draft/edit.ts'),
  },
  {
    name: 'env draft ls',
    summary: 'what is proposed for an environment, or for all',
    arguments: [{ ...environmentArgument({ required: false }), summary: '[organisation/]project/environment; default: all of them' }],
    options: [
      {
        flags: '--state <state>',
        summary: 'without an environment: open, applied, closed or all; default: open',
        choices: ['open', 'applied', 'closed', 'all'],
      },
    ],
    examples: [
      { command: 'headgate env draft ls', says: 'what waits, newest first' },
      { command: 'headgate env draft ls shop/production', says: 'every draft and access request of one' },
    ],
    load: () => import('../commands/env/draft/ls.ts'),
  },
  {
    name: 'env draft show',
    summary: 'a draft: its state, who approved it, its text',
    description: [
      'Secrets are masked. A draft of a rotation holds new states of rotated secrets for which the environment has no place any more.',
    ],
    arguments: [draft],
    options: [{ flags: '--sealed', summary: 'show sealed values as they are stored, as `env draft edit --file` takes them' }],
    examples: [{ command: 'headgate env draft show 0f8c…', says: 'what it would make of the environment' }],
    load: () => import('../commands/env/draft/show.ts'),
  },
  {
    name: 'env draft diff',
    summary: 'how a draft differs from the newest revision',
    arguments: [draft],
    options: [{ flags: '--context <lines>', summary: 'unchanged lines around each change; default: 3' }],
    examples: [{ command: 'headgate env draft diff 0f8c…', says: 'what applying it would change' }],
    load: () => import('../commands/env/draft/show.ts'),
  },
  {
    name: 'env draft log',
    summary: 'what happened to a draft, and what was said about it',
    arguments: [draft],
    examples: [{ command: 'headgate env draft log 0f8c…', says: 'texts, approvals and comments in order' }],
    load: () => import('../commands/env/draft/log.ts'),
  },
  {
    name: 'env draft submit',
    summary: 'hand a draft in for approval',
    arguments: [draft],
    options: [{ flags: '--description <text>', summary: 'what it is for' }],
    examples: [{ command: 'headgate env draft submit 0f8c…', says: 'its author may, and whoever may write there' }],
    load: decide,
  },
  {
    name: 'env draft approve',
    summary: 'approve a draft as it is now',
    description: [
      'Needs the permission approve. It counts for this text alone, and not where you wrote it; with it whoever may write can apply the draft.',
    ],
    arguments: [draft],
    options: [
      comment,
      { flags: '--version <number>', summary: 'the version you looked at; another newest one is a conflict' },
      { flags: '--undo', summary: 'take your approval back' },
    ],
    examples: [{ command: 'headgate env draft approve 0f8c… --version 2', says: 'exactly the text that was looked at' }],
    load: decide,
  },
  {
    name: 'env draft comment',
    summary: 'say something about a draft',
    arguments: [draft, { name: 'text', summary: 'what to say; no secrets, everybody who may read sees it', required: true }],
    examples: [{ command: 'headgate env draft comment 0f8c… "why so large?"', says: 'shown by `env draft log`' }],
    load: decide,
  },
  {
    name: 'env draft apply',
    summary: 'make a draft the next revision, or grant an access request',
    description: [
      'A text needs write, and approve or the approval of somebody who may; an access request needs approve and open. A draft of a rotation is laid over the newest text, once that has its rotators again.',
    ],
    arguments: [draft],
    examples: [{ command: 'headgate env draft apply 0f8c…', says: 'the environment is at the next revision' }],
    load: decide,
  },
  {
    name: 'env draft close',
    summary: 'close a draft without making it a revision',
    arguments: [draft],
    options: [comment],
    examples: [{ command: 'headgate env draft close 0f8c…', says: 'its text stays readable' }],
    load: decide,
  },
]
