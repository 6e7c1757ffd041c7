/** What `npm run build` reads: a tsconfig.build.json in each package, which names those it imports, and one that names them all. */
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type PackageFolder, packageTable } from '../boundaries/package-table.ts'
import { packageName } from '../boundaries/rules-between-packages.ts'
import type { GeneratedDocument } from './generated-document.ts'

export function buildFiles(repository: string): GeneratedDocument[] {
  const folders = (Object.keys(packageTable) as PackageFolder[]).filter((folder) => existsSync(join(repository, folder, 'package.json')))
  const all = folders.map((folder) => ({ path: `${folder}/tsconfig.build.json` }))
  return [
    document('tsconfig.build.json', { files: [], references: all }),
    ...folders.map((folder) => ofPackage(repository, folder, folders)),
  ]
}

function ofPackage(repository: string, folder: PackageFolder, all: readonly PackageFolder[]): GeneratedDocument {
  const { dependencies = {} } = JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  const references = all
    .filter((other) => packageName(other) in dependencies)
    .map((other) => ({ path: `${posix.relative(folder, other)}/tsconfig.build.json` }))
  return document(`${folder}/tsconfig.build.json`, {
    extends: '../../tsconfig.json',
    compilerOptions: { noEmit: false, composite: true, rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
    include: ['src'],
    references,
  })
}

/** As oxfmt writes JSON: what is short stands on one line. */
function document(path: string, content: Readonly<Record<string, unknown>>): GeneratedDocument {
  return { path, text: () => `${layOut(content, '', 0)}\n` }
}

function layOut(value: unknown, indent: string, taken: number): string {
  const flat = JSON.stringify(value, undefined, 1)
    .replace(/\n\s*/g, ' ')
    .replace(/\[ | \]/g, (bracket) => bracket.trim())
  const isNested = typeof value === 'object' && value !== null
  if (!isNested || (indent.length + taken + flat.length <= 140 && indent !== '')) return flat
  const inner = `${indent}  `
  if (Array.isArray(value)) return `[\n${value.map((each) => inner + layOut(each, inner, 0)).join(',\n')}\n${indent}]`
  const lines = Object.entries(value).map(([key, each]) => `${inner}"${key}": ${layOut(each, inner, key.length + 4)}`)
  return `{\n${lines.join(',\n')}\n${indent}}`
}
