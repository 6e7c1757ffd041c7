import type { InstanceState, OrganisationId, ReleaseId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/**
 * One copy of a service. Written before its process is started; the process itself is found again by its claim, which
 * names this row and the attempt.
 */
export interface InstanceRow extends Protected {
  readonly id: string
  readonly organisation: OrganisationId
  readonly project: string
  readonly environment: string
  readonly service: string
  /** The release it runs as: what it was started for, or what was delivered to it since. */
  readonly release: ReleaseId
  /** Digest of what it executes. */
  readonly code: string
  /** Digest of the configuration it is pinned to. */
  readonly configuration: string
  readonly state: InstanceState
  /** Counts its processes; the first is 1. */
  readonly attempt: number
  /** Where the process of this attempt was told to listen. */
  readonly port: number
  readonly started_at: number
  readonly ended_at: number | null
  /** Why it is where it is, in one sentence. */
  readonly detail: string | null
}

export const instances = defineTable<InstanceRow>({
  name: 'instances',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    project: 'text',
    environment: 'text',
    service: 'text',
    release: 'text',
    code: 'text',
    configuration: 'text',
    state: 'text',
    attempt: 'integer',
    port: 'integer',
    started_at: 'integer',
    ended_at: 'integer?',
    detail: 'text?',
  },
})

export const createInstances: Migration = {
  name: '0011-instances',
  up: ({ table, index }) => [
    table(instances, { references: { organisation: 'organisations.id' } }),
    index('instances_target', 'instances', ['organisation', 'project', 'environment', 'started_at']),
  ],
}
