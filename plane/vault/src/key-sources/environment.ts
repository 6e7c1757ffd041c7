import { equalBytes } from '@headgate/crypto'
import { HeadgateError, type Secret } from '@headgate/model'
import { defaultAnchorFile } from './key-file.ts'
import type { KeySource } from './key-source.ts'
import { copyOf, parseRootKey, wipe } from './root-key.ts'

/** The variable a root key is looked for in. */
const ROOT_KEY_VARIABLE = 'HEADGATE_ROOT_KEY'

/**
 * A root key from an environment variable: what set the variable keeps the key. The text is that of a key file's
 * line, so it carries a checksum.
 *
 * @param text what the variable held
 * @throws KEY_UNREADABLE where that is no root key
 */
export function environmentKeySource(text: Secret, variable = ROOT_KEY_VARIABLE): KeySource {
  const place = `the environment variable ${variable}`
  const key = parseRootKey(text, place)
  const requireSame = (other: Secret<Uint8Array>) => {
    if (!equalBytes(key.reveal(), other.reveal())) throw new HeadgateError('KEY_EXISTS', { place })
  }
  return {
    kind: 'environment',
    place: () => place,
    anchorFile: defaultAnchorFile,
    load: async () => copyOf(key),
    async wrap(_folderId, other) {
      requireSame(other)
      return undefined
    },
    store: async (_folderId, other) => requireSame(other),
    withdraw: async () => undefined,
    close: () => wipe(key),
  }
}
