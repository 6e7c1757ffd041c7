/** Documents and code agree: what can be written from the code is compared with it, the rest is looked up in it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildFiles } from './documents/build-files.ts'
import { type KnownCommand, findUnknownCommands } from './documents/commands.ts'
import { findUndecided } from './documents/decisions.ts'
import { errorReference } from './documents/error-reference.ts'
import { type GeneratedDocument, compareGenerated, writeGenerated } from './documents/generated-document.ts'
import { findUnusedWords } from './documents/glossary.ts'
import { findBrokenLinks } from './documents/links.ts'
import { findMachineWords } from './documents/machine-words.ts'
import { packageTableText } from './documents/package-table-text.ts'
import { documentPaths, trackedFiles } from './documents/tracked-files.ts'
import type { Check } from './finding.ts'
import { runProgram } from './program.ts'

function generatedDocuments(repository: string): GeneratedDocument[] {
  return [errorReference, packageTableText, ...buildFiles(repository)]
}

export const documents: Check = {
  name: 'documents',
  async run(repository) {
    const [tracked, pages, commands, registry] = await Promise.all([
      trackedFiles(repository),
      documentPaths(repository),
      readCommands(repository),
      readRegistry(repository),
    ])
    const texts = tracked
      .filter((path) => /\.(?:ts|md)$/.test(path) && path !== 'docs/glossary.md')
      .map((path) => readFileSync(join(repository, path), 'utf8'))
    return [
      ...generatedDocuments(repository).flatMap((document) => compareGenerated(repository, document)),
      ...findUndecided(repository),
      ...findUnknownCommands(repository, pages.filter(isForUsers), commands),
      ...findBrokenLinks(repository, pages),
      ...findUnusedWords(repository, texts),
      ...findMachineWords(repository, tracked, registry),
    ]
  },
  fix(repository) {
    for (const document of generatedDocuments(repository)) writeGenerated(repository, document)
    return Promise.resolve()
  },
}

/** The notes inside a package speak of its formats, and quote what only looks like a command. */
function isForUsers(page: string): boolean {
  return !/^(?:core|plane|clients)\//.test(page)
}

/** The commands as the command line itself knows them. */
async function readCommands(repository: string): Promise<readonly KnownCommand[]> {
  const module = (await import(pathToFileURL(join(repository, 'clients/cli/src/registry/index.ts')).href)) as {
    registry: readonly KnownCommand[]
  }
  return module.registry
}

async function readRegistry(repository: string): Promise<string | undefined> {
  const { stdout } = await runProgram(repository, ['npm', 'config', 'get', 'registry'])
  return URL.canParse(stdout.trim()) ? stdout.trim() : undefined
}
