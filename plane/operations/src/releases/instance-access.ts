import { type FrozenConfiguration, type PrincipalId, type TokenId } from '@headgate/model'
import type { HeldRole } from '@headgate/model/access'
import type { EnvironmentRow, InstancePinRow } from '@headgate/store'
import type { Caller } from '../plane.ts'

/** What an instance of a release is bound to: these revisions, whatever was saved since. */
export interface Pin {
  readonly instance: string
  readonly configuration: string
  readonly frozen: FrozenConfiguration
}

export function pinOf(row: InstancePinRow): Pin {
  return { instance: row.instance, configuration: row.configuration, frozen: JSON.parse(row.frozen) as FrozenConfiguration }
}

/** An instance may open the environments of its frozen configuration, and do nothing else. */
export function pinnedRoles(frozen: FrozenConfiguration): HeldRole[] {
  const environments = frozen.revisions.map(({ environment }) => environment)
  return [
    {
      role: {
        name: 'instance',
        description: 'opens its release’s configuration',
        statements: [{ effect: 'allow', permissions: ['open'], environments }],
      },
    },
  ]
}

/** An instance as a caller; its name says where it belongs. */
export function pinnedCaller(row: InstancePinRow, principal: PrincipalId, token: TokenId): Caller {
  const pin = pinOf(row)
  return {
    principal,
    name: `instance ${row.instance} of ${row.target} (${row.service})`,
    kind: 'machine',
    token: { id: token, name: `instance ${row.instance}` },
    held: pinnedRoles(pin.frozen),
    pin,
  }
}

/** The revision a pinned caller sees of an environment: the frozen one. Undefined where the environment is not in its closure. */
export function pinnedRevision(pin: Pin, environment: EnvironmentRow): number | undefined {
  return pin.frozen.revisions.find((frozen) => frozen.environmentId === environment.id)?.revision
}
