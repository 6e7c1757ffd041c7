/** Which package may use which modules of others and of Node, and what each may take from its surroundings. */
import type { Finding } from '../finding.ts'
import { type PackageFolder, type PackageRow, freeOfCrypto, packageTable } from './package-table.ts'
import {
  type Plant,
  type Rule,
  exampleOf,
  importRule,
  isSource,
  isSourceOf,
  loadingForms,
  matches,
  plantedFile,
  plantedImports,
  staticForms,
} from './rule.ts'
import type { ResolvedImport } from './workspace.ts'

const rows = Object.entries(packageTable) as [PackageFolder, PackageRow][]

/** The name of a module that is not ours. */
function foreignModule({ target }: ResolvedImport): string | undefined {
  return target.kind === 'npm' || target.kind === 'node' ? target.module : undefined
}

function means(pattern: string, each: ResolvedImport): boolean {
  const module = foreignModule(each)
  return module !== undefined && matches(pattern, module)
}

function aloneRule(owner: PackageFolder, module: string): Rule {
  const elsewhere = owner === 'plane/main' ? 'plane/server' : 'plane/main'
  return importRule({
    name: `only ${owner} imports ${module}`,
    reason: `${module} is ${owner}'s alone, whose work is: ${packageTable[owner]?.purpose ?? ''}`,
    where: (file) => isSource(file) && file.owner !== owner,
    wrong: (each) => (means(module, each) ? `imports ${each.specifier}, which is ${owner}'s alone` : undefined),
    plants: plantedImports(`${elsewhere}/src`, exampleOf(module)),
  })
}

function lazyRule(folder: PackageFolder, { alone = [] }: PackageRow): Rule {
  return importRule({
    name: `${folder} loads ${alone.join(', ')} by import()`,
    reason: 'these libraries are large or optional, and the plane starts without them',
    where: isSourceOf(folder),
    wrong: (each) =>
      each.how === 'static' && alone.some((module) => means(module, each))
        ? `loads ${each.specifier} with the file; use import()`
        : undefined,
    plants: alone.flatMap((module) => plantedImports(`${folder}/src`, exampleOf(module), staticForms)),
  })
}

function nodeRule(folder: PackageFolder, { never }: PackageRow, allowed: 'none' | readonly string[]): Rule {
  const granted = allowed === 'none' ? [] : allowed
  const reason = `${folder} must never import ${never}`
  return importRule({
    name: `${folder} imports ${granted.length === 0 ? 'no Node built-ins' : `of Node only ${granted.join(', ')}`}`,
    reason,
    where: isSourceOf(folder),
    wrong: ({ target, specifier }) => (target.kind === 'node' && !granted.includes(target.module) ? `imports ${specifier}` : undefined),
    plants: [...plantedImports(`${folder}/src`, 'node:fs'), ...plantedImports(`${folder}/src`, 'fs', ['named'])],
  })
}

const serverModules = ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'node:dgram']
const serverNames = new Set(['createServer', 'createSecureServer', 'Server', 'createSocket', '*', 'default'])

function serverRule(folder: PackageFolder, { never }: PackageRow): Rule {
  const reason = `${folder} must never do: ${never}`
  return importRule({
    name: `${folder} makes no server`,
    reason,
    where: isSourceOf(folder),
    wrong: ({ target, how, names, specifier }) => {
      if (how === 'types' || target.kind !== 'node' || !serverModules.includes(target.module)) return undefined
      const taken = names.filter((name) => serverNames.has(name))
      return taken.length > 0 ? `takes ${taken.join(', ')} from ${specifier}` : undefined
    },
    plants: [
      ...serverModules.flatMap((module) => plantedImports(`${folder}/src`, module, ['namespace', 'lazy'])),
      plantedFile(`${folder}/src`, "import { createServer } from 'node:http'\nexport const there = createServer"),
    ],
  })
}

/** What even a pure package may have: bytes, and the two ways into its own folder that no browser has. */
const grantedToPure = new Set(['Buffer', 'require', '__dirname', '__filename'])

