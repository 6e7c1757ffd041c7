import { Secret } from '@headgate/model'
import type { EnvironmentValue } from '@headgate/scan'
import type { CommandContext } from '../command.ts'
import { CommandEnded, need } from '../outcome.ts'
import type { Connection } from '../plane/connection.ts'

/** What is there of an environment that files go into. */
export interface ExistingEnvironment {
  readonly revision: number
  readonly text: string
  readonly variables: ReadonlyMap<string, EnvironmentValue>
}

/** By environment name; an environment that is not there is not in it. */
export type Existing = ReadonlyMap<string, ExistingEnvironment>

export const NOTHING_EXISTS: Existing = new Map()

/** Opens what is there of a project's environments, each at the revision whose text is kept beside. */
export async function existingEnvironments(connection: Connection, project: string, environments: readonly string[]): Promise<Existing> {
  const organisation = await connection.organisation()
  const existing = new Map<string, ExistingEnvironment>()
  for (const environment of environments) {
    const params = { organisation, project, environment }
    const read = await connection.client.call('readEnvironment', { params })
    if (!read.ok && read.problem.code === 'ENV_NOT_FOUND') continue
    const { revision, text } = need(read)
    const variables = await openVariables(connection, params, revision)
    existing.set(environment, { revision, text, variables })
  }
  return existing
}

/** The environment variables an environment gives, at one revision or now. */
export async function openVariables(
  { client }: Connection,
  params: { organisation: string; project: string; environment: string },
  revision?: number,
): Promise<Map<string, EnvironmentValue>> {
  const query = revision === undefined ? {} : { version: String(revision) }
  const { variables } = need(await client.call('openEnvironment', { params, query }))
  return new Map(variables.map(({ name, value, secret }) => [name, { value: new Secret(value), secret }]))
}

/** A plan may be made before there is a plane: then nothing counts as existing, and that is said. */
export async function existingIfReachable(context: CommandContext, project: string, environments: readonly string[]): Promise<Existing> {
  try {
    return await existingEnvironments(await context.connect(), project, environments)
  } catch (error) {
    if (!(error instanceof CommandEnded) || !['NOT_LOGGED_IN', 'PLANE_UNREACHABLE'].includes(error.problem.code)) throw error
    context.output.note(`${error.problem.message}: everything counts as new`)
    return NOTHING_EXISTS
  }
}
