import { type EnvironmentName, type EnvironmentReference, fullName } from '@headgate/model'
import { end } from '../outcome.ts'

/** The parameters of a route about an environment. */
export function paramsOf({ organisation, project, environment }: EnvironmentName): EnvironmentName {
  return { organisation, project, environment }
}

/** The query that asks for one version; empty for the newest. */
export function versionOf({ version }: EnvironmentReference): { version?: string } {
  return version === undefined ? {} : { version: String(version) }
}

/** A reference for a command that changes an environment, which is only ever done on its newest revision. */
export function withoutVersion(reference: EnvironmentReference, command: string): EnvironmentName {
  if (reference.version !== undefined) {
    end('USAGE', { reason: `${fullName(reference)}@${reference.version} names a revision, and a revision never changes`, command })
  }
  return paramsOf(reference)
}
