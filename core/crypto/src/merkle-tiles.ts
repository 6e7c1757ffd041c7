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
  const frontier = append(tree.frontier, leaves, (level, position, hash) => {
    if (level % TILE_HEIGHT !== 0) return
    const hashes = (open[level / TILE_HEIGHT] ??= [])
    hashes.push(hash)
    if (hashes.length < TILE_WIDTH) return
    tiles.push({ level: level / TILE_HEIGHT, position: (position + 1) / TILE_WIDTH - 1, hashes: Buffer.concat(hashes) })
    open[level / TILE_HEIGHT] = []
  })
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
  let row = hashes
  while (row.length > HASH_LENGTH) {
    const above = Buffer.allocUnsafe(row.length / 2)
    for (let start = 0; start < row.length; start += 2 * HASH_LENGTH)
      above.set(nodeHash(row.subarray(start, start + HASH_LENGTH), row.subarray(start + HASH_LENGTH, start + 2 * HASH_LENGTH)), start / 2)
    row = above
  }
  return row
}
