import { defineTable } from './table.ts'
import type { Migration } from './migration.ts'

/** A setting without rights: nothing is decided by it that an attacker with the disk could not decide anyway. */
export interface SettingRow {
  readonly name: string
  /** JSON. */
  readonly value: string
}

export const settings = defineTable<SettingRow>({
  name: 'settings',
  protected: false,
  key: ['name'],
  columns: { name: 'text', value: 'text' },
})

/** Who may act on something until when. `epoch` rises with every new owner, and fences a paused one out. */
export interface LeaseRow {
  readonly name: string
  readonly owner: string
  readonly epoch: number
  readonly expires_at: number
}

export const leases = defineTable<LeaseRow>({
  name: 'leases',
  protected: false,
  key: ['name'],
  columns: { name: 'text', owner: 'text', epoch: 'integer', expires_at: 'integer' },
})

export const createSettings: Migration = {
  name: '0007-settings',
  up: ({ table }) => [table(settings), table(leases)],
}
