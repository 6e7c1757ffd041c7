/**
 * Who may import what: the package table of the project as data. `rules.ts` makes the rules of it, and CONTRIBUTING.md
 * shows it (`npm run ready -- --fix` writes it there).
 *
 * To give a new capability a home, extend this table first.
 */

/** A folder of ours that is a package. */
export type PackageFolder = `${'core' | 'plane' | 'clients'}/${string}`

/**
 * How a package may be imported: `all` of it; only its `types`; types anywhere and of the rest only the entries under
 * `values`, or by `import()` where it says `lazily`; or through `door`, the one file that may.
 */
export type Access = 'all' | 'types' | { readonly values: readonly string[]; readonly lazily?: true } | { readonly door: string }

export interface PackageRow {
  /** What it is for, in one line. */
  readonly purpose: string
  /** What it may import of ours. What is not named is forbidden. */
  readonly ours: Readonly<Record<PackageFolder, Access>>
  /** Where it may use only some of another package's entries: package to entries, as in its `exports`. */
  readonly entries?: Readonly<Record<PackageFolder, readonly string[]>>
  /** Modules nobody else's sources may import. A name that ends in `*` stands for all that begin so. */
  readonly alone?: readonly string[]
  /** `lazily`: the modules under `alone` are large or optional, and are loaded by `import()` in the file that needs them. */
  readonly loads?: 'lazily'
  /** Which of Node's own modules it may import. Default: any, but for what other rows have alone. */
  readonly node?: 'none' | readonly string[]
  /** `pure`: values in, values out; no network, disk, clock or chance. `browser`: that, and nothing a browser lacks. */
  readonly surroundings?: 'pure' | 'browser'
  /** `answers nobody`: it may call out, but makes no server. */
  readonly servers?: 'none'
  /** What it must never do, and why; it stands in every finding against it. */
  readonly never: string
}

const everyCorePackage = {
  'core/model': 'all',
  'core/lang': 'all',
  'core/crypto': 'all',
  'core/rollout': 'all',
  'core/contract': 'all',
  'core/scan': 'all',
} as const

