import { globSync } from 'node:fs'
import { join, sep } from 'node:path'

/** Where tests live. The slow ones come first, so that two cores end at about the same time. */
const places = [
  'e2e/**/*.test.ts',
  'test/**/*.test.ts',
  'tools/**/*.test.ts',
  'bench/**/*.test.ts',
  'clients/*/test/**/*.test.ts',
  'plane/*/test/**/*.test.ts',
  'core/*/test/**/*.test.ts',
]

/** The absolute paths of all test files, or of those whose path below the repository holds one of the filters. */
export function collectTestFiles(repository: string, filters: readonly string[] = []): string[] {
  const all = places.flatMap((pattern) => globSync(pattern, { cwd: repository, exclude: isForeign }).toSorted())
  const wanted = all.filter((path) => filters.length === 0 || filters.some((filter) => path.split(sep).join('/').includes(filter)))
  return [...new Set(wanted)].map((path) => join(repository, path))
}

function isForeign(path: string): boolean {
  return path.split(sep).some((part) => part === 'node_modules' || part === 'dist' || part === 'testdata')
}
