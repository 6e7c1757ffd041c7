import type { OrganisationId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/** Where a node of this database is reached by the others. Tokens of callers are sent there, so it carries a MAC. */
export interface NodeRow extends Protected {
  /** As leases name it. */
  readonly name: string
  readonly organisation: OrganisationId
  /** An origin: `https://node-1.example.org:4280`. */
  readonly address: string
  readonly announced_at: number
}

export const nodes = defineTable<NodeRow>({
  name: 'nodes',
  protected: true,
  key: ['name'],
  columns: { name: 'text', organisation: 'text', address: 'text', announced_at: 'integer' },
})

export const createNodes: Migration = {
  name: '0034-nodes',
  up: ({ table }) => [table(nodes, { references: { organisation: 'organisations.id' } })],
}
