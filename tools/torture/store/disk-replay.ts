import type { Seeded } from '../../differential/seeded.ts'
import { FileContent } from './file-content.ts'
import type { Operation } from './recording.ts'

/** What a disk writes whole or not at all. */
const SECTOR = 512

/**
 * What is left on the disk when the power goes.
 *
 * - `written`: everything that was written: the process ended, the machine did not
 * - `synced`: nothing but what was synced
 * - `cut`: of what was not synced, a part in its order, the last write cut within
 * - `scattered`: of what was not synced, any sectors in any order
 */
export const losses = ['written', 'synced', 'cut', 'scattered'] as const
export type Loss = (typeof losses)[number]

type FileOperation = Extract<Operation, { kind: 'write' | 'truncate' }>
type NameOperation = Extract<Operation, { kind: 'create' | 'rename' | 'unlink' }>

interface File {
  /** What is on the disk for sure. */
  readonly durable: FileContent
  /** What was done to it since its last sync. */
  pending: FileOperation[]
}

/**
 * A disk as the kernel sees it, played forward operation by operation: contents last from their file's sync, names from
 * their folder's, and both can be lost or half there until then. Names change in order, as journalling file systems keep it.
 */
export class DiskReplay {
  /** The names that are on the disk for sure, and the ones a running program sees. */
  #durableNames: Map<string, File>
  #names: Map<string, File>
  #pendingNames: { readonly operation: NameOperation; readonly file: File }[] = []

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.#names = new Map([...files].map(([path, bytes]) => [path, { durable: new FileContent(bytes), pending: [] }]))
    this.#durableNames = new Map(this.#names)
  }

  apply(operation: Operation): void {
    switch (operation.kind) {
      case 'write':
      case 'truncate':
        this.#names.get(operation.path)?.pending.push(operation)
        return
      case 'create':
        return this.#create(operation)
      case 'rename':
      case 'unlink': {
        const file = this.#names.get(operation.path)
        if (file) this.#rename(operation, file)
        return
      }
      case 'sync':
        return this.#sync(operation.path)
      case 'say':
    }
  }

  #create(operation: Extract<Operation, { kind: 'create' }>): void {
    const known = this.#names.get(operation.path)
    if (known && operation.empty) known.pending.push({ kind: 'truncate', path: operation.path, size: 0 })
    if (!known) this.#rename(operation, { durable: new FileContent(new Uint8Array()), pending: [] })
  }

  #rename(operation: NameOperation, file: File): void {
    renameIn(this.#names, operation, file)
    this.#pendingNames.push({ operation, file })
  }

  #sync(path: string): void {
    const file = this.#names.get(path)
    if (file) {
      for (const operation of file.pending) play(file.durable, operation)
      file.pending = []
      return
    }
    // A folder: its names are on the disk from now on.
    const inside = (name: string) => name.startsWith(`${path}/`)
    for (const { operation, file: named } of this.#pendingNames) if (inside(operation.path)) renameIn(this.#durableNames, operation, named)
    this.#pendingNames = this.#pendingNames.filter(({ operation }) => !inside(operation.path))
  }

  /** The files after a loss of power. */
  crash(loss: Loss, random: Seeded): Map<string, Buffer> {
    const names = new Map(this.#durableNames)
    const kept = loss === 'written' ? this.#pendingNames.length : loss === 'synced' ? 0 : random.below(this.#pendingNames.length + 1)
    for (const { operation, file } of this.#pendingNames.slice(0, kept)) renameIn(names, operation, file)
    return new Map([...names].map(([path, file]) => [path, left(file, loss, random)]))
  }
}

function renameIn(names: Map<string, File>, operation: NameOperation, file: File): void {
  if (operation.kind !== 'create') names.delete(operation.path)
  if (operation.kind !== 'unlink') names.set(operation.kind === 'rename' ? operation.to : operation.path, file)
}

function left({ durable, pending }: File, loss: Loss, random: Seeded): Buffer {
  if (loss === 'synced' || pending.length === 0) return durable.bytes()
  const content = durable.copy()
  const whole = loss === 'written' ? pending.length : random.below(pending.length)
  for (const operation of pending.slice(0, whole)) play(content, operation)
  const [torn, ...rest] = pending.slice(whole)
  if (torn) playTorn(content, torn, random)
  if (loss === 'scattered') for (const operation of rest) playScattered(content, operation, random)
  return content.bytes()
}

function play(content: FileContent, operation: FileOperation): void {
  if (operation.kind === 'truncate') content.resize(operation.size)
  else content.write(operation.offset, operation.bytes)
}

/** The first sectors of a write; a change of size happens or does not. */
function playTorn(content: FileContent, operation: FileOperation, random: Seeded): void {
  if (operation.kind === 'truncate') {
    if (random.chance(0.5)) play(content, operation)
    return
  }
  const sectors = sectorsOf(operation)
  for (const sector of sectors.slice(0, random.below(sectors.length + 1))) play(content, sector)
}

/** Any sectors of a write. */
function playScattered(content: FileContent, operation: FileOperation, random: Seeded): void {
  if (operation.kind === 'truncate') return playTorn(content, operation, random)
  for (const sector of sectorsOf(operation)) if (random.chance(0.5)) play(content, sector)
}

function sectorsOf(operation: Extract<FileOperation, { kind: 'write' }>): FileOperation[] {
  const { offset, bytes } = operation
  const sectors: FileOperation[] = []
  for (let start = 0; start < bytes.length;) {
    const end = Math.min((Math.floor((offset + start) / SECTOR) + 1) * SECTOR - offset, bytes.length)
    sectors.push({ ...operation, offset: offset + start, bytes: bytes.subarray(start, end) })
    start = end
  }
  return sectors
}
