import { problemOf } from '@headgate/model'
import { type Comparison, compareMigration } from '@headgate/scan'
import type { Answer } from '@headgate/contract'
import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { NOTHING_EXISTS, openVariables } from '../../migration/existing-environments.ts'
import { planFromFiles } from '../../migration/plan-from-files.ts'
import type { Output } from '../../output/output.ts'
import { printable } from '../../output/printable.ts'
import { count } from '../../output/time.ts'
import { end, need } from '../../outcome.ts'
import type { Connection } from '../../plane/connection.ts'

type Migration = Answer<'listMigrations'>['migrations'][number]

/** Compares what is written with what the files say, value by value. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { output, invocation, connect } = context
  const connection = await connect()
  const id = invocation.option('migration')
  const migration = id === undefined ? undefined : await findMigration(connection, id)
  const { plan } = await planFromFiles(context, async () => NOTHING_EXISTS, migration && projectOf(migration))
  const actual = new Map<string, Awaited<ReturnType<typeof openVariables>>>()
  for (const { project, environment } of plan.environments) {
    const variables = await variablesOf(connection, migration, project, environment)
    if (variables) actual.set(environment, variables)
  }
  const comparison = compareMigration(plan, actual)
  // What is there beside the files is somebody's addition, not a fault of the migration.
  const deviations = comparison.deviations.filter(({ kind }) => kind !== 'extra')
  const extra = comparison.deviations.filter(({ kind }) => kind === 'extra')
  const ok = deviations.length === 0
  const { compared } = comparison
  output.answer({ migration: id ?? null, ok, compared, deviations, extra }, () =>
    renderComparison(plan.project, comparison, deviations, output),
  )
  if (ok) return exitCodes.ok
  output.problem(
    problemOf('MIGRATION_DIFFERS', { differences: count(deviations.length, 'difference'), migration: id ?? 'the environments' }),
  )
  return exitCodes.conflict
}

async function findMigration({ client }: Connection, id: string): Promise<Migration> {
  const { migrations } = need(await client.call('listMigrations', {}))
  return migrations.find(({ migration }) => migration === id) ?? end('MIGRATION_NOT_FOUND', { migration: id })
}

/** The one project a migration wrote to; undefined where it was several. */
function projectOf({ environments }: Migration): string | undefined {
  const projects = new Set(environments.map(({ project }) => project))
  return projects.size === 1 ? environments[0]?.project : undefined
}

/** What an environment gives at the revision the migration wrote, or now; undefined where it is not there. */
async function variablesOf(connection: Connection, migration: Migration | undefined, project: string, environment: string) {
  const written = migration?.environments.find((each) => each.project === project && each.environment === environment)
  if (migration && !written) return undefined
  const params = { organisation: written?.organisation ?? (await connection.organisation()), project, environment }
  const read = await connection.client.call('readEnvironment', { params })
  if (!read.ok && read.problem.code === 'ENV_NOT_FOUND') return undefined
  return openVariables(connection, params, written?.revision ?? need(read).revision)
}

const words: Readonly<Record<Comparison['deviations'][number]['kind'], string>> = {
  'missing-environment': 'the environment is not there',
  missing: 'is not there',
  different: 'has another value',
  exposed: 'is not a secret there',
  sealed: 'is a secret there',
  extra: 'is in no file',
}

function renderComparison(project: string, all: Comparison, deviations: Comparison['deviations'], { paint }: Output): string {
  const { compared } = all
  const extra = all.deviations.length - deviations.length
  const head =
    deviations.length === 0
      ? paint.green(`${count(compared, 'value')} compared, all as in the files`)
      : paint.red(`${count(compared, 'value')} compared, ${deviations.length} not as in the files`)
  const lines = deviations.map(
    ({ environment, key, kind }) => `  ${printable([`${project}/${environment}`, key].filter(Boolean).join(' '))}  ${words[kind]}`,
  )
  const others = extra === 0 ? [] : [`${count(extra, 'other value')} there that no file has`]
  return [head, ...lines, ...others, ''].join('\n')
}
