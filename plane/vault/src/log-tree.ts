import {
  type GrowingTree,
  HASH_LENGTH,
  type SubtreeReader,
  TILE_WIDTH,
  type TileReader,
  auditLeafHash,
  emptyTree,
  frontierAt,
  perfectRoot,
  subtreesFromTiles,
} from '@headgate/crypto'
import type { Row } from '@headgate/model'
import type { AuditRow, Snapshot } from '@headgate/store'

/** How many records have a place in the log. */
export async function logSize(snapshot: Snapshot): Promise<number> {
  const last = (await snapshot.all('select max("leaf") as "last" from "audit"'))[0]?.['last']
  return last === null || last === undefined ? 0 : Number(last) + 1
}

/** The newest signed checkpoint of the database. */
export async function newestCheckpoint(snapshot: Snapshot): Promise<string | undefined> {
  const row = (await snapshot.all('select "note" from "checkpoints" order by "size" desc limit 1'))[0]
  return row === undefined ? undefined : String(row['note'])
}

/** A tile the arithmetic asked for that has not been read yet. Thrown through it, so that it need not know of waiting. */
class TileWanted extends Error {
  readonly level: number
  readonly position: number

  constructor(level: number, position: number) {
    super('a tile is to be fetched')
    this.level = level
    this.position = position
  }
}

/**
 * Works something out from perfect subtrees of the stored log. Full tiles are read as they stand; the open ends of the
 * levels are worked out from the records and the tiles below. The work is begun anew with each tile it turns out to
 * need, which are a few per level, so it must have no effect but its answer.
 *
 * @param size how many records the log has in this snapshot
 */
export async function withStoredSubtrees<T>(snapshot: Snapshot, size: number, work: (subtrees: SubtreeReader) => T): Promise<T> {
  return withStoredTiles(snapshot, size, (tiles) => work(subtreesFromTiles(tiles)))
}

async function withStoredTiles<T>(snapshot: Snapshot, size: number, work: (tiles: TileReader) => T): Promise<T> {
  const known = new Map<string, Uint8Array>()
  const read: TileReader = (level, position) => {
    const tile = known.get(`${level}/${position}`)
    if (!tile) throw new TileWanted(level, position)
    return tile
  }
  for (;;) {
    try {
      return work(read)
    } catch (wanted) {
      if (!(wanted instanceof TileWanted)) throw wanted
      const { level, position } = wanted
      known.set(`${level}/${position}`, await readTile(snapshot, size, level, position))
    }
  }
}

async function readTile(snapshot: Snapshot, size: number, level: number, position: number): Promise<Uint8Array> {
  const full = await snapshot.all('select "hashes" from "audit_tiles" where "level" = ? and "position" = ?', [level, position])
  const hashes = full[0]?.['hashes']
  return hashes instanceof Uint8Array ? hashes : openTile(snapshot, size, level, position)
}

async function openTile(snapshot: Snapshot, size: number, level: number, position: number): Promise<Uint8Array> {
  const first = position * TILE_WIDTH
  if (level === 0) {
    const rows = await snapshot.all('select * from "audit" where "leaf" >= ? and "leaf" < ? order by "leaf"', [first, first + TILE_WIDTH])
    return Buffer.concat(rows.map((row) => auditLeafHash(auditRow(row))))
  }
  const end = Math.min(Math.floor(size / TILE_WIDTH ** level), first + TILE_WIDTH)
  const hashes: Uint8Array[] = []
  for (let n = first; n < end; n += 1) hashes.push(perfectRoot(await readTile(snapshot, size, level - 1, n)))
  return Buffer.concat(hashes)
}

/** The log as it can be appended to. */
export async function loadTree(snapshot: Snapshot): Promise<GrowingTree> {
  const size = await logSize(snapshot)
  if (size === 0) return emptyTree
  return withStoredTiles(snapshot, size, (tiles) => {
    const open: Uint8Array[][] = []
    for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
      const filled = count % TILE_WIDTH
      open[level] = filled === 0 ? [] : splitHashes(tiles(level, Math.floor(count / TILE_WIDTH)), filled)
    }
    return { frontier: frontierAt(size, subtreesFromTiles(tiles)), open }
  })
}

function splitHashes(tile: Uint8Array, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, n) => tile.subarray(n * HASH_LENGTH, (n + 1) * HASH_LENGTH))
}

/** A row read without the store's queries, as what it is. */
export function auditRow(row: Row): AuditRow {
  return row as unknown as AuditRow
}
