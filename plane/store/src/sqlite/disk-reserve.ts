import { randomBytes } from 'node:crypto'
import { rmSync, statSync, statfsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Reserve, ReserveUse } from '../reserve.ts'

export const RESERVE_FILE = 'headgate.reserve'

/** What is left over besides the reserve before the disk counts as having room again, in bytes. */
const MARGIN = 1024 * 1024
/** How often a full disk is looked at, in milliseconds. */
const LOOK_EVERY = 250
const CHUNK = 1024 * 1024

/**
 * Keeps room in a data folder by a file of that size. On a full disk the file is removed, which lets the database grow by
 * as much, for Changes that may use it; the others are refused. Once there is room for the file again it is written
 * anew, and everything goes on. It stays while the plane is stopped.
 *
 * @param size in bytes: at least twice what SQLite's write-ahead log grows to between two checkpoints (4 MiB)
 */
export function openDiskReserve(folder: string, size: number): Reserve {
  const reserve = new DiskReserve(folder, size)
  reserve.begin()
  return reserve
}

class DiskReserve implements Reserve {
  readonly #folder: string
  readonly #file: string
  readonly #size: number
  /** `held`: the file is there. `filling`: it is being written. `given`: the disk is full, and the file is gone. */
  #state: 'held' | 'filling' | 'given' = 'given'
  /** Whether the disk was full and has not had room since. */
  #full = false
  #closed = false
  #timer: NodeJS.Timeout | undefined
  #filling: Promise<void> = Promise.resolve()

  constructor(folder: string, size: number) {
    this.#folder = folder
    this.#file = join(folder, RESERVE_FILE)
    this.#size = size
  }

  begin(): void {
    // A disk that filled up while the plane was stopped must not keep it from starting.
    if (freeBytes(this.#folder) < MARGIN) this.#giveUp()
    else if (sizeOf(this.#file) === this.#size) this.#state = 'held'
    else this.#fill()
  }

  refuses(use: ReserveUse | undefined): boolean {
    if (!this.#full || use === 'all') return false
    return use === undefined || freeBytes(this.#folder) < this.#size / 2
  }

  release(told: boolean): boolean {
    if (!told && freeBytes(this.#folder) >= MARGIN) return false
    const had = this.#state !== 'given'
    this.#giveUp()
    return had
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#filling
  }

  #giveUp(): void {
    this.#state = 'given'
    this.#full = true
    remove(this.#file)
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#look(), LOOK_EVERY).unref()
  }

  #look(): void {
    this.#timer = undefined
    if (this.#closed || this.#state !== 'given') return
    if (freeBytes(this.#folder) > this.#size + MARGIN) this.#fill()
    else this.#timer = setTimeout(() => this.#look(), LOOK_EVERY).unref()
  }

  #fill(): void {
    this.#state = 'filling'
    const ended = () => this.#closed || this.#state !== 'filling'
    this.#filling = writeFile(this.#file, this.#size, ended).then(
      () => {
        // Given up while it was written.
        if (ended()) return remove(this.#file)
        this.#state = 'held'
        this.#full = false
      },
      () => (this.#state === 'filling' ? this.#giveUp() : remove(this.#file)),
    )
  }
}

/** Random bytes, because a file system may keep no room for anything simpler. */
async function writeFile(file: string, size: number, ended: () => boolean): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    const chunk = randomBytes(CHUNK)
    for (let written = 0; written < size && !ended(); written += CHUNK) await handle.write(chunk, 0, Math.min(CHUNK, size - written))
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function remove(file: string): void {
  rmSync(file, { force: true })
}
