import { permissions } from '@headgate/model'
import type { ArgumentSpec, CommandSpec, OptionSpec } from '../command.ts'
import { dataOption, databaseOptions, keyOptions } from './shared-words.ts'

const who: ArgumentSpec = { name: 'who', summary: 'a principal, or team:NAME', required: true }
const principal: ArgumentSpec = { name: 'principal', summary: 'its name', required: true }
const team: ArgumentSpec = { name: 'team', summary: 'its name', required: true }
const role: ArgumentSpec = { name: 'role', summary: 'its name', required: true }
const on: OptionSpec = { flags: '--on <glob>', summary: '[organisation/]project/environment, * inside a part; may be repeated', many: true }
const until: OptionSpec = { flags: '--until <time>', summary: 'a date, or from now like 12h, 30d; default: without an end' }
const permission: OptionSpec = {
  flags: '--permission <permission>',
  summary: 'only this permission; may be repeated',
  many: true,
  choices: permissions,
}
const description: OptionSpec = { flags: '--description <text>', summary: 'what it is for' }
const roleFile: OptionSpec = {
  flags: '--file <file>',
  summary: 'the role as YAML or JSON, or from standard input with -',
  completes: 'file',
}

/** Who holds what. */
const bindingCommands: readonly CommandSpec[] = [
  {
    name: 'access ls',
    summary: 'who holds which role, where, and until when',
    arguments: [{ ...who, summary: 'only this principal, or team:NAME', required: false }],
    options: [{ flags: '--role <role>', summary: 'only this role' }],
    examples: [
      { command: 'headgate access ls', says: 'everything that was given' },
      { command: 'headgate access ls alice', says: 'what alice holds herself; access principal show names her teams too' },
    ],
    load: () => import('../commands/access/ls.ts'),
  },
  {
    name: 'access grant',
    summary: 'give a role to a principal or a team',
    description: [
      'You can give only what you hold yourself. Without --on it is held wherever the role speaks of; what a role denies, it denies there too.',
    ],
    arguments: [who, role],
    options: [on, until],
    examples: [
      { command: 'headgate access grant alice developer', says: 'alice is a developer' },
      { command: "headgate access grant team:platform operator --on 'shop/*' --until 30d", says: 'in one project, for a month' },
    ],
    load: () => import('../commands/access/grant.ts'),
  },
  {
    name: 'access revoke',
    summary: 'take a role away from a principal or a team',
    description: ['It counts from the next request on. With --on only the grant on exactly these environments is taken away.'],
    arguments: [who, role],
    options: [on],
    examples: [{ command: 'headgate access revoke alice developer', says: 'all of her grants of this role' }],
    load: () => import('../commands/access/revoke.ts'),
  },
  {
    name: 'access check',
    summary: 'whether somebody may do something, and which statement decides',
    description: ['The exit code is 3 where they may not. About yourself (`me`) it is answered for the token in use.'],
    arguments: [
      { name: 'principal', summary: 'a principal, or me', required: true },
      { name: 'permission', summary: permissions.join(', '), required: true, completes: permissions },
      {
        name: 'resource',
        summary: 'shop/dev, shop/dev#database.password, project:shop, organisation:main',
        required: true,
        completes: 'environment',
      },
    ],
    examples: [
      { command: 'headgate access check alice open shop/production', says: 'may alice open it, and why' },
      { command: "headgate access check me open 'shop/dev#database.password'", says: 'one path' },
    ],
    load: () => import('../commands/access/check.ts'),
  },
]

const principalCommands: readonly CommandSpec[] = [
  {
    name: 'access principal ls',
    summary: 'users and machines, and what each holds',
    examples: [{ command: 'headgate access principal ls', says: 'all of them' }],
    load: () => import('../commands/access/principal/ls.ts'),
  },
  {
    name: 'access principal show',
    summary: 'one principal: its teams, its roles and where they come from',
    arguments: [principal],
    examples: [{ command: 'headgate access principal show alice', says: 'all that alice holds' }],
    load: () => import('../commands/access/principal/show.ts'),
  },
  {
    name: 'access principal create',
    summary: 'make a user or a machine; it can do nothing until it holds a role',
    arguments: [principal],
    options: [{ flags: '--machine', summary: 'a program, not a person' }, description],
    examples: [
      { command: 'headgate access principal create alice', says: 'a user' },
      { command: "headgate access principal create ci --machine --description 'builds and deploys'", says: 'a machine' },
    ],
    load: () => import('../commands/access/principal/create.ts'),
  },
  {
    name: 'access principal suspend',
    summary: 'keep a principal from signing in; nothing of it is lost',
    arguments: [principal],
    examples: [{ command: 'headgate access principal suspend alice', says: 'her tokens are refused from the next request on' }],
    load: () => import('../commands/access/principal/suspend.ts'),
  },
  {
    name: 'access principal resume',
    summary: 'let a suspended principal sign in again',
    description: ['It gives back all it holds, so you must hold that yourself.'],
    arguments: [principal],
    examples: [{ command: 'headgate access principal resume alice', says: 'as before' }],
    load: () => import('../commands/access/principal/suspend.ts'),
  },
  {
    name: 'access principal rm',
    summary: 'delete a principal: its tokens are revoked, its roles end',
    description: ['What it did still names it. The name is free again, for somebody who begins with nothing.'],
    arguments: [principal],
    options: [{ flags: '--yes', summary: 'do not ask' }],
    examples: [{ command: 'headgate access principal rm alice', says: 'after asking' }],
    load: () => import('../commands/access/principal/rm.ts'),
  },
]

