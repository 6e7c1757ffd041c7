import type { CommandSpec, OptionSpec } from '../command.ts'

const fileOption: OptionSpec = {
  flags: '--file <file>',
  summary: 'the application file; default: headgate.yaml in this folder',
  completes: 'file',
}
const targetOptions: readonly OptionSpec[] = [
  { flags: '--environment <name>', summary: "which environment of headgate.yaml; default: the file's only one" },
  { flags: '--project <name>', summary: "the project; default: headgate.yaml's" },
  fileOption,
]
const toText = 'a release by its id or the beginning of it, its #number, or its version'

/** Releases: code and configuration together, brought live and back. */
export const releaseCommands: readonly CommandSpec[] = [
  {
    name: 'deploy',
    summary: 'bring the application in this folder live, code and configuration together',
    description: [
      'Runs the build of each service here, uploads what the plane does not hold yet, freezes it with the exact revision of every environment into a release, and brings that live while showing each step. Whatever goes wrong before the end, code and configuration return to what was live.',
      'The exit code is 0 when the release is live, and 1 when it went back. With --json each event is a line.',
    ],
    options: [
      ...targetOptions,
      { flags: '--version <label>', summary: 'what to call it, for example v1.2.3' },
      { flags: '--config-version <version>', summary: 'take the configuration at this revision or tag' },
      { flags: '--skip-build', summary: 'take the files as they are' },
      { flags: '--dry-run', summary: 'freeze the release and show the steps, each with what undoes it; nothing runs' },
    ],
    examples: [
      { command: 'headgate deploy --environment production --version v1.2.3', says: 'builds, uploads, switches' },
      { command: 'headgate deploy --environment production --config-version 42', says: 'with the configuration at revision 42' },
      { command: 'headgate deploy --environment staging --dry-run', says: 'shows what would be done' },
    ],
    daily: true,
    load: () => import('../commands/deploy.ts'),
  },
  {
    name: 'rollback',
    summary: 'bring an earlier release live again, code and configuration together',
    options: [{ flags: '--to <release>', summary: `previous, or ${toText}; default: previous` }, ...targetOptions],
    examples: [
      { command: 'headgate rollback --environment production', says: 'returns to the release that was live before' },
      { command: 'headgate rollback --environment production --to v1.2.2', says: 'returns to a version' },
    ],
    daily: true,
    load: () => import('../commands/rollback.ts'),
  },
  {
    name: 'status',
    summary: 'what runs and where traffic goes, observed now',
    options: targetOptions,
    examples: [{ command: 'headgate status --environment production', says: 'asks every instance and the router' }],
    daily: true,
    load: () => import('../commands/status.ts'),
  },
  {
    name: 'logs',
    summary: 'what the instances printed',
    options: [
      ...targetOptions,
      { flags: '--service <name>', summary: 'of one service only' },
      { flags: '--instance <id>', summary: 'of one instance only' },
      { flags: '--tail <number>', summary: 'so many lines from the end; default: 100' },
      { flags: '--follow', summary: 'go on with what is printed from now on' },
    ],
    examples: [{ command: 'headgate logs --environment production --follow', says: 'the last 100 lines, then whatever comes' }],
    daily: true,
    load: () => import('../commands/logs.ts'),
  },
  {
    name: 'plan',
    summary: 'the steps that would bring a release live now, each with what undoes it',
    arguments: [{ name: 'release', summary: toText, required: true }],
    options: targetOptions,
    examples: [{ command: 'headgate plan v1.2.3 --environment production', says: 'shows the steps; nothing is done' }],
    daily: true,
    load: () => import('../commands/plan.ts'),
  },
  {
    name: 'router',
    summary: 'start or stop the router of a data folder, without the plane',
    description: [
      'The router takes the traffic of what is deployed. It is a process of its own: serve starts it or finds it again, and it serves on when the plane is gone. This brings it back by itself, for example after a restart of the machine, with the port and table it had.',
    ],
    options: [
      { flags: '--data <folder>', summary: 'the data folder of its plane; default: .headgate/data in this folder', completes: 'file' },
      { flags: '--port <number>', summary: 'the port to listen on; default: the one it had, else a free one' },
      {
        flags: '--stop',
        summary: 'end it after the requests under way; refused while the plane of the folder runs, which would start it again',
      },
    ],
    examples: [
      { command: 'headgate router --data /srv/headgate', says: 'starts it, or says where it runs' },
      { command: 'headgate router --data /srv/headgate --stop', says: 'ends it' },
    ],
    load: () => import('../commands/router.ts'),
  },
  {
    name: 'release ls',
    summary: 'the releases of a target, newest first',
    options: [...targetOptions, { flags: '--limit <number>', summary: 'so many; default: 20' }],
    examples: [{ command: 'headgate release ls --environment production', says: 'the live one is marked' }],
    load: () => import('../commands/release/ls.ts'),
  },
  {
    name: 'release targets',
    summary: 'where releases went',
    examples: [{ command: 'headgate release targets', says: 'every project and environment something was released to' }],
    load: () => import('../commands/release/targets.ts'),
  },
  {
    name: 'release show',
    summary: 'everything a release freezes',
    arguments: [{ name: 'release', summary: toText, required: true }],
    options: targetOptions,
    examples: [{ command: 'headgate release show v1.2.3 --environment production', says: 'its artifacts, revisions and hashes' }],
    load: () => import('../commands/release/show.ts'),
  },
  {
    name: 'release stop',
    summary: 'drain and stop everything of a target',
    options: [...targetOptions, { flags: '--yes', summary: 'do not ask' }],
    examples: [{ command: 'headgate release stop --environment staging', says: 'asks, drains, stops' }],
    load: () => import('../commands/release/stop.ts'),
  },
]
