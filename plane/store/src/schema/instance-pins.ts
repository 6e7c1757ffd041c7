import type { OrganisationId, TokenId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/** Which frozen configuration an instance of a release may open with its token, and nothing else. */
export interface InstancePinRow extends Protected {
  readonly instance: string
  readonly organisation: OrganisationId
  readonly token: TokenId
  /** `organisation/project/environment` of the target. */
  readonly target: string
  readonly service: string
  /** JSON: the model's `FrozenConfiguration`. */
  readonly frozen: string
  /** Its digest, which the instance confirms once it has taken it over. */
  readonly configuration: string
  readonly created_at: number
}

export const instancePins = defineTable<InstancePinRow>({
  name: 'instance_pins',
  protected: true,
  key: ['instance'],
  columns: {
    instance: 'text',
    organisation: 'text',
    token: 'text',
    target: 'text',
    service: 'text',
    frozen: 'text',
    configuration: 'text',
    created_at: 'integer',
  },
})

export const createInstancePins: Migration = {
  name: '0008-instance-pins',
  up: ({ table, index }) => [
    table(instancePins, { references: { organisation: 'organisations.id' } }),
    index('instance_pins_token', 'instance_pins', ['token'], { unique: true }),
  ],
}
