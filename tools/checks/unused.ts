/** Files, exports and dependencies nobody uses, and modules used without being declared; found by knip. */
import type { Check, Finding } from './finding.ts'
import { runProgram } from './program.ts'

interface Issue {
  readonly name: string
  readonly line?: number
}

interface Report {
  readonly issues: readonly ({ readonly file: string } & Readonly<Record<string, readonly Issue[]>>)[]
}

/** What each of knip's kinds means, as the end of a sentence that begins with the place. */
const sentences: Readonly<Record<string, (name: string) => string>> = {
  files: () => 'is used by nothing',
  dependencies: (name) => `names ${name}, which nothing here imports`,
  devDependencies: (name) => `names ${name}, which nothing here imports`,
  unlisted: (name) => `imports ${name}, which no package.json of it names`,
  unresolved: (name) => `imports ${name}, which is not there`,
  binaries: (name) => `calls ${name}, which no package.json names`,
  exports: (name) => `exports ${name}, which nothing imports`,
  types: (name) => `exports the type ${name}, which nothing imports`,
  duplicates: (name) => `exports ${name} twice`,
}

export const unused: Check = {
  name: 'unused',
  async run(repository) {
    const { stdout, stderr } = await runProgram(repository, ['knip', '--no-progress', '--no-config-hints', '--reporter=json'])
    try {
      return (JSON.parse(stdout) as Report).issues.flatMap(describe)
    } catch {
      return [{ place: '', message: `knip failed: ${stderr.trim() || stdout.trim()}` }]
    }
  },
}

function describe({ file, ...kinds }: Report['issues'][number]): Finding[] {
  return Object.entries(kinds as Readonly<Record<string, readonly Issue[]>>).flatMap(([kind, issues]) =>
    issues
      .filter(({ name }) => !isOfBoundaries(file, kind, name))
      .map(({ name, line }) => ({
        place: line === undefined ? file : `${file}:${line}`,
        message: sentences[kind]?.(name) ?? `${kind}: ${name}`,
      })),
  )
}

/** What of ours a test imports is granted by its layer, and the boundaries look at that; a package.json is for what is published. */
function isOfBoundaries(file: string, kind: string, name: string): boolean {
  return kind === 'unlisted' && name.startsWith('@headgate/') && file.includes('/test/')
}
