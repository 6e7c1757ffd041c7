import { basename } from 'node:path'
import { type MigrationOptions, type MigrationPlan, planMigration } from '@headgate/scan'
import type { CommandContext } from '../command.ts'
import { end } from '../outcome.ts'
import { type ExistingEnvironment, NOTHING_EXISTS, type Existing } from './existing-environments.ts'
import { projectNameOf } from './project-name.ts'
import { readSources } from './read-sources.ts'

const BASE_NAME = 'base'

/** A plan, and what of it is there already. */
export interface PlannedMigration {
  readonly plan: MigrationPlan
  readonly existing: Existing
}

/**
 * Plans the migration a command line asks for.
 *
 * @param lookUp gives what is there already of the environments the files go into
 * @param known the project, where something else than the folder says it
 */
export async function planFromFiles(
  { world, invocation, spec }: CommandContext,
  lookUp: (project: string, environments: readonly string[]) => Promise<Existing>,
  known?: string,
): Promise<PlannedMigration> {
  const files = await readSources(world, invocation.words('files'))
  const project = invocation.option('project') ?? known ?? (await projectNameOf(world.cwd)).name
  const options = optionsOf({ invocation, spec }, project)
  const stray = Object.keys(options.environments ?? {}).find((file) => !files.some(({ name }) => name === file || basename(name) === file))
  // Written otherwise than the file is named, it would go where nobody sent it.
  if (stray !== undefined) end('USAGE', { reason: `--map names ${stray}, which is none of the files`, command: spec.name })
  const first = planMigration(files, options)
  const existing = await lookUp(
    project,
    first.environments.map(({ environment }) => environment),
  )
  const plan = existing === NOTHING_EXISTS ? first : planMigration(files, { ...options, existing: valuesOf(existing) })
  return { plan, existing }
}

function optionsOf({ invocation, spec }: Pick<CommandContext, 'invocation' | 'spec'>, project: string): MigrationOptions {
  const environment = invocation.option('environment')
  const placeholders = invocation.option('placeholders') as NonNullable<MigrationOptions['placeholders']> | undefined
  const references = invocation.option('references') as NonNullable<MigrationOptions['references']> | undefined
  const map = invocation.options('map')
  return {
    project,
    ...(environment === undefined ? {} : { environment }),
    ...(placeholders === undefined ? {} : { placeholders }),
    ...(references === undefined ? {} : { references }),
    ...(invocation.flag('base') ? { base: BASE_NAME } : {}),
    ...(map.length === 0 ? {} : { environments: Object.fromEntries(map.map((pair) => mapping(pair, spec.name))) }),
  }
}

function mapping(pair: string, command: string): [string, string | null] {
  const at = pair.lastIndexOf('=')
  if (at < 1) end('USAGE', { reason: `--map takes FILE=ENVIRONMENT, not ${pair}`, command })
  return [pair.slice(0, at), pair.slice(at + 1) || null]
}

function valuesOf(existing: ReadonlyMap<string, ExistingEnvironment>) {
  return new Map([...existing].map(([environment, { variables }]) => [environment, variables]))
}