export const packageTable: Readonly<Record<PackageFolder, PackageRow>> = {
  'core/model': {
    purpose: 'the nouns, their states and legal moves, who may do what; `Secret`, `Diagnostic`, the error catalogue, resource patterns',
    ours: {},
    alone: ['re2js'],
    node: 'none',
    surroundings: 'browser',
    never: 'anything else: it is the floor',
  },
  'core/lang': {
    purpose: 'environment text to value, with diagnostics; also the positioned YAML reader that `headgate.yaml` is read with',
    ours: { 'core/model': 'all' },
    alone: ['yaml'],
    node: 'none',
    surroundings: 'browser',
    never: 'Node built-ins: it runs in an editor; deadlines come as an AbortSignal',
  },
  'core/crypto': {
    purpose: "seal and open bytes with keys it is given, token digests, content hashes, the Merkle log's arithmetic",
    ours: { 'core/model': 'all' },
    alone: ['libsodium-wrappers'],
    node: ['node:crypto', 'node:buffer', 'node:util'],
    surroundings: 'pure',
    never: 'disk, network: key *sources* live in plane/vault',
  },
  'core/rollout': {
    purpose: '`plan(observed, desired)`, strategies, the judge, the validation score',
    ours: { 'core/model': 'all' },
    node: 'none',
    surroundings: 'browser',
    never: 'acting: a plan can be shown by a browser',
  },
  'core/contract': {
    purpose: 'the native HTTP API, socket messages, the schema of `headgate.yaml`, as data',
    ours: { 'core/model': 'all' },
    alone: ['zod'],
    node: 'none',
    surroundings: 'browser',
    never: 'Node built-ins: the browser loads it. The Pulumi wire format is not here but in server/pulumi',
  },
  'core/scan': {
    purpose: 'find placeholders and secrets in text; parse and write `.env`',
    ours: { 'core/model': 'all' },
    node: 'none',
    surroundings: 'browser',
    never: 'disk: it is given text, and a browser may ask it too',
  },
  'plane/store': {
    purpose: 'SQL on two dialects; migrations; one writer',
    ours: { 'core/model': 'all' },
    alone: ['kysely', 'node:sqlite', 'pg'],
    never: 'crypto: the database never sees plaintext',
  },
  'plane/vault': {
    purpose: 'key sources, keyring, sealing of documents, the audit writer, the back-up format',
    ours: { ...everyCorePackage, 'plane/store': 'all' },
    alone: ['age-encryption', '@node-rs/argon2'],
    servers: 'none',
    never: 'serving HTTP: it may call a key service, it answers nobody',
  },
  'plane/providers': {
    purpose: 'outside sources of secrets, and rotators; one file each',
    ours: { 'core/model': 'all', 'core/lang': 'types' },
    alone: ['@aws-sdk/*', '@azure/*', '@google-cloud/*', '@1password/*', 'node-vault'],
    loads: 'lazily',
    never: 'store: a provider has no memory; of the language it knows the interfaces',
  },
  'plane/releases': {
    purpose: 'execute a plan: journal, leases, probes, drivers (process, docker, swarm, kubernetes; router, haproxy)',
    ours: { 'core/model': 'all', 'core/rollout': 'all', 'core/crypto': 'all', 'core/contract': 'all', 'plane/store': 'all' },
    alone: ['dockerode', '@kubernetes/client-node'],
    loads: 'lazily',
    never: 'server, operations: it must run headless; what it needs of them main hands in',
  },
  'plane/router': {
    purpose: 'traffic: split, drain, pause; its own process',
    ours: { 'core/model': 'types', 'core/contract': 'types' },
    alone: ['undici'],
    never: 'everything else: it keeps serving when the plane is down',
  },
  'plane/operations': {
    purpose: 'the use cases, without HTTP: one folder per noun; schedules, sync, rotation, notifications',
    ours: { ...everyCorePackage, 'plane/store': 'all', 'plane/vault': 'all', 'plane/providers': 'all', 'plane/releases': 'all' },
    alone: ['jose'],
    servers: 'none',
    never: 'serving HTTP or sockets, or knowing a request; calling out (GitHub, key sets, webhooks) is its work',
  },
  'plane/server': {
    purpose: 'native, pulumi, sockets: request to use case and back, nothing else',
    ours: { ...everyCorePackage, 'plane/operations': 'all' },
    alone: ['fastify', '@fastify/*'],
    never: 'store, vault: it goes through operations',
  },
  'plane/main': {
    purpose:
      "assembly: `serve`, starting the router's process, and the local commands `restore`, `access reset-owner`, `audit verify --data`",
    ours: {
      ...everyCorePackage,
      'plane/store': 'all',
      'plane/vault': 'all',
      'plane/providers': 'all',
      'plane/releases': 'all',
      'plane/router': 'all',
      'plane/operations': 'all',
      'plane/server': 'all',
    },
    never: "being imported, but by the cli's one door",
  },
  'clients/sdk': {
    purpose: '`./http`: typed client, browser too; `.`: run-time configuration for Node (cache, reload, sealed fallback, `.env`)',
    ours: { 'core/model': 'all', 'core/contract': { values: ['./routes'] }, 'core/crypto': 'all', 'core/scan': 'all' },
    alone: ['ws', 'lru-cache'],
    never: 'plane: it knows the contract, and never the server',
  },
  'clients/cli': {
    purpose: 'the `headgate` command',
    ours: {
      'core/model': 'all',
      'core/lang': 'all',
      'core/scan': 'all',
      'core/rollout': 'all',
      'core/contract': { values: ['./routes'], lazily: true },
      'clients/sdk': 'all',
      'plane/main': { door: 'clients/cli/src/local-plane.ts' },
    },
    alone: ['commander'],
    never: 'plane, but main through one door: the command works on a machine that runs no plane, and starts fast',
  },
  'clients/pulumi': {
    purpose: 'resources and components',
    ours: { 'core/model': 'all', 'clients/sdk': 'all' },
    alone: ['@pulumi/*'],
    never: 'plane: it speaks to one over HTTP as every client does',
  },
  'clients/console': {
    purpose: 'the web console',
    ours: { 'core/model': 'all', 'core/contract': 'all', 'core/lang': 'all', 'core/rollout': 'all', 'clients/sdk': 'all' },
    entries: { 'clients/sdk': ['./http'] },
    alone: ['react', 'react-dom', '@mantine/*', '@tanstack/*', '@codemirror/*', 'codemirror', 'uplot'],
    node: 'none',
    never: 'plane, Node built-ins: it runs in a browser and knows the contract',
  },
}

/** The folders that are no packages: they may import anything, and nothing imports them. */
export const outerFolders = ['e2e', 'examples', 'test', 'bench', 'tools', 'docs'] as const

/** Of `node:crypto`, what everyone may use; ciphers, key derivation and signing keys are core/crypto's alone. */
export const freeOfCrypto = new Set([
  'createHash',
  'createHmac',
  'hash',
  'randomBytes',
  'randomFill',
  'randomFillSync',
  'randomInt',
  'randomUUID',
  'timingSafeEqual',
])

/**
 * Files that must load without something their package may have: what they load with themselves, through every
 * package, must reach none of it.
 */
export const lightFiles: readonly LightFile[] = [
  {
    file: 'clients/sdk/src/http.ts',
    without: ['node:*', 'ws', 'lru-cache', 'core/crypto', 'zod'],
    reason: 'a browser loads the typed client',
  },
  {
    file: 'core/contract/src/routes.ts',
    without: ['zod'],
    reason: 'the table of routes is loaded before every program somebody runs, and the schema library is too heavy for that',
  },
  {
    file: 'clients/cli/src/commands/run.ts',
    without: ['zod', 'plane/*', 'core/lang', 'yaml'],
    reason: '`headgate run` stands before every program somebody starts, so it loads the client and no more',
  },
]

export interface LightFile {
  readonly file: string
  /** Modules, or folders of ours; a name that ends in `*` stands for all that begin so. */
  readonly without: readonly string[]
  readonly reason: string
}
