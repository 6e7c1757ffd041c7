import type { CommandSpec } from '../command.ts'
import { dataOption, keyFileOption } from './shared-words.ts'

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
    options: [dataOption('the data folder of a stopped plane'), keyFileOption],
    examples: [
      { command: 'headgate audit verify', says: 'asks the plane' },
      { command: 'headgate audit verify --data /srv/headgate', says: 'without a plane' },
    ],
    load: () => import('../commands/audit/verify.ts'),
  },
]