const teamCommands: readonly CommandSpec[] = [
  {
    name: 'access team ls',
    summary: 'the teams, their members, and what each holds',
    examples: [{ command: 'headgate access team ls', says: 'all of them' }],
    load: () => import('../commands/access/team/ls.ts'),
  },
  {
    name: 'access team show',
    summary: 'one team',
    arguments: [team],
    examples: [{ command: 'headgate access team show platform', says: 'its members and roles' }],
    load: () => import('../commands/access/team/show.ts'),
  },
  {
    name: 'access team create',
    summary: 'make a team; it holds nothing yet',
    arguments: [team],
    options: [description],
    examples: [{ command: 'headgate access team create platform', says: 'give it a role: headgate access grant team:platform operator' }],
    load: () => import('../commands/access/team/create.ts'),
  },
  {
    name: 'access team add',
    summary: 'take a principal into a team; it gets all the team holds',
    arguments: [team, principal],
    examples: [{ command: 'headgate access team add platform alice', says: 'alice is a member' }],
    load: () => import('../commands/access/team/members.ts'),
  },
  {
    name: 'access team drop',
    summary: 'take a principal out of a team',
    arguments: [team, principal],
    examples: [{ command: 'headgate access team drop platform alice', says: 'alice is no longer a member' }],
    load: () => import('../commands/access/team/members.ts'),
  },
  {
    name: 'access team rm',
    summary: 'delete a team; its members stay',
    arguments: [team],
    examples: [{ command: 'headgate access team rm platform', says: 'they lose what they held through it' }],
    load: () => import('../commands/access/team/rm.ts'),
  },
]

const roleCommands: readonly CommandSpec[] = [
  {
    name: 'access role ls',
    summary: 'the roles that come with Headgate, and the custom ones',
    examples: [{ command: 'headgate access role ls', says: 'all of them' }],
    load: () => import('../commands/access/role/ls.ts'),
  },
  {
    name: 'access role show',
    summary: 'what a role allows and denies, as a file',
    arguments: [role],
    examples: [{ command: 'headgate access role show developer > developer.yaml', says: 'a file to begin a role of your own with' }],
    load: () => import('../commands/access/role/show.ts'),
  },
  {
    name: 'access role create',
    summary: 'make a custom role of a file',
    description: [
      'The file holds description and statements; a statement holds effect (allow or deny), permissions, environments and perhaps patterns, regular expressions on paths. Mistakes are shown at their place.',
    ],
    arguments: [role],
    options: [roleFile],
    examples: [{ command: 'headgate access role create releaser --file releaser.yaml', says: 'nobody holds it yet' }],
    load: () => import('../commands/access/role/save.ts'),
  },
  {
    name: 'access role edit',
    summary: 'change a custom role by a file, for everybody who holds it',
    arguments: [role],
    options: [roleFile],
    examples: [{ command: 'headgate access role edit releaser --file releaser.yaml', says: 'counts from the next request on' }],
    load: () => import('../commands/access/role/save.ts'),
  },
  {
    name: 'access role rm',
    summary: 'delete a custom role nobody holds',
    arguments: [role],
    examples: [{ command: 'headgate access role rm releaser', says: 'refused while somebody holds it' }],
    load: () => import('../commands/access/role/rm.ts'),
  },
]

