import type { AddressRules } from './address-rules.ts'
import type { CallLimits } from './call-limits.ts'
import type { HttpClient } from './http-call.ts'
import type { Identity } from './identity.ts'

/** What every source works with; made once by `createProviders`. */
export interface Surroundings {
  readonly http: HttpClient
  readonly rules: AddressRules
  readonly limits: CallLimits
  readonly identity: Identity
  /** The address of all AWS services, where the operator sets one; AWS's own otherwise. */
  readonly awsEndpoint?: string | undefined
  /** Whether an adapter may be asked over plain http, where its address is listed so. */
  readonly allowsPlainHttp: boolean
  readonly folders: readonly string[]
  /** Files and folders of the plane that no document may read. */
  readonly ownFiles: readonly string[]
  /** Globs on names of variables. */
  readonly variables: readonly string[]
  readonly processVariables: Readonly<Record<string, string | undefined>>
}
