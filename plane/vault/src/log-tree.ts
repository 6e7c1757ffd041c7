import {
  type GrowingTree,
  HASH_LENGTH,
  type SubtreeReader,
  TILE_WIDTH,
  type TileReader,
  emptyTree,
  frontierAt,
  perfectRoot,
  subtreesFromTiles,
} from '@headgate/crypto'
import type { Row } from '@headgate/model'
import type { AuditRow, Snapshot } from '@headgate/store'
import { auditLeaf } from './log-sequencer.ts'

/** How many records have a place in the log. */
export function logSize(snapshot: Snapshot): number {
  const last = snapshot.all('select max("leaf") as "last" from "audit"')[0]?.['last']
  return last === null || last === undefined ? 0 : Number(last) + 1
}

/** The newest signed checkpoint of the database. */
export function newestCheckpoint(snapshot: Snapshot): string | undefined {
  const row = snapshot.all('select "note" from "checkpoints" order by "size" desc limit 1')[0]
  return row === undefined ? undefined : String(row['note'])
}

/**
 * Reads any perfect subtree of the stored log. Full tiles are read as they stand; the open ends of the levels are
 * worked out from the records and the tiles below.
 *
 * @param size how many records the log has in this snapshot
 */
export function storedSubtrees(snapshot: Snapshot, size: number): SubtreeReader {
  return subtreesFromTiles(storedTiles(snapshot, size))
}

function storedTiles(snapshot: Snapshot, size: number): TileReader {
  const known = new Map<string, Uint8Array>()
  const read: TileReader = (level, position) => {
    const name = `${level}/${position}`
    const tile = known.get(name) ?? fullTile(snapshot, level, position) ?? openTile(snapshot, size, level, position, read)
    known.set(name, tile)
    return tile
  }
  return read
}

function fullTile(snapshot: Snapshot, level: number, position: number): Uint8Array | undefined {
  const rows = snapshot.all('select "hashes" from "audit_tiles" where "level" = ? and "position" = ?', [level, position])
  return rows[0]?.['hashes'] as Uint8Array | undefined
}

function openTile(snapshot: Snapshot, size: number, level: number, position: number, read: TileReader): Uint8Array {
  const first = position * TILE_WIDTH
  if (level === 0) {
    const rows = snapshot.all('select * from "audit" where "leaf" >= ? and "leaf" < ? order by "leaf"', [first, first + TILE_WIDTH])
    return Buffer.concat(rows.map((row) => auditLeaf(auditRow(row))))
  }
  const end = Math.min(Math.floor(size / TILE_WIDTH ** level), first + TILE_WIDTH)
  const hashes: Uint8Array[] = []
  for (let n = first; n < end; n += 1) hashes.push(perfectRoot(read(level - 1, n)))
  return Buffer.concat(hashes)
}

/** The log as it can be appended to. */
export function loadTree(snapshot: Snapshot): GrowingTree {
  const size = logSize(snapshot)
  if (size === 0) return emptyTree
  const tiles = storedTiles(snapshot, size)
  const open: Uint8Array[][] = []
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
    const filled = count % TILE_WIDTH
    open[level] = filled === 0 ? [] : splitHashes(tiles(level, Math.floor(count / TILE_WIDTH)), filled)
  }
  return { frontier: frontierAt(size, subtreesFromTiles(tiles)), open }
}

function splitHashes(tile: Uint8Array, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, n) => tile.subarray(n * HASH_LENGTH, (n + 1) * HASH_LENGTH))
}

/** A row read without the store's queries, as what it is. */
export function auditRow(row: Row): AuditRow {
  return row as unknown as AuditRow
}
