import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '@headgate/model'
import { type KeySource, environmentKeySource, passphraseKeySource, transitKeySource } from '@headgate/vault'

/** Where a root key can be, besides a file. */
export const otherSources = ['passphrase', 'environment', 'kms'] as const
export type OtherSource = (typeof otherSources)[number]

/** What a source takes besides what is in the folder. */
export interface SourceParts {
  /** The line of a key file. */
  readonly line?: string | undefined
  readonly url?: string | undefined
}

/** The file below a folder that holds the passphrase, or the key service's token. */
export function entryFile(folder: string): string {
  return join(folder, 'entry')
}

/** The least the format allows: nobody guesses here. */
const cheap = { memory: 8 * 1024, passes: 1, lanes: 1 }

export function keySourceOf(source: OtherSource, folder: string, { line = '', url = '' }: SourceParts): KeySource {
  const entry = (): Secret => new Secret(readFileSync(entryFile(folder), 'utf8'))
  const sources: Record<OtherSource, () => KeySource> = {
    passphrase: () => passphraseKeySource(entry(), cheap),
    environment: () => environmentKeySource(new Secret(line)),
    kms: () => transitKeySource({ url, key: 'headgate', token: async () => entry() }),
  }
  // Nothing is kept in the configuration of whoever runs this.
  return { ...sources[source](), anchorFile: () => undefined }
}
