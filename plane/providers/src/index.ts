/**
 * Outside sources of secrets, and rotators: one file each under sources/, all behind the two interfaces of
 * outside-source.ts. They remember nothing and read only what the operator lists.
 *
 * To add a source: its file under sources/, its line in `sourceMakers` (or `rotatorMakers`), its double and its cases in
 * test/, where the suite that every source must pass is run on it, and its chapter in docs/reference/providers.md.
 */
import type { CallContext, Failure, Inputs, SchemaSource } from '@headgate/lang'
import { addressRules } from './address-rules.ts'
import { CALL_LIMITS, type CallLimitSettings, callLimits } from './call-limits.ts'
import { createHttpClient } from './http-call.ts'
import type { Identity } from './identity.ts'
import { type Opened, type OutsideRotator, type OutsideSource, SourceFault } from './outside-source.ts'
import { awsLogin } from './sources/aws-login.ts'
import { awsParameterStore } from './sources/aws-parameter-store.ts'
import { awsSecrets } from './sources/aws-secrets.ts'
import { env } from './sources/env.ts'
import { external, externalRotator } from './sources/external.ts'
import { file } from './sources/file.ts'
import { vaultLogin } from './sources/vault-login.ts'
import { vaultSecrets } from './sources/vault-secrets.ts'
import type { Surroundings } from './surroundings.ts'

export { type AddressRules, addressRules } from './address-rules.ts'
export type { Identity, IdentityRequest } from './identity.ts'
export { type Opened, SourceFault } from './outside-source.ts'

const sourceMakers: Readonly<Record<string, (surroundings: Surroundings) => OutsideSource>> = {
  'aws-login': awsLogin,
  'aws-parameter-store': awsParameterStore,
  'aws-secrets': awsSecrets,
  env,
  external,
  file,
  'vault-login': vaultLogin,
  'vault-secrets': vaultSecrets,
}

const rotatorMakers: Readonly<Record<string, (surroundings: Surroundings) => OutsideRotator>> = {
  external: externalRotator,
}

/** What the operator of the plane lets documents reach. Nothing is reachable unless it is listed. */
export interface ProviderSettings {
  /** Origins such as `https://vault.example.org:8200` or `https://*.amazonaws.com`. */
  readonly addresses?: readonly string[]
  /** Folders that `file` may read below. */
  readonly folders?: readonly string[]
  /** Names, or globs on names, of the process's variables that `env` may read. */
  readonly variables?: readonly string[]
  /** Files and folders of the plane itself: never read, wherever they are. */
  readonly ownFiles?: readonly string[]
  /** One address for all AWS services, instead of AWS's own. */
  readonly awsEndpoint?: string | undefined
  readonly identity: Identity
  readonly limits?: Partial<CallLimitSettings>
  readonly processVariables?: Readonly<Record<string, string | undefined>>
}

export interface OutsideProvider {
  schema(): { readonly inputs: SchemaSource; readonly outputs: SchemaSource }
  open(inputs: Inputs, context: CallContext): Promise<Opened | Failure>
}

export interface OutsideRotation {
  schema(): { readonly inputs: SchemaSource; readonly state: SchemaSource; readonly outputs: SchemaSource }
  open(inputs: Inputs, state: Inputs | null, context: CallContext): Promise<Opened | Failure>
  rotate(inputs: Inputs, state: Inputs | null, context: CallContext): Promise<Opened | Failure>
}

export interface OutsideProviders {
  readonly providerNames: readonly string[]
  readonly rotatorNames: readonly string[]
  provider(name: string): OutsideProvider | Failure
  rotator(name: string): OutsideRotation | Failure
  /** Ends idle connections. */
  close(): void
}

/**
 * All providers and rotators under one operator's settings. A failed call is a `Failure` in words without any value of
 * what was sent or received; only a bug or an aborted run throws.
 *
 * @throws TypeError for an entry of `addresses` that is no origin
 */
export function createProviders(settings: ProviderSettings): OutsideProviders {
  const addresses = settings.addresses ?? []
  const rules = addressRules(addresses)
  const http = createHttpClient(rules)
  const surroundings: Surroundings = {
    http,
    rules,
    limits: callLimits({ ...CALL_LIMITS, ...settings.limits }),
    identity: settings.identity,
    awsEndpoint: settings.awsEndpoint,
    allowsPlainHttp: addresses.some((address) => address.startsWith('http:')),
    folders: settings.folders ?? [],
    ownFiles: settings.ownFiles ?? [],
    variables: settings.variables ?? [],
    processVariables: settings.processVariables ?? process.env,
  }
  const providers = new Map(Object.entries(sourceMakers).map(([name, make]) => [name, provided(make(surroundings))]))
  const rotators = new Map(Object.entries(rotatorMakers).map(([name, make]) => [name, rotated(make(surroundings))]))
  return {
    providerNames: [...providers.keys()],
    rotatorNames: [...rotators.keys()],
    provider: (name) => providers.get(name) ?? { failure: `unknown provider "${name}"` },
    rotator: (name) => rotators.get(name) ?? { failure: `unknown rotator "${name}"` },
    close: () => http.close(),
  }
}

function provided(source: OutsideSource): OutsideProvider {
  return {
    schema: () => ({ inputs: source.inputs, outputs: source.outputs }),
    open: (inputs, context) => inWords(source.open(inputs, context)),
  }
}

function rotated(rotator: OutsideRotator): OutsideRotation {
  return {
    schema: () => ({ inputs: rotator.inputs, state: rotator.state, outputs: rotator.outputs }),
    open: (inputs, state, context) => inWords(rotator.open(inputs, state, context)),
    rotate: (inputs, state, context) => inWords(rotator.rotate(inputs, state, context)),
  }
}

async function inWords(opening: Promise<Opened>): Promise<Opened | Failure> {
  try {
    return await opening
  } catch (error) {
    if (error instanceof SourceFault) return { failure: error.message }
    throw error
  }
}
