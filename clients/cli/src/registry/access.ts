import type { CommandSpec } from '../command.ts'
import { dataOption, keyFileOption } from './shared-words.ts'

export const accessCommands: readonly CommandSpec[] = [
  {
    name: 'access reset-owner',
    summary: 'a new token for the owner, on the data folder of a stopped plane',
    description: [
      "For when the owner's token is lost. Needs the data folder and its key file; the owner's old tokens stop working, and it is in the audit log.",
    ],
    options: [dataOption('the data folder of a stopped plane; default: .headgate/data in this folder'), keyFileOption],
    examples: [{ command: 'headgate access reset-owner --data /srv/headgate', says: 'prints the new token once' }],
    load: () => import('../commands/access/reset-owner.ts'),
  },
]
