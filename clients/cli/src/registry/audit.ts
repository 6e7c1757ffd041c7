import type { CommandSpec } from '../command.ts'
import { dataOption, databaseOptions, keyOptions } from './shared-words.ts'

export const auditCommands: readonly CommandSpec[] = [
  {
    name: 'audit ls',
    summary: 'the audit log, oldest first',
    description: ['With --json one record a line.'],
    options: [
      { flags: '--actor <name>', summary: 'only what this user did' },
      { flags: '--action <action>', summary: 'only this action, for example environment.open' },
      { flags: '--resource <resource>', summary: 'only this resource, for example environment:main/shop/dev' },
      { flags: '--since <time>', summary: 'from this time on: a date, or 90m, 24h, 7d ago' },
      { flags: '--until <time>', summary: 'up to this time' },
      { flags: '--limit <number>', summary: 'so many at most; default: all' },
    ],
    examples: [
      { command: 'headgate audit ls --since 24h', says: 'the last day' },
      { command: 'headgate audit ls --action environment.open --json', says: 'who opened what, as JSON lines' },
    ],
    load: () => import('../commands/audit/ls.ts'),
  },
  {
    name: 'audit verify',
    summary: 'prove that nobody changed the log or a protected row',
    description: [
      'Recomputes the log and the seal of every protected row, and names what does not fit. Asks the running plane; with --data it works on the folder of a stopped one.',
    ],
    options: [
      {
        flags: '--checkpoint <file>',
        summary: 'a checkpoint that was kept elsewhere: the log must still begin with what it says',
        completes: 'file',
      },
      dataOption('the data folder of a stopped plane'),
      ...keyOptions,
      ...databaseOptions,
    ],
    examples: [
      { command: 'headgate audit verify', says: 'asks the plane' },
      { command: 'headgate audit verify --data /srv/headgate', says: 'without a plane' },
    ],
    load: () => import('../commands/audit/verify.ts'),
  },
  {
    name: 'audit checkpoint',
    summary: 'the newest signed checkpoint of the log, to be kept elsewhere',
    description: [
      'A checkpoint in the form of C2SP: the size and the root of the log, signed. Kept where nobody who can write to the database can change it, it shows later that nothing in front of it was changed: headgate audit verify --checkpoint FILE.',
    ],
    options: [{ flags: '--log-key', summary: 'the key that checkpoints are checked with, in its place' }],
    examples: [
      { command: 'headgate audit checkpoint > checkpoint.txt', says: 'keeps it in a file' },
      { command: 'headgate audit checkpoint --log-key > log-key.txt', says: 'and what it is checked with' },
    ],
    load: () => import('../commands/audit/checkpoint.ts'),
  },
  {
    name: 'audit prove',
    summary: 'prove that a record is in the log, or that the log only grew',
    description: [
      'Prints a proof as JSON that whoever has the key of the log can check without the plane: headgate audit check. Records go by the number of their change, as `audit ls` shows it.',
    ],
    arguments: [{ name: 'record', summary: 'the number of the change the record is of' }],
    options: [
      {
        flags: '--checkpoint <file>',
        summary: 'prove, in the place of a record, that the log still begins with what this checkpoint says',
        completes: 'file',
      },
    ],
    examples: [
      { command: 'headgate audit prove 1204 > proof.json', says: 'that record 1204 is in the log' },
      { command: 'headgate audit prove --checkpoint checkpoint.txt > proof.json', says: 'that nothing was changed since' },
    ],
    load: () => import('../commands/audit/prove.ts'),
  },
  {
    name: 'audit export',
    summary: 'the log, or a part of it, as JSON lines',
    description: [
      'Streams the records of a time in the order of the log. As jsonl the first and the last line prove the ones between, also when the log has let go of them: headgate audit check. As ocsf every line is an event of the Open Cybersecurity Schema Framework, for collectors.',
    ],
    options: [
      { flags: '--format <format>', summary: 'default: jsonl', choices: ['jsonl', 'ocsf'] },
      { flags: '--from <time>', summary: 'from this time on: a date, or 90m, 24h, 7d ago' },
      { flags: '--to <time>', summary: 'up to this time' },
      { flags: '-o, --output <file>', summary: 'a new file in the place of standard output', completes: 'file' },
    ],
    examples: [
      { command: 'headgate audit export --output 2026.jsonl --from 2026-01-01 --to 2027-01-01', says: 'a year, to be kept' },
      { command: 'headgate audit export --format ocsf --from 24h', says: 'the last day, as OCSF events' },
    ],
    load: () => import('../commands/audit/export.ts'),
  },
  {
    name: 'audit check',
    summary: 'check an export or a proof, without a plane',
    arguments: [{ name: 'file', summary: 'what audit export or audit prove printed', required: true, completes: 'file' }],
    options: [
      {
        flags: '--log-key-file <file>',
        summary: 'the key of the log, as audit checkpoint --log-key printed it; without it an export is only checked in itself',
        completes: 'file',
      },
    ],
    examples: [{ command: 'headgate audit check 2026.jsonl --log-key-file log-key.txt', says: 'years later, on any machine' }],
    load: () => import('../commands/audit/check.ts'),
  },
  {
    name: 'audit prune',
    summary: 'let go of the records that are older than the retention',
    description: [
      'The plane does so by itself every hour; by hand it makes room at once. Whole tiles of 256 records go, never one that is younger than the retention the plane was started with (seven years, or --audit-retention), and what remains still verifies. Export them first, to have them.',
    ],
    options: [{ flags: '--before <time>', summary: 'only what is older than this: a date, or 90m, 24h, 7d ago' }],
    examples: [{ command: 'headgate audit prune', says: 'makes room' }],
    load: () => import('../commands/audit/prune.ts'),
  },
]
