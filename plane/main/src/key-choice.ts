import { HeadgateError, type Secret } from '@headgate/model'
import {
  type KeySource,
  type RotationTargets,
  environmentKeySource,
  keyFileSource,
  passphraseKeySource,
  transitKeySource,
} from '@headgate/vault'

/** Which source holds the root key, and what it takes to use it. What stands beside the one in use is where the key can be moved to. */
export interface KeyChoice {
  readonly source: 'file' | 'passphrase' | 'environment' | 'kms'
  /** The key file; default: in the user's configuration, named by the data folder's id. */
  readonly file?: string
  readonly passphrase?: Secret
  /** What the variable holds: the line of a key file. */
  readonly key?: Secret
  readonly kms?: {
    readonly url: string
    readonly key: string
    readonly mount?: string
    readonly namespace?: string
    /** Asked for with every request. */
    readonly token: () => Promise<Secret>
  }
}

/** The key in a file at its usual place. */
export const usualKey: KeyChoice = { source: 'file' }

/**
 * The sources a choice speaks of. Nothing is opened or asked yet.
 *
 * @throws KEY_MISSING where what the source in use needs is not there; KEY_UNREADABLE, KMS_INSECURE
 */
export function keySourcesOf(
  choice: KeyChoice,
  onRenewalFailed?: (error: unknown) => void,
): { keySource: KeySource; targets: RotationTargets } {
  const { source, file, passphrase, key, kms } = choice
  const inFile = keyFileSource(file === undefined ? {} : { file })
  const service = kms && transitKeySource({ ...kms, ...(onRenewalFailed ? { onRenewalFailed } : {}) })
  const targets = { file: inFile, ...(service ? { kms: service } : {}) }
  const needed = <T>(what: T | undefined, place: string): T => {
    if (what === undefined) throw new HeadgateError('KEY_MISSING', { place })
    return what
  }
  switch (source) {
    case 'file':
      return { keySource: inFile, targets }
    case 'passphrase':
      return { keySource: passphraseKeySource(needed(passphrase, 'the passphrase')), targets }
    case 'environment':
      return { keySource: environmentKeySource(needed(key, 'the environment variable HEADGATE_ROOT_KEY')), targets }
    case 'kms':
      return { keySource: needed(service, 'the key service'), targets }
  }
}
