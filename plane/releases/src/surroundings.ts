import type { Change, Committed, OrganisationId, Result } from '@headgate/model'
import type { Store } from '@headgate/store'
import type { ArtifactStore } from './artifacts/artifact-store.ts'
import type { Clock } from './clock.ts'
import type { ConfigurationSource } from './configuration-source.ts'
import type { Prober } from './probe.ts'
import type { ProcessDriver } from './process/process-driver.ts'
import type { Router } from './router.ts'

/** Seals a Change's audit record and commits both; the journal of releases is written through it and nothing else. */
export interface ChangeWriter {
  commit(change: Change): Promise<Result<Committed>>
}

/** What happened, for the operator's log. Never a value of a configuration. */
export interface LogRecord {
  readonly event: string
  readonly target?: string
  readonly [field: string]: string | number | boolean | undefined
}

/** Everything outside that bringing a release live touches. */
export interface Surroundings {
  readonly organisation: { readonly id: OrganisationId; readonly name: string }
  readonly store: Store
  readonly changes: ChangeWriter
  readonly configuration: ConfigurationSource
  readonly router: Router
  readonly artifacts: ArtifactStore
  readonly driver: ProcessDriver
  readonly clock: Clock
  readonly prober: Prober
  /** Who executes here, as leases name it. */
  readonly owner: string
  readonly log: (record: LogRecord) => void
}