const tokenCommands: readonly CommandSpec[] = [
  {
    name: 'access token ls',
    summary: 'tokens, their state and last use; never a token itself',
    options: [
      { flags: '--for <principal>', summary: "another principal's; default: your own" },
      { flags: '--all', summary: "everybody's" },
    ],
    examples: [{ command: 'headgate access token ls', says: 'your own; ● marks the one in use' }],
    load: () => import('../commands/access/token/ls.ts'),
  },
  {
    name: 'access token create',
    summary: 'make a token; it is printed once and kept nowhere',
    description: [
      'For yourself it can do no more, and last no longer, than the token in use. For somebody else you need the permission admin and must hold all it can do. Standard output is the token and nothing else.',
    ],
    arguments: [{ name: 'name', summary: 'what it is for, to find it again', required: true }],
    options: [
      { flags: '--for <principal>', summary: 'for another principal; default: yourself' },
      until,
      { flags: '--role <role>', summary: 'only by this role; may be repeated', many: true },
      permission,
      on,
    ],
    examples: [
      { command: 'headgate access token create laptop --until 90d', says: 'for yourself' },
      {
        command: "headgate access token create deploy --for ci --on 'shop/*' --permission deploy",
        says: 'for a machine, and little more than it needs',
      },
    ],
    load: () => import('../commands/access/token/create.ts'),
  },
  {
    name: 'access token rm',
    summary: 'revoke a token: its next request is refused, its connections are closed',
    arguments: [{ name: 'token', summary: 'the id that `access token ls` shows', required: true }],
    examples: [{ command: 'headgate access token rm 6f1d0c9e-1f0a-4c0b-9d53-0b6f6f0c2a11', says: 'at once' }],
    load: () => import('../commands/access/token/rm.ts'),
  },
]

const rule: ArgumentSpec = { name: 'rule', summary: 'its name', required: true }
const trustOptions: readonly OptionSpec[] = [
  { flags: '--issuer <url>', summary: 'who signs the identity tokens; default: GitHub Actions' },
  { flags: '--audience <text>', summary: 'whom they must be made for' },
  {
    flags: '--claim <name=value>',
    summary: 'what a claim must be, * stands for anything; may be repeated, and every name counts',
    many: true,
  },
  { flags: '--for <principal>', summary: 'the machine whose token is given' },
  { flags: '--lifetime <seconds>', summary: 'how long it lives, 60 to 86400; default: 3600' },
  permission,
  on,
  { flags: '--once', summary: 'take each identity token once; it then needs a jti' },
]

const trustCommands: readonly CommandSpec[] = [
  {
    name: 'access trust ls',
    summary: 'whose identity tokens are exchanged for tokens of which machine',
    examples: [{ command: 'headgate access trust ls', says: 'all rules' }],
    load: () => import('../commands/access/trust/ls.ts'),
  },
  {
    name: 'access trust show',
    summary: 'one trust rule',
    arguments: [rule],
    examples: [{ command: 'headgate access trust show shop', says: 'its conditions and what it gives' }],
    load: () => import('../commands/access/trust/show.ts'),
  },
  {
    name: 'access trust create',
    summary: 'let workflows sign in by identity tokens (OIDC), without a stored secret',
    description: [
      'One condition must say who is meant, on sub, repository or their like, and begin without a star. Issuers are allowed by whoever runs the plane: serve --oidc-issuer.',
    ],
    arguments: [rule],
    options: trustOptions,
    examples: [
      {
        command: "headgate access trust create shop --for ci --audience headgate --claim 'sub=repo:acme/shop:ref:refs/heads/main'",
        says: 'workflows of one branch on GitHub',
      },
    ],
    load: () => import('../commands/access/trust/save.ts'),
  },
  {
    name: 'access trust edit',
    summary: 'replace what a trust rule says',
    arguments: [rule],
    options: trustOptions,
    examples: [
      {
        command: "headgate access trust edit shop --for ci --audience headgate --claim 'sub=repo:acme/shop:*' --lifetime 600",
        says: 'every branch, for ten minutes',
      },
    ],
    load: () => import('../commands/access/trust/save.ts'),
  },
  {
    name: 'access trust rm',
    summary: 'delete a trust rule; tokens that were exchanged under it are revoked',
    arguments: [rule],
    examples: [{ command: 'headgate access trust rm shop', says: 'at once' }],
    load: () => import('../commands/access/trust/rm.ts'),
  },
]

export const accessCommands: readonly CommandSpec[] = [
  ...bindingCommands,
  ...principalCommands,
  ...teamCommands,
  ...roleCommands,
  ...tokenCommands,
  ...trustCommands,
  {
    name: 'access reset-owner',
    summary: 'a new token for the owner, on the data folder of a stopped plane',
    description: [
      "For when the owner's token is lost. Needs the data folder and its key file; the owner's old tokens stop working, and it is in the audit log.",
    ],
    options: [dataOption('the data folder of a stopped plane; default: .headgate/data in this folder'), ...keyOptions, ...databaseOptions],
    examples: [{ command: 'headgate access reset-owner --data /srv/headgate', says: 'prints the new token once' }],
    load: () => import('../commands/access/reset-owner.ts'),
  },
]
