import type { Answer, Input, RouteName } from '@headgate/contract'
import type { AuditDetail, Expectation, OrganisationId, PrincipalId, Result, TokenId, Write } from '@headgate/model'
import type { HeldRole, TokenLimit } from '@headgate/model/access'
import type { Releases } from '@headgate/releases'
import type { Database, Store } from '@headgate/store'
import type { ChangeWriter, KeyRotation, Vault } from '@headgate/vault'
import type { Counts, Statistics } from './health/statistics.ts'
import type { Refusals } from './audit/refusals.ts'
import type { PlaneIdentity } from './identity/plane-identity.ts'
import type { Kept } from './kept/kept.ts'
import type { Rendered } from './kept/rendered.ts'
import type { Nodes } from './nodes/nodes.ts'
import type { NamedProviders } from './providers/language-providers.ts'
import type { Pin } from './releases/instance-access.ts'
import type { IssuerKeys } from './trust/issuer-keys.ts'
import type { Outbound } from './webhooks/outbound.ts'

/** What every use case works on. One plain object, built by plane/main. */
export interface Plane {
  readonly database: Database
  readonly store: Store
  readonly vault: Vault
  readonly changes: ChangeWriter
  /** Shows the installation's keys, and rotates them. */
  readonly keys: KeyRotation
  /** Outside sources of secrets, and rotators; without them the language reports a call to one at its place. */
  readonly providers?: NamedProviders
  /** Sends webhooks, to where the operator allows. */
  readonly outbound?: Outbound
  /** Whose identity tokens may be trusted at all; absent for GitHub Actions alone. */
  readonly issuers?: readonly string[]
  /** How long audit records are kept, in milliseconds. Default: seven years. */
  readonly auditRetention?: number
  readonly organisation: { readonly id: OrganisationId; readonly name: string }
  readonly version: string
  /** When the process began, in milliseconds since 1970. */
  readonly started: number
  /** Milliseconds since 1970. */
  now(): number
}

/** A plane that also brings releases live; what use cases of requests work on. */
export interface RunningPlane extends Plane {
  readonly releases: Releases
  /** The other nodes; absent where there can be none. */
  readonly nodes?: Nodes
  /** Where the router takes traffic, as `http://host:port`; undefined while none runs. */
  routerUrl(): string | undefined
  /** Who the plane says it is outside. */
  readonly identity: PlaneIdentity
  /** The keys that identity tokens are checked with. */
  readonly issuerKeys: IssuerKeys
  /** Keeps denials and failures on record. */
  readonly refusals: Refusals
  /** What is remembered from request to request. */
  readonly kept: Kept
  /** What use cases count. */
  readonly counts: Counts
  statistics(): Statistics
  /** All figures as Prometheus reads them. */
  renderMetrics(): Promise<string>
}

/** Who asks, as their token shows. */
export interface Caller {
  readonly principal: PrincipalId
  readonly name: string
  readonly kind: 'user' | 'machine'
  readonly token: { readonly id: TokenId; readonly name: string; readonly expires?: number; readonly limit?: TokenLimit }
  readonly held: readonly HeldRole[]
  /** Set for an instance of a release: the frozen revisions it sees, whatever was saved since. */
  readonly pin?: Pin
}

/** Where a request came from, for the audit log. */
export interface RequestOrigin {
  readonly request: string
  readonly address: string
  /** The node that passed it on. */
  readonly via?: string
}

/**
 * What a use case comes to. It never writes: `expect` and `writes` become one Change with the route's audit record,
 * and `answer` leaves only after that is on disk. `details` go into the sealed part of the record: names and numbers,
 * never values.
 */
export interface Outcome<A> {
  readonly answer: A | Rendered
  readonly expect?: readonly Expectation[]
  readonly writes?: readonly Write[]
  readonly details?: { readonly [name: string]: AuditDetail }
}

/** The rights the route asks for have been decided before a use case runs; finer ones are its own to decide. */
export type UseCase<K extends RouteName> = (plane: RunningPlane, caller: Caller, input: Input<K>) => Promise<Result<Outcome<Answer<K>>>>