function surroundingsRule(folder: PackageFolder, { surroundings, never }: PackageRow): Rule {
  const reason =
    surroundings === 'browser'
      ? `core is pure (values in, values out; no network, disk, clock or chance), and a browser loads ${folder}`
      : `core is pure (values in, values out; no network, disk or clock); ${folder} must never touch ${never}`
  const isWrong = (what: string): boolean => surroundings === 'browser' || !(grantedToPure.has(what) || what.startsWith('crypto.'))
  const uses = ['Date.now()', 'new Date()', 'Math.random()', 'fetch("")', 'process.pid', 'setTimeout(() => {})', 'globalThis.process']
  return {
    name: `${folder} takes nothing from its surroundings`,
    reason,
    find: (workspace) =>
      workspace.files
        .filter(isSourceOf(folder))
        .flatMap((file) =>
          file.globals
            .filter(({ what }) => isWrong(what))
            .map(({ what, line }): Finding => ({ place: `${file.path}:${line}`, message: `uses ${what}`, reason })),
        ),
    plants: [...uses, ...(surroundings === 'browser' ? ['Buffer.from("")'] : [])].map((use) => globalUse(folder, use)),
  }
}

function globalUse(folder: string, use: string): Plant {
  return plantedFile(`${folder}/src`, `export const there = () => ${use}`)
}

const cryptoReason = 'ciphers, key derivation and signing keys are used in one place, core/crypto, where they can be read together'

function cryptoRule(): Rule {
  const free = [...freeOfCrypto]
  return importRule({
    name: 'only core/crypto imports ciphers, key derivation and signing keys',
    reason: cryptoReason,
    where: (file) => isSource(file) && file.owner !== 'core/crypto',
    wrong: ({ target, how, names }) => {
      if (how === 'types' || target.kind !== 'node' || target.module !== 'node:crypto') return undefined
      const taken = names.filter((name) => !freeOfCrypto.has(name))
      return taken.length > 0 ? `takes ${taken.join(', ')} from node:crypto; free are ${free.join(', ')}` : undefined
    },
    plants: [
      ...plantedImports(
        'plane/vault/src',
        'node:crypto',
        loadingForms.filter((form) => !['effect', 'inline type', 'resolve'].includes(form)),
      ),
      plantedFile(
        'plane/store/src',
        "import { createCipheriv, createHash } from 'node:crypto'\nexport const there = [createCipheriv, createHash]",
      ),
      plantedFile('plane/store/src', "import crypto from 'crypto'\nexport const there = crypto.createCipheriv"),
      plantedFile('plane/store/src', "export { hkdfSync } from 'node:crypto'"),
    ],
  })
}

/** Node has a second door to its ciphers that no import shows. */
function webCryptoRule(): Rule {
  return {
    name: 'only core/crypto uses crypto.subtle',
    reason: cryptoReason,
    find: (workspace) =>
      workspace.files
        .filter((file) => isSource(file) && file.owner !== 'core/crypto')
        .flatMap((file) =>
          file.globals
            .filter(({ what }) => what === 'crypto.subtle')
            .map(({ what, line }) => ({ place: `${file.path}:${line}`, message: `uses ${what}`, reason: cryptoReason })),
        ),
    plants: ['crypto.subtle', 'globalThis.crypto.subtle'].map((use) => globalUse('plane/vault', use)),
  }
}

export const rulesForModules: readonly Rule[] = [
  ...rows.flatMap(([folder, { alone = [] }]) => alone.map((module) => aloneRule(folder, module))),
  ...rows.flatMap(([folder, row]) => (row.loads === 'lazily' ? [lazyRule(folder, row)] : [])),
  ...rows.flatMap(([folder, row]) => (row.node === undefined ? [] : [nodeRule(folder, row, row.node)])),
  ...rows.flatMap(([folder, row]) => (row.servers === 'none' ? [serverRule(folder, row)] : [])),
  ...rows.flatMap(([folder, row]) => (row.surroundings === undefined ? [] : [surroundingsRule(folder, row)])),
  cryptoRule(),
  webCryptoRule(),
]
