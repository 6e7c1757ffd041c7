import { resolve } from 'node:path'
import { HeadgateError } from '@headgate/model'
import {
  type NamedProviders,
  type Outbound,
  type Plane,
  type PlaneIdentity,
  createIdentity,
  createOutbound,
  languageProviders,
} from '@headgate/operations'
import { addressRules, createProviders } from '@headgate/providers'

/** What environments may reach outside, as the operator says. Nothing is reachable unless it is listed. */
export interface OutsideOptions {
  /** Origins that providers may call: `https://vault.example.org:8200`, `https://*.amazonaws.com`. */
  readonly addresses?: readonly string[]
  /** Origins that webhooks may be sent to, written alike. */
  readonly webhookAddresses?: readonly string[]
  /** Folders that the provider `file` may read below. */
  readonly folders?: readonly string[]
  /** Names, or globs on names, of variables of this process that the provider `env` may read. */
  readonly variables?: readonly string[]
  /** One address for all services of AWS, instead of AWS's own. */
  readonly awsEndpoint?: string
  /** How this plane is reached from outside, for whoever checks its identity; where it listens, if absent. */
  readonly publicUrl?: string
}

export interface Outside {
  readonly identity: PlaneIdentity
  readonly providers: NamedProviders
  readonly outbound: Outbound
  close(): void
}

/**
 * The identity of the plane and the providers that use it.
 *
 * @param ownFiles the plane's own files and folders, which no document may read
 * @throws SETTING_INVALID for an address that is none
 */
export function openOutside(plane: Plane, options: OutsideOptions, listensAt: () => string, ownFiles: readonly string[]): Outside {
  const identity = createIdentity(plane, () => (options.publicUrl ?? listensAt()).replace(/\/+$/, ''))
  const outbound = settled('webhook-address', () => createOutbound(options.webhookAddresses ?? []))
  const outside = settled('provider-address', () =>
    createProviders({
      identity,
      ownFiles,
      folders: (options.folders ?? []).map((folder) => resolve(folder)),
      ...(options.addresses ? { addresses: options.addresses } : {}),
      ...(options.variables ? { variables: options.variables } : {}),
      ...(options.awsEndpoint ? { awsEndpoint: options.awsEndpoint } : {}),
    }),
  )
  return { identity, outbound, providers: languageProviders(outside), close: () => outside.close() }
}

/** @throws SETTING_INVALID for an address that is none, before there is a plane that it is of */
export function proveOutside({ addresses = [], webhookAddresses = [] }: OutsideOptions): void {
  settled('provider-address', () => addressRules(addresses))
  settled('webhook-address', () => addressRules(webhookAddresses))
}

function settled<T>(setting: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof TypeError) throw new HeadgateError('SETTING_INVALID', { setting, reason: error.message })
    throw error
  }
}
