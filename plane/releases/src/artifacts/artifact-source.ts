/** What another node has of artifacts. Nothing of it is believed: bytes are kept only under the hash they have. */
export interface OtherArtifacts {
  /** The manifest of an artifact, as its JSON text; undefined where it is not there. */
  manifest(digest: string): Promise<string | undefined>
  /** A file by its hash; undefined where it is not there. Read to its end before the next is asked for. */
  file(hash: string): Promise<AsyncIterable<Uint8Array> | undefined>
}

/** Where artifacts may be that are not here: the other nodes of the database. */
export interface ArtifactSource {
  /** Asks one after another, until `act` says that it has what it looked for. Those that cannot be reached are passed over. */
  ask(act: (other: OtherArtifacts) => Promise<boolean>): Promise<void>
}
