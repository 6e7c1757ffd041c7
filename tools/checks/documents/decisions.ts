/** Every dependency has its line of reason in docs/decisions. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../finding.ts'

interface Manifest {
  readonly name: string
  readonly [kind: string]: unknown
}

const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']

export function findUndecided(repository: string): Finding[] {
  const records = globSync('docs/decisions/*.md', { cwd: repository }).map((path) => readFileSync(join(repository, path), 'utf8'))
  const decided = new Set(records.flatMap((text) => [...text.matchAll(/`([^`\s]+)`/g)].map(([, name]) => name)))
  const manifests = globSync(['package.json', '{core,plane,clients}/*/package.json', 'examples/*/package.json'], { cwd: repository })
  return manifests.toSorted().flatMap((path) =>
    dependenciesOf(JSON.parse(readFileSync(join(repository, path), 'utf8')) as Manifest)
      .filter((name) => !isOurs(name) && !decided.has(name))
      .map((name) => ({
        place: path,
        message: `names ${name}, for which docs/decisions gives no reason`,
        hint: `write a line that names \`${name}\``,
      })),
  )
}

function dependenciesOf(manifest: Manifest): string[] {
  return [...new Set(kinds.flatMap((kind) => Object.keys((manifest[kind] as Record<string, string> | undefined) ?? {})))]
}

function isOurs(name: string): boolean {
  return name === 'headgate' || name.startsWith('@headgate/')
}
