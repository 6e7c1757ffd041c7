import type { FrozenConfiguration, PrincipalId, ReleaseId, ReleaseTarget, Result, Secret } from '@headgate/model'
import type { TokenLimit } from '@headgate/model/access'

/** Who asked for something, as the audit log names it. `principal` is null for the plane itself. */
export interface Actor {
  readonly principal: PrincipalId | null
  readonly name: string
  /** What the token that asks leaves of their rights; absent where it leaves all. */
  readonly limit?: TokenLimit
}

/** An instance as the configuration side knows it: it has a token of its own, pinned to its release's configuration. */
export interface InstanceIdentity {
  readonly id: string
  readonly target: ReleaseTarget
  readonly service: string
  readonly release: ReleaseId
}

/** What a process is started with. */
export interface InstanceSettings {
  readonly variables: Readonly<Record<string, string | Secret>>
  /** Contents of files by the variable that says where the file is. */
  readonly files: Readonly<Record<string, string | Secret>>
}

/**
 * Where configuration comes from. Whoever implements it commits the audit record of every secret read before the value
 * leaves; nothing here keeps a value longer than it takes to start a process.
 *
 * A refusal (`ok: false`) fails the step, and so the release; an exception is broken surroundings and is reported alike.
 */
export interface ConfigurationSource {
  /** The import closure of `project/environment[@tag or revision]`, each environment at its exact revision. */
  freeze(order: { readonly target: ReleaseTarget; readonly reference: string; readonly by: Actor }): Promise<Result<FrozenConfiguration>>
  /** Whether what is frozen can be used, without touching a secret. The notes are shown with the plan. */
  check(order: {
    readonly target: ReleaseTarget
    readonly frozen: FrozenConfiguration
  }): Promise<Result<{ readonly notes: readonly string[] }>>
  /** Makes sure that what is about to be replaced can be returned to. The same key, the same back-up. */
  backUp(order: {
    readonly target: ReleaseTarget
    readonly frozen: FrozenConfiguration
    readonly key: string
  }): Promise<Result<{ readonly id: string }>>
  /** Opens everything and compares with the frozen hashes. `dynamic` are paths whose values come from a provider and are not frozen. */
  verify(order: {
    readonly target: ReleaseTarget
    readonly frozen: FrozenConfiguration
  }): Promise<Result<{ readonly dynamic: readonly string[] }>>
  /**
   * What the process of an instance gets besides PORT, its token included. Asked anew at every start: the values are
   * those of the frozen revisions, the token is a new one and ends the one before.
   */
  admit(order: { readonly instance: InstanceIdentity; readonly frozen: FrozenConfiguration }): Promise<Result<InstanceSettings>>
  /** The `files` of a frozen configuration, for an instance that takes it over while it runs. */
  files(order: { readonly instance: InstanceIdentity; readonly frozen: FrozenConfiguration }): Promise<Result<InstanceSettings['files']>>
  /** Pins a running instance's token to another frozen configuration and tells it so. The same key, the same delivery. */
  deliver(order: { readonly instance: InstanceIdentity; readonly frozen: FrozenConfiguration; readonly key: string }): Promise<Result<void>>
  /** The digest of the configuration that a running instance confirmed last; undefined where it never did. */
  delivered(order: { readonly instance: InstanceIdentity }): Promise<string | undefined>
  /** Ends the token of an instance that is gone. */
  dismiss(order: { readonly instance: InstanceIdentity }): Promise<void>
}
