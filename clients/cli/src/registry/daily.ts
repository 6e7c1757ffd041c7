import type { CommandSpec } from '../command.ts'
import { dataOption, databaseOptions, environmentArgument, keyOptions } from './shared-words.ts'
import { serveSettings, settingsFileOption } from '../serve/settings.ts'

/** The daily verbs, which stand without a noun. */
export const dailyCommands: readonly CommandSpec[] = [
  {
    name: 'init',
    summary: 'write a headgate.yaml for the application in this folder',
    description: ['Reads package.json where there is one, to name the project and what starts it. A file that is there is left as it is.'],
    options: [{ flags: '--project <name>', summary: "the project's name; otherwise the package's or the folder's" }],
    examples: [
      { command: 'headgate init', says: 'writes headgate.yaml and says what comes next' },
      { command: 'headgate init --project shop', says: 'names the project shop' },
    ],
    daily: true,
    load: () => import('../commands/init.ts'),
  },
  {
    name: 'serve',
    summary: 'run the plane: one process on one data folder',
    description: [
      'The first start makes the organisation main, the user owner and its token, which is shown once, and a key file outside the data folder. Back up the key file: without it nothing in the data folder can be opened.',
      'With --json, one JSON line is printed when the plane is ready: url, router, data, organisation, user, keyFile (where the root key is), keySource, and token on the first start only.',
      'Every option can be set by a variable, HEADGATE_ and its name, and in the file of --config, too; an option wins over a variable, and a variable over the file.',
      'Ctrl-C or SIGTERM stops it after the requests under way.',
    ],
    options: [settingsFileOption, ...serveSettings],
    examples: [
      { command: 'headgate serve', says: 'serves this folder at http://127.0.0.1:4280' },
      { command: 'headgate serve --data /srv/headgate --port 0 --json', says: 'takes a free port and tells it as JSON' },
      { command: 'headgate serve --config /etc/headgate/plane.yaml', says: 'takes its settings from a file' },
      {
        command: 'headgate serve --host 0.0.0.0 --tls-certificate /etc/headgate/tls.crt --tls-key /etc/headgate/tls.key',
        says: 'serves other machines too, by TLS',
      },
      {
        command: 'headgate serve --database-file /etc/headgate/database --data /srv/headgate',
        says: 'one of several nodes on a PostgreSQL database',
      },
    ],
    daily: true,
    load: () => import('../commands/serve.ts'),
  },
  {
    name: 'login',
    summary: 'sign in to a plane with a token',
    description: [
      'The token is asked for without being shown, or comes from a file or standard input; it is never an argument. It is checked with the plane, then stored readable by you alone.',
    ],
    options: [
      { flags: '--token-file <file>', summary: 'read the token from a file, or from standard input with -', completes: 'file' },
      {
        flags: '--identity-file <file>',
        summary: 'read an identity token (OIDC) from a file, or from standard input with -, and exchange it for a token',
        completes: 'file',
      },
    ],
    examples: [
      { command: 'headgate login --url http://127.0.0.1:4280', says: 'asks for the token' },
      { command: 'headgate login --token-file - < token.txt', says: 'reads it from standard input' },
    ],
    daily: true,
    load: () => import('../commands/login.ts'),
  },
  {
    name: 'logout',
    summary: 'forget the token of a plane',
    description: ['The token stays valid: it is only forgotten here.'],
    examples: [{ command: 'headgate logout', says: 'forgets the token of the plane signed in to last' }],
    daily: true,
    load: () => import('../commands/logout.ts'),
  },
  {
    name: 'whoami',
    summary: 'which plane, which user, which roles',
    examples: [{ command: 'headgate whoami', says: 'asks the plane who the token belongs to' }],
    daily: true,
    load: () => import('../commands/whoami.ts'),
  },
  {
    name: 'run',
    summary: 'run a program with the values of an environment',
    description: [
      'The program gets the environment variables and files (a private folder, in memory where the machine has such a place, removed at the end) the environment defines. Its exit code is the exit code; a signal n that ended it becomes 128+n. A program that is not there is 127, one that cannot be started 126. Signals sent to headgate reach the program; those of the keyboard the terminal sends it itself.',
      'Values of the environment win over variables that are set already, unless --preserve-env is given. PATH, HOME, PS1 and their like belong to the machine and are never taken from an environment; variables that make programs load code, like LD_PRELOAD, are taken with a warning.',
      'With --watch, a change that changes a value of the program ends it (SIGTERM, after ten seconds SIGKILL) and starts it again; --watch-signal sends a signal instead, after the files were written anew. While the plane cannot be reached the program runs on with what it has.',
      'With --mount, the values stand in a file in the place of variables. What stands at that place is a link into the private folder, and it is gone at the end; a file that is there already is left as it is, and the program not started.',
      'With --fallback on, what the plane gave is kept as a sealed copy, and stands in where the plane cannot be asked, which is said each time; a copy is used for seven days, and deleted when the plane refuses. Where there is none, the .env files of the folder stand in with ESC_BACKWARD_COMPATIBILITY=on.',
      'With --redact, secrets in what the program prints become [secret]: as they are, line by line, and in JSON, URL, hexadecimal and Base64 spelling. Its output is no terminal then. Secrets of fewer than four characters are not looked for.',
      'As the first process of a container, headgate passes signals on and ends as the program ends; processes its program leaves behind are for an init to collect (docker run --init).',
    ],
    arguments: [environmentArgument({ required: false })],
    options: [
      { flags: '--preserve-env', summary: 'variables that are set already win over the environment' },
      {
        flags: '--only-secrets <names>',
        summary: 'only these variables, separated by commas; one that is missing is an error',
        many: true,
      },
      {
        flags: '--mount <file>',
        summary: 'write the values into a file for the time of the program, in the place of variables',
        completes: 'file',
      },
      { flags: '--mount-format <format>', summary: 'json or dotenv; default: by the name of the file', choices: ['json', 'dotenv'] },
      { flags: '--watch', summary: 'start the program again when its values change' },
      {
        flags: '--watch-signal <signal>',
        summary: 'with --watch: send this signal in the place of a new start',
        choices: ['SIGHUP', 'SIGUSR1', 'SIGUSR2'],
      },
      {
        flags: '--fallback <mode>',
        summary:
          'whether a sealed copy is kept and used (on, read-only), used alone (only), or neither (off); default: ESC_FALLBACK_MODE, else off',
        choices: ['on', 'read-only', 'only', 'off'],
      },
      { flags: '--redact', summary: 'show [secret] in the place of secrets in what the program prints' },
    ],
    trailing: 'COMMAND [ARGUMENT...]',
    examples: [
      { command: 'headgate run shop/dev -- python3 app.py', says: 'runs app.py with the values of shop/dev' },
      { command: 'HEADGATE_ENVIRONMENT=shop/dev headgate run -- printenv PORT', says: 'takes the environment from HEADGATE_ENVIRONMENT' },
      { command: 'headgate run shop/production --fallback on -- node server.mjs', says: 'starts also while the plane is away' },
      {
        command: 'headgate run shop/dev --watch --redact -- npm start',
        says: 'starts it again at every change, secrets hidden in what it prints',
      },
      { command: 'headgate run shop/dev --mount .env -- docker compose up', says: 'for programs that read a file' },
      {
        command: 'headgate run shop/dev --only-secrets DATABASE_URL,API_KEY -- ./job',
        says: 'hands over two variables, or does not start',
      },
    ],
    daily: true,
    load: () => import('../commands/run.ts'),
  },
  {
    name: 'open',
    summary: 'the values of an environment: imports merged, secrets decrypted',
    description: [
      'Values are shown in the clear, as that is its purpose; it is in the audit log before a value leaves. --redact puts [secret] in the place of secrets.',
      'With a path, one value: a string as it is, anything else in the format asked for.',
    ],
    arguments: [environmentArgument({ required: false }), { name: 'path', summary: 'one value, for example database.url' }],
    options: [
      {
        flags: '--format <format>',
        summary: 'json, yaml, dotenv, shell, or detailed (which values are secret, and what went in); default: json',
        choices: ['json', 'yaml', 'dotenv', 'shell', 'detailed'],
      },
      { flags: '--redact', summary: 'show [secret] in the place of secrets' },
    ],
    examples: [
      { command: 'headgate open shop/dev', says: 'all values as JSON' },
      { command: 'headgate open shop/dev database.url', says: 'one value' },
      { command: 'headgate open shop/production@stable --format dotenv', says: 'the environment variables of the revision tagged stable' },
    ],
    daily: true,
    load: () => import('../commands/env/open.ts'),
  },
  {
    name: 'check',
    summary: 'check environment files without a plane',
    description: [
      'Shows every mistake with its place; the exit code is 1 when there is an error. Nothing is decrypted and nothing is sent.',
      'Imports are looked for below --root, shop/base as shop/base.yaml. Without it they are taken as unknown, which is a warning.',
    ],
    arguments: [{ name: 'files', summary: 'environment files', required: true, many: true, completes: 'file' }],
    options: [{ flags: '--root <folder>', summary: 'the folder imports are found in, by name', completes: 'file' }],
    examples: [
      { command: 'headgate check shop/dev.yaml', says: 'checks one file' },
      {
        command: 'headgate check --root environments environments/shop/*.yaml',
        says: 'checks a folder of environments that import each other',
      },
    ],
    daily: true,
    load: () => import('../commands/check.ts'),
  },
  {
    name: 'backup',
    summary: 'an encrypted back-up of everything, as one age file',
    description: [
      'The plane writes it for age recipients, or under a passphrase; exactly one of the two. The file appears under its name only when it is complete, readable by you alone.',
      'Everything is in it, the root key too: whoever can open it can read everything. Keep what opens it apart from it.',
    ],
    options: [
      { flags: '-o, --output <file>', summary: 'where it goes; a file that is there is left as it is', completes: 'file' },
      { flags: '--recipient <age1…>', summary: 'an age recipient who can open it; may be repeated', many: true },
      {
        flags: '--passphrase-file <file>',
        summary: 'read a passphrase of 12 characters or more from a file, or from standard input with -',
        completes: 'file',
      },
    ],
    examples: [
      { command: 'headgate backup --output monday.age --recipient age1…', says: 'for the holder of an age identity' },
      { command: 'headgate backup --output monday.age', says: 'asks for a passphrase' },
    ],
    daily: true,
    load: () => import('../commands/backup.ts'),
  },
  {
    name: 'restore',
    summary: 'put a back-up into an empty data folder',
    description: [
      'Works without a plane. Everything in the back-up is verified before the first byte of it is used; a folder that is not empty is left as it is.',
      'The checkpoint that is kept of the log outside the data folder goes back with it, so the plane the back-up is of is refused as rolled back afterwards. While its data folder is still there, a restore is refused: --key-file with a new file makes a copy beside it, --take-over goes back for good.',
    ],
    arguments: [{ name: 'file', summary: 'the back-up', required: true, completes: 'file' }],
    options: [
      dataOption('the folder to restore into: empty, or not there'),
      ...keyOptions,
      ...databaseOptions,
      { flags: '--take-over', summary: 'go back for good, although the data folder of the plane is still there' },
      { flags: '--identity <file>', summary: 'the file with the age identity it was made for', completes: 'file' },
      { flags: '--passphrase-file <file>', summary: 'read the passphrase from a file, or from standard input with -', completes: 'file' },
    ],
    examples: [
      { command: 'headgate restore monday.age --data restored', says: 'asks for the passphrase' },
      { command: 'headgate restore monday.age --data restored --identity identity.txt', says: 'opens it with an age identity' },
      { command: 'headgate restore monday.age --data tried --key-file tried.key', says: 'tries it beside the plane it is of' },
    ],
    daily: true,
    load: () => import('../commands/restore.ts'),
  },
  {
    name: 'doctor',
    summary: 'look at everything Headgate needs here, and say what to do about it',
    description: [
      'Node, the plane and whether it can work, versions, clocks, the token, who can read key file, credentials and data folder, room on the disk, the router. Nothing is changed, and no secret is shown.',
      'The exit code is 1 when something is in the way.',
    ],
    options: [
      dataOption('the data folder of a plane on this machine; default: .headgate/data in this folder'),
      {
        flags: '--key-file <file>',
        summary: 'the file with the root key; default: every one in your configuration folder',
        completes: 'file',
      },
    ],
    examples: [
      { command: 'headgate doctor', says: 'looks at this machine and the plane signed in to last' },
      { command: 'headgate doctor --data /srv/headgate --json', says: 'looks at a data folder too, and answers as JSON' },
    ],
    daily: true,
    load: () => import('../commands/doctor.ts'),
  },
  {
    name: 'completion',
    summary: 'the completion script of a shell',
    arguments: [{ name: 'shell', summary: 'bash, zsh or fish', required: true, completes: ['bash', 'zsh', 'fish'] }],
    examples: [
      { command: 'source <(headgate completion bash)', says: 'for this bash; in ~/.bashrc for every one' },
      { command: 'headgate completion zsh > ~/.zfunc/_headgate', says: 'for zsh, where ~/.zfunc is in fpath' },
      { command: 'headgate completion fish | source', says: 'for this fish' },
    ],
    load: () => import('../commands/completion.ts'),
  },
]
