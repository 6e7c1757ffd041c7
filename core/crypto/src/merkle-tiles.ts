/**
 * The tree's hashes in tiles of 256, as the C2SP tlog formats group them: tile (level, position) holds the hashes of
 * tree level `8 * level` from `256 * position`. What lies between is worked out when it is needed.
 */
import { HASH_LENGTH } from './hash.ts'
import { type Frontier, type SubtreeReader, append, emptyFrontier, nodeHash } from './merkle.ts'

export const TILE_HEIGHT = 8
export const TILE_WIDTH = 256
export const TILE_BYTES = TILE_WIDTH * HASH_LENGTH

export interface Tile {
  readonly level: number
  readonly position: number
  readonly hashes: Uint8Array
}

/** A tree that is being appended to: its frontier, and the hashes of the tiles that are not full yet, by tile level. */
export interface GrowingTree {
  readonly frontier: Frontier
  readonly open: readonly (readonly Uint8Array[])[]
}

export const emptyTree: GrowingTree = { frontier: emptyFrontier, open: [] }

/** Appends leaves; answers the tree with them and every tile they filled. The tree given stays as it is. */
export function grow(tree: GrowingTree, leaves: readonly Uint8Array[]): { tree: GrowingTree; tiles: Tile[] } {
  const open = tree.open.map((hashes) => hashes.slice())
  const tiles: Tile[] = []
  let frontier = tree.frontier
  for (const leaf of leaves) {
    const { size } = frontier
    frontier = append(frontier, leaf, (level, hash) => {
      if (level % TILE_HEIGHT !== 0) return
      const tileLevel = level / TILE_HEIGHT
      const hashes = (open[tileLevel] ??= [])
      hashes.push(hash)
      if (hashes.length < TILE_WIDTH) return
      tiles.push({ level: tileLevel, position: Math.floor(size / 2 ** (level + TILE_HEIGHT)), hashes: Buffer.concat(hashes) })
      open[tileLevel] = []
    })
  }
  return { tree: { frontier, open }, tiles }
}

/** Reads a tile's hashes; of the last one of a level, those that are known. */
export type TileReader = (level: number, position: number) => Uint8Array

/** Any perfect subtree's root, from tiles. */
export function subtreesFromTiles(tile: TileReader): SubtreeReader {
  return (level, position) => {
    const within = level % TILE_HEIGHT
    const first = position * 2 ** within
    const hashes = tile((level - within) / TILE_HEIGHT, Math.floor(first / TILE_WIDTH))
    const start = (first % TILE_WIDTH) * HASH_LENGTH
    const wanted = hashes.subarray(start, start + 2 ** within * HASH_LENGTH)
    if (wanted.length < 2 ** within * HASH_LENGTH) throw new RangeError(`the tile at level ${level} is not filled that far`)
    return perfectRoot(wanted)
  }
}

/** The root of a perfect subtree, from its lowest hashes one after the other: of a full tile, say. */
export function perfectRoot(hashes: Uint8Array): Uint8Array {
  let row = Array.from({ length: hashes.length / HASH_LENGTH }, (_, n) => hashes.subarray(n * HASH_LENGTH, (n + 1) * HASH_LENGTH))
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, n) => nodeHash(row[2 * n] as Uint8Array, row[2 * n + 1] as Uint8Array))
  }
  return row[0] as Uint8Array
}
