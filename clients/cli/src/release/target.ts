import type { Connection } from '../plane/connection.ts'
import type { CommandContext } from '../command.ts'
import { end } from '../outcome.ts'
import type { Application } from './application-folder.ts'
import { readApplication } from './application-folder.ts'

/** Where a command's releases go. */
export interface Target {
  readonly organisation: string
  readonly project: string
  readonly environment: string
}

/** The target a command means: the project said or the application file's, the environment said or the file's only one. */
export async function targetOf(context: CommandContext, connection: Connection, application?: Application): Promise<Target> {
  const { invocation, spec } = context
  const said = { project: invocation.option('project'), environment: invocation.option('environment') }
  const file =
    said.project !== undefined && said.environment !== undefined ? undefined : (application ?? (await readApplication(context))).file
  const known = Object.keys(file?.environments ?? {})
  const only = known.length === 1 ? known[0] : undefined
  const environment = said.environment ?? only
  if (environment === undefined) {
    return end('USAGE', { reason: `no environment: say --environment, one of ${known.join(', ')}`, command: spec.name })
  }
  return { organisation: await connection.organisation(), project: said.project ?? file?.project ?? '', environment }
}

export function targetName({ project, environment }: Target): string {
  return `${project}/${environment}`
}
