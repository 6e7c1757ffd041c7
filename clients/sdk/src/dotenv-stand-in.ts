import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { classify, classifyFile, dotenvValues, readDotenv } from '@headgate/scan'
import { ConfigurationError } from './errors.ts'
import { renderPath } from './path.ts'
import type { Settings } from './settings.ts'
import { type Snapshot, type Variable, freezeDeep } from './snapshot.ts'
import type { Surroundings } from './surroundings.ts'

export interface DotenvStandIn {
  readonly snapshot: Snapshot
  /** The files that were found, in the order they were read. */
  readonly files: readonly string[]
  /** Variables of those files whose value is only a placeholder. */
  readonly placeholders: readonly string[]
}

/**
 * The last resort: `.env` files of the working folder, under the variables of the process, which win as they do with
 * npm dotenv. Nothing in them is expanded or run.
 *
 * They come as `environmentVariables`, where `migrate` puts them, so the same reads work before and after it.
 */
export async function readDotenvStandIn({ reference }: Settings<unknown>, surroundings: Surroundings): Promise<DotenvStandIn> {
  const { env, folder, clock } = surroundings
  const variables = new Map<string, Variable>()
  const placeholders = new Set<string>()
  const files: string[] = []
  for (const name of dotenvFiles(reference.environment)) {
    const text = await textOf(join(folder, name))
    if (text === undefined) continue
    files.push(name)
    takeFile(name, text, variables, placeholders)
  }
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue
    variables.set(name, { value, secret: classify(name, value).secret })
    placeholders.delete(name)
  }
  const snapshot: Snapshot = {
    source: files.length > 0 ? 'dotenv' : 'environment',
    environment: `${reference.project}/${reference.environment}`,
    revision: 0,
    closure: [],
    values: freezeDeep({ environmentVariables: Object.fromEntries([...variables].map(([name, { value }]) => [name, value])) }),
    secrets: [...variables].filter(([, { secret }]) => secret).map(([name]) => renderPath(['environmentVariables', name])),
    variables,
    readAt: clock.now(),
  }
  return { snapshot, files, placeholders: [...placeholders] }
}

function takeFile(name: string, text: Uint8Array, variables: Map<string, Variable>, placeholders: Set<string>): void {
  const file = readDotenv(text, { name })
  const classes = new Map([...classifyFile(file)].map(([assignment, classification]) => [assignment.name, classification]))
  for (const [variable, value] of dotenvValues(file)) {
    variables.set(variable, { value, secret: classes.get(variable)?.secret ?? false })
    if (classes.get(variable)?.placeholder) placeholders.add(variable)
    else placeholders.delete(variable)
  }
}

/** The names a stage's own file goes by. */
const STAGE_FILES: Readonly<Record<string, readonly string[]>> = {
  dev: ['development', 'dev'],
  staging: ['stage', 'staging'],
  production: ['prod', 'production'],
}

/** Later ones win. */
function dotenvFiles(environment: string): string[] {
  const stages = STAGE_FILES[environment] ?? [environment]
  return ['.env', '.env.local', ...stages.flatMap((stage) => [`.env.${stage}`, `.env.${stage}.local`])]
}

async function textOf(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new ConfigurationError('FILE_UNREADABLE', { file, reason: code ?? 'unknown reason' })
  }
}
