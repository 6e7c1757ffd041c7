import type { OrganisationId } from '@headgate/model'
import { type Protected, defineTable } from './table.ts'
import type { Migration } from './migration.ts'

export interface OrganisationRow extends Protected {
  readonly id: OrganisationId
  readonly name: string
  readonly created_at: number
}

export const organisations = defineTable<OrganisationRow>({
  name: 'organisations',
  protected: true,
  key: ['id'],
  columns: { id: 'text', name: 'text', created_at: 'integer' },
})

/** A project is known by its name inside its organisation. */
export interface ProjectRow extends Protected {
  readonly organisation: OrganisationId
  readonly name: string
  readonly created_at: number
}

export const projects = defineTable<ProjectRow>({
  name: 'projects',
  protected: true,
  key: ['organisation', 'name'],
  columns: { organisation: 'text', name: 'text', created_at: 'integer' },
})

export const createOrganisations: Migration = {
  name: '0001-organisations',
  up: ({ table, index }) => [
    table(organisations),
    index('organisations_name', 'organisations', ['name'], { unique: true }),
    table(projects, { references: { organisation: 'organisations.id' } }),
  ],
}
