import type { ArgumentSpec, CommandSpec } from '../command.ts'
import { environmentArgument } from './shared-words.ts'

const environment = environmentArgument({ required: true })
const whole = environmentArgument({ required: true, version: false })
const target: ArgumentSpec = { name: 'target', summary: '[project/]environment', required: true }
const webhook: ArgumentSpec = { name: 'webhook', summary: 'its name', required: true }
const schedule: ArgumentSpec = { name: 'schedule', summary: 'its id', required: true }

/** What webhooks are told of; a kind that never comes would only look like one that has not come yet. */
const webhookKinds: readonly string[] = [
  'environment_revision_created',
  'environment_revision_retracted',
  ...['environment_revision_tag', 'environment_tag'].flatMap((kind) => ['created', 'updated', 'deleted'].map((verb) => `${kind}_${verb}`)),
  'environment_deleted',
]

/** Environments as a whole, and what belongs to one beside its text. */
export const moreEnvironmentCommands: readonly CommandSpec[] = [
  {
    name: 'env clone',
    summary: 'copy an environment under another name',
    description: ['Its secrets are sealed anew for the copy, so it takes the permission open on the whole of it.'],
    arguments: [environment, target],
    options: [
      { flags: '--history', summary: 'with every revision, not only the one that is named' },
      { flags: '--tags', summary: 'with the tags; needs --history' },
      { flags: '--labels', summary: 'with the labels' },
    ],
    examples: [{ command: 'headgate env clone shop/dev shop/review', says: 'a copy that begins with its newest text' }],
    load: () => import('../commands/env/clone.ts'),
  },
  {
    name: 'env rename',
    summary: 'give an environment another name or project',
    arguments: [whole, target],
    options: [{ flags: '--force', summary: 'also where others import it, which then do not find it any more' }],
    examples: [{ command: 'headgate env rename shop/dev shop/development', says: 'revisions, tags and secrets stay' }],
    load: () => import('../commands/env/rename.ts'),
  },
  {
    name: 'env restore',
    summary: 'bring a deleted environment back, or list those that can be',
    arguments: [environmentArgument({ required: false, version: false })],
    options: [{ flags: '--list', summary: 'list what can be restored, and until when' }],
    examples: [
      { command: 'headgate env restore --list', says: 'what was deleted in the last thirty days' },
      { command: 'headgate env restore shop/dev', says: 'with all of its revisions' },
    ],
    load: () => import('../commands/env/restore.ts'),
  },
  {
    name: 'env settings',
    summary: 'the settings of an environment, or change one',
    arguments: [whole],
    options: [{ flags: '--deletion-protected <yes>', summary: 'whether it is kept from being deleted', choices: ['true', 'false'] }],
    examples: [{ command: 'headgate env settings shop/production --deletion-protected true', says: 'it cannot be deleted by mistake' }],
    load: () => import('../commands/env/settings.ts'),
  },
  {
    name: 'env label',
    summary: 'the labels of an environment, or set or remove one',
    arguments: [whole, { name: 'label', summary: 'its name' }, { name: 'value', summary: 'what it is set to' }],
    options: [{ flags: '--delete', summary: 'remove the label' }],
    examples: [
      { command: 'headgate env label shop/dev', says: 'lists them' },
      { command: 'headgate env label shop/dev team payments', says: 'sets one' },
    ],
    load: () => import('../commands/env/label.ts'),
  },
  {
    name: 'env retract',
    summary: 'have another revision opened wherever this one is asked for',
    arguments: [environment],
    options: [
      { flags: '--replacement <revision>', summary: 'which one; default: the next that is not retracted' },
      { flags: '--reason <text>', summary: 'why, for whoever reads the history' },
    ],
    examples: [{ command: 'headgate env retract shop/dev@3 --reason "wrong database"', says: 'shop/dev@3 opens as shop/dev@4' }],
    load: () => import('../commands/env/retract.ts'),
  },
  {
    name: 'env rotate',
    summary: 'make new secrets where the text names rotators',
    arguments: [whole],
    options: [{ flags: '--path <path>', summary: 'only this one; may be repeated', many: true }],
    examples: [{ command: 'headgate env rotate shop/production', says: 'every rotator of it, as a new revision' }],
    load: () => import('../commands/env/rotate.ts'),
  },
  {
    name: 'env webhook ls',
    summary: 'who is told of what happens to an environment',
    arguments: [whole],
    examples: [{ command: 'headgate env webhook ls shop/production', says: 'names, addresses and kinds' }],
    load: () => import('../commands/env/webhook.ts'),
  },
  {
    name: 'env webhook add',
    summary: 'have an address told of what happens to an environment',
    description: ['The operator of the plane lists the addresses that may be called.'],
    arguments: [whole, { name: 'url', summary: 'where to', required: true }],
    options: [
      { flags: '--name <name>', summary: 'what it is called; default: hook-1, hook-2, …' },
      { flags: '--kind <kind>', summary: 'only messages of this kind; may be repeated', many: true, choices: webhookKinds },
      { flags: '--format <format>', summary: 'how it is told; default: raw', choices: ['raw', 'slack', 'ms_teams'] },
      { flags: '--secret-file <file>', summary: 'sign with the secret in a file, or from standard input with -', completes: 'file' },
    ],
    examples: [{ command: 'headgate env webhook add shop/production https://hooks.example.org/headgate', says: 'tells of everything' }],
    load: () => import('../commands/env/webhook.ts'),
  },
  {
    name: 'env webhook rm',
    summary: 'remove a webhook',
    arguments: [whole, webhook],
    examples: [{ command: 'headgate env webhook rm shop/production hook-1', says: 'nothing is sent there any more' }],
    load: () => import('../commands/env/webhook.ts'),
  },
  {
    name: 'env webhook ping',
    summary: 'send a test message now',
    arguments: [whole, webhook],
    examples: [
      {
        command: 'headgate env webhook ping shop/production hook-1',
        says: 'and says what was answered; the exit code is 1 where it was not taken',
      },
    ],
    load: () => import('../commands/env/webhook.ts'),
  },
  {
    name: 'env schedule ls',
    summary: 'when secrets of an environment are rotated by themselves',
    arguments: [whole],
    examples: [{ command: 'headgate env schedule ls shop/production', says: 'plans, and when each comes next' }],
    load: () => import('../commands/env/schedule.ts'),
  },
  {
    name: 'env schedule add',
    summary: 'have secrets of an environment rotated by a plan',
    arguments: [whole, { name: 'plan', summary: 'five fields of cron, in UTC', required: true }],
    options: [{ flags: '--path <path>', summary: 'only this rotator; default: all of them' }],
    examples: [{ command: 'headgate env schedule add shop/production "0 3 * * sun"', says: 'on Sundays at three' }],
    load: () => import('../commands/env/schedule.ts'),
  },
  {
    name: 'env schedule rm',
    summary: 'remove a schedule',
    arguments: [whole, schedule],
    examples: [{ command: 'headgate env schedule rm shop/production 0f8c…', says: 'nothing is rotated by it any more' }],
    load: () => import('../commands/env/schedule.ts'),
  },
]
