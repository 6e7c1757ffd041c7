import type { CommandSpec } from '../command.ts'

const follow = 'Moving goes on beside reads and writes, and after a crash where it was; Ctrl-C ends only the watching.'

export const secretsCommands: readonly CommandSpec[] = [
  {
    name: 'secrets keys',
    summary: 'where the root key is, how many data keys there are, how far a rotation is',
    examples: [
      { command: 'headgate secrets keys', says: 'no key is shown, only ids and counts' },
      { command: 'headgate secrets keys --json', says: 'the same as one JSON document' },
    ],
    load: () => import('../commands/secrets/keys.ts'),
  },
  {
    name: 'secrets rotate-keys',
    summary: 'new keys for old: the root key, the data keys, or both',
    description: [
      'root makes a new root key and wraps the data keys with it; --to moves it to another source at the same time. data makes new data keys, seals every secret, text and record anew with them, and renews the MAC of every row. all does both.',
      'Nothing that anybody sees changes: revisions, their hashes and releases stay. Before data keys are rotated everything is verified.',
      follow,
      'In the end every row is read and counted: none may be under an old key. The old keys stay until secrets finish-keys, and until then secrets undo-keys leads back and either root key opens everything. --finish finishes at once.',
      'A new passphrase is asked for or comes from a file; a new key for a variable is taken from HEADGATE_ROOT_KEY of this command. A key file and a key service are those the plane was started with.',
    ],
    arguments: [{ name: 'what', summary: 'root, data or all', required: true, completes: ['root', 'data', 'all'] }],
    options: [
      {
        flags: '--to <source>',
        summary: 'where the new root key comes to; default: where the old one is',
        choices: ['file', 'passphrase', 'environment', 'kms'],
      },
      {
        flags: '--passphrase-file <file>',
        summary: 'with --to passphrase: read it from a file, or from standard input with -',
        completes: 'file',
      },
      { flags: '--finish', summary: 'take the old keys away as soon as nothing is under them; there is no way back then' },
      { flags: '--detach', summary: 'begin, and do not watch' },
    ],
    examples: [
      { command: 'headgate secrets rotate-keys root', says: 'a new root key where the old one is' },
      { command: 'headgate secrets rotate-keys root --to passphrase', says: 'from now on a passphrase opens the data folder' },
      { command: 'headgate secrets rotate-keys all --finish', says: 'after a key has got out: everything anew, the old keys gone' },
    ],
    load: () => import('../commands/secrets/rotate-keys.ts'),
  },
  {
    name: 'secrets finish-keys',
    summary: 'take the old keys of a rotation away for good',
    description: [
      'Counts once more, by reading every row, that nothing is under them. Start the plane with the new source of the root key before, where that changed: the old one opens nothing afterwards.',
    ],
    options: [{ flags: '--detach', summary: 'begin, and do not watch' }],
    examples: [{ command: 'headgate secrets finish-keys', says: 'says how many rows were read, and that none was under an old key' }],
    load: () => import('../commands/secrets/finish-keys.ts'),
  },
  {
    name: 'secrets undo-keys',
    summary: 'bring everything back under the keys from before a rotation',
    description: ['Possible until the rotation is finished, also while it is under way.', follow],
    options: [{ flags: '--detach', summary: 'begin, and do not watch' }],
    examples: [{ command: 'headgate secrets undo-keys', says: 'the old keys are in use again, and the new ones gone' }],
    load: () => import('../commands/secrets/undo-keys.ts'),
  },
  {
    name: 'secrets new-key',
    summary: 'print a new root key for HEADGATE_ROOT_KEY or a key file',
    description: [
      'The key is shown and kept nowhere. Send it where a secret belongs: a file of yours alone, or the store your machine gets its variables from.',
    ],
    examples: [
      {
        command: 'headgate secrets new-key > root.key && chmod 600 root.key',
        says: 'a key file to start with: headgate serve --key-file root.key',
      },
    ],
    load: () => import('../commands/secrets/new-key.ts'),
  },
]
