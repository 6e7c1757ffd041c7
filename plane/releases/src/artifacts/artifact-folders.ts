import { join } from 'node:path'

/** The folder of the artifact store, in a data folder. */
export const ARTIFACTS = 'artifacts'

/** Where the parts of the artifact store lie. */
export interface ArtifactFolders {
  /** Every file once, under its hash. */
  readonly files: string
  readonly manifests: string
  /** A folder per artifact, which its instances run in. */
  readonly trees: string
  /** Which artifacts nothing needs, each with the time since when: what was removed has none any more. */
  readonly unneeded: string
  /** What is being written; emptied at every start. */
  readonly temporary: string
}

export function filePath(folders: ArtifactFolders, hash: string): string {
  return join(folders.files, hash.slice(0, 2), hash)
}

export function manifestPath(folders: ArtifactFolders, digest: string): string {
  return join(folders.manifests, `${digest}.json`)
}

export function markPath(folders: ArtifactFolders, digest: string): string {
  return join(folders.unneeded, digest)
}

/** SHA-256 in hexadecimal: how files and artifacts are called. */
export const HASH = /^[0-9a-f]{64}$/
