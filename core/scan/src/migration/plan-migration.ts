import { type Diagnostic, nameProblem } from '@headgate/model'
import { classifyFile } from '../classify/classify-file.ts'
import { dotenvDiagnostic } from '../dotenv/diagnose.ts'
import { readDotenv } from '../dotenv/read-dotenv.ts'
import type {
  LeftOutFile,
  MigrationOptions,
  MigrationPlan,
  MigrationSource,
  PlannedEntry,
  PlannedEnvironment,
  PlanSummary,
} from './migration-plan.ts'
import { leftOutEntries } from './not-taken.ts'
import { type ReadSource, planEnvironment } from './plan-environment.ts'
import { type Target, targetOf } from './target-environment.ts'

/**
 * How a set of `.env` files becomes environments. Changes nothing and runs nothing.
 *
 * Every assignment and every broken line of every file is in the plan exactly once: under an environment, taken over
 * or not, or under a file that is left out. Applying it means writing each environment's `text`; opening that gives the
 * values of its taken entries, byte for byte, and the kept ones.
 */
export function planMigration(files: readonly MigrationSource[], options: MigrationOptions): MigrationPlan {
  const diagnostics: Diagnostic[] = []
  const leftOut: LeftOutFile[] = []
  const members = new Map<string, { source: ReadSource; rank: number }[]>()
  if (files.length > 1 && options.environment !== undefined) diagnostics.push(severalFiles(options.environment))
  for (const { name, text } of files) {
    const file = readDotenv(text, { name })
    const source = { file, classifications: classifyFile(file) }
    for (const diagnostic of file.diagnostics) diagnostics.push(diagnostic)
    const target = targetOf(name, { ...options, alone: files.length === 1 })
    if (target.kind === 'environment') {
      const list = members.get(target.environment) ?? []
      members.set(target.environment, [...list, { source, rank: target.rank }])
    } else {
      diagnostics.push(targetDiagnostic(name, target))
      leftOut.push({ file: name, reason: target.reason, entries: leftOutEntries(file, source.classifications, target.reason) })
    }
  }
  diagnostics.push(...projectProblems(options))
  const environments = [...members].map(([environment, list]) =>
    planEnvironment(environment, inOrder(list), importsOf(environment, members, options), options),
  )
  return {
    project: options.project,
    sources: files.map((file) => file.name),
    environments,
    leftOut,
    diagnostics,
    summary: summarise(environments, leftOut),
  }
}

/** Files of a higher rank win, and come last; among equals the order in which they were given decides. */
function inOrder(list: readonly { source: ReadSource; rank: number }[]): ReadSource[] {
  return list.toSorted((one, other) => one.rank - other.rank).map(({ source }) => source)
}

function importsOf(environment: string, members: ReadonlyMap<string, unknown>, options: MigrationOptions): string[] {
  const { base, project } = options
  return base !== undefined && environment !== base && members.has(base) ? [`${project}/${base}`] : []
}

function targetDiagnostic(file: string, target: Exclude<Target, { kind: 'environment' }>): Diagnostic {
  const { reason } = target
  return target.kind === 'invalid'
    ? dotenvDiagnostic('error', 'MIGRATION_TARGET_INVALID', { file, environment: target.environment, reason })
    : dotenvDiagnostic('warning', 'MIGRATION_FILE_LEFT_OUT', { file, reason })
}

function severalFiles(environment: string): Diagnostic {
  const reason = 'there are several files, and one environment was named for all of them'
  return dotenvDiagnostic('error', 'MIGRATION_TARGET_INVALID', { file: 'more than one file', environment, reason })
}

function projectProblems({ project }: MigrationOptions): Diagnostic[] {
  const reason = nameProblem(project)
  return reason ? [dotenvDiagnostic('error', 'NAME_INVALID', { name: project, kind: 'a project', reason })] : []
}

function summarise(environments: readonly PlannedEnvironment[], leftOut: readonly LeftOutFile[]): PlanSummary {
  const entries = environments.flatMap((environment) => environment.entries)
  const all = [...entries, ...leftOut.flatMap((file) => file.entries)]
  const count = (matches: (entry: PlannedEntry) => boolean) => all.filter(matches).length
  return {
    environments: environments.length,
    taken: count((entry) => entry.outcome !== 'not-taken'),
    secrets: count((entry) => entry.outcome === 'secret'),
    placeholders: count((entry) => entry.placeholder),
    blocked: count((entry) => entry.cause === 'placeholder'),
    notTaken: count((entry) => entry.outcome === 'not-taken'),
    kept: environments.reduce((sum, environment) => sum + environment.kept.length, 0),
  }
}
