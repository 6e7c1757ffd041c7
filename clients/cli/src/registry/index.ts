/**
 * Every command of the command line, as data: help, completion and the parser are made from it.
 *
 * To add a command:
 *  1. put its code into commands/<noun>/<verb>.ts as an exported `run`
 *  2. put its entry into the registry file of its noun, with at least one example
 *  3. describe its options and its JSON in docs/reference/cli.md (a test compares the two)
 *  4. show it in a transcript under testdata/
 */
import type { CommandSpec } from '../command.ts'
import { accessCommands } from './access.ts'
import { auditCommands } from './audit.ts'
import { dailyCommands } from './daily.ts'
import { draftCommands } from './env-draft.ts'
import { environmentCommands } from './env.ts'
import { moreEnvironmentCommands } from './env-more.ts'
import { migrateCommands } from './migrate.ts'
import { releaseCommands } from './release.ts'
import { secretsCommands } from './secrets.ts'

export const registry: readonly CommandSpec[] = [
  ...dailyCommands,
  ...releaseCommands,
  ...environmentCommands,
  ...moreEnvironmentCommands,
  ...draftCommands,
  ...migrateCommands,
  ...auditCommands,
  ...accessCommands,
  ...secretsCommands,
]

/** What the words that only group commands stand for. */
export const nouns: Readonly<Record<string, string>> = {
  env: 'environments: their text, revisions and tags',
  migrate: '.env files taken over into environments',
  release: 'releases: code and configuration together',
  audit: 'the audit log: read it, verify it, take parts of it elsewhere',
  access: 'who may do what',
  secrets: 'the keys that seal everything, and their rotation',
}
