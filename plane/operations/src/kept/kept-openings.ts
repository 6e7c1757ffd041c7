import { createMemorySeal } from '@headgate/crypto'
import type { AuditDetail, EnvironmentId } from '@headgate/model'

/** Bytes of sealed openings kept at a time; the least recently used go. */
const SIZE_LIMIT = 64 * 1024 * 1024
/** One larger than this is not worth the room of all the others. */
const ENTRY_LIMIT = 4 * 1024 * 1024

/** What an environment came to when it was opened. */
export interface Opening {
  /** The answer as JSON, secrets in plaintext. */
  readonly content: string
  /** What the audit record says of it. */
  readonly details: { readonly [name: string]: AuditDetail }
  /** What its imports named, and what that was: an opening counts only as long as each still is. */
  readonly imports: readonly ImportedRevision[]
  /**
   * Whether it would come to the same if it were opened again: not where something was asked of a provider, nor where the
   * caller was kept from some of it. Only what lasts is kept, or shared with others who ask.
   */
  readonly lasting: boolean
}

/** An import as it was written, and the revision it came to. */
export interface ImportedRevision {
  readonly reference: string
  readonly environment: EnvironmentId
  readonly revision: number
}

interface KeptOpening extends Omit<Opening, 'content'> {
  readonly sealed: Uint8Array
}

/** An opening whose content is unsealed when it is asked for, which is when the answer goes out. */
export interface SealedOpening extends Omit<Opening, 'content'> {
  content(): string
}

export interface KeptOpenings {
  /**
   * The opening of one revision for one caller: a kept one where it still counts, else a new one. Several who ask at once
   * wait for the same.
   *
   * @param key names revision and caller
   * @param counts whether what an opening was made of still is what it was, and the caller may still open it; at once where that is known
   * @param open opens it anew; undefined where that was refused
   */
  get(
    key: string,
    counts: (opening: Omit<Opening, 'content'>) => boolean | Promise<boolean>,
    open: () => Promise<Opening | undefined>,
  ): Promise<SealedOpening | undefined>
  statistics(): { readonly hits: number; readonly misses: number; readonly bytes: number; readonly entries: number }
}

/** What is kept, sealed, within its limit. */
class SealedOpenings {
  readonly #memory = createMemorySeal()
  readonly #kept = new Map<string, KeptOpening>()
  /** What was unsealed just now: answers that leave together share it, and it is forgotten before anything else happens. */
  readonly #unsealed = new Map<KeptOpening, string>()
  bytes = 0

  get size(): number {
    return this.#kept.size
  }

  find(key: string): KeptOpening | undefined {
    return this.#kept.get(key)
  }

  keep(key: string, { content, ...rest }: Opening): void {
    const plaintext = Buffer.from(content)
    const sealed = this.#memory.seal(key, plaintext)
    plaintext.fill(0)
    this.#forget(key)
    if (sealed.length > ENTRY_LIMIT) return
    this.#kept.set(key, { ...rest, sealed })
    this.bytes += sealed.length
    for (const oldest of this.#kept.keys()) {
      if (this.bytes <= SIZE_LIMIT) break
      this.#forget(oldest)
    }
  }

  unseal(key: string, opening: KeptOpening): string {
    const known = this.#unsealed.get(opening)
    if (known !== undefined) return known
    const plaintext = this.#memory.open(key, opening.sealed)
    const content = plaintext.toString('utf8')
    plaintext.fill(0)
    // The last used stands last. Somebody else may have kept a newer one meanwhile.
    if (this.#kept.get(key) === opening) {
      this.#kept.delete(key)
      this.#kept.set(key, opening)
    }
    if (this.#unsealed.size === 0) queueMicrotask(() => this.#unsealed.clear())
    this.#unsealed.set(opening, content)
    return content
  }

  #forget(key: string): void {
    this.bytes -= this.#kept.get(key)?.sealed.length ?? 0
    this.#kept.delete(key)
  }
}

/** Openings of environments, kept in memory and only sealed: a value is in plaintext no longer than a request takes. */
export function keepOpenings(): KeptOpenings {
  const kept = new SealedOpenings()
  const underWay = new Map<string, Promise<Opening | undefined>>()
  let hits = 0
  let misses = 0

  const openAnew = (key: string, open: () => Promise<Opening | undefined>): Promise<Opening | undefined> => {
    misses += 1
    const opening = open()
      .then((opened) => {
        if (opened?.lasting) kept.keep(key, opened)
        return opened
      })
      .finally(() => underWay.delete(key))
    underWay.set(key, opening)
    return opening
  }

  return {
    async get(key, counts, open) {
      const found = kept.find(key)
      const still = found ? counts(found) : false
      if (found && (typeof still === 'boolean' ? still : await still)) {
        hits += 1
        const { details, imports, lasting } = found
        return { details, imports, lasting, content: () => kept.unseal(key, found) }
      }
      const waiting = underWay.get(key)
      const shared = waiting && (await waiting)
      // It began before this request did: what it is made of may be old already.
      if (shared?.lasting && (await counts(shared))) {
        hits += 1
        return inPlaintext(shared)
      }
      const opened = await (underWay.has(key) ? open() : openAnew(key, open))
      return opened && inPlaintext(opened)
    },
    statistics: () => ({ hits, misses, bytes: kept.bytes, entries: kept.size }),
  }
}

function inPlaintext({ content, ...rest }: Opening): SealedOpening {
  return { ...rest, content: () => content }
}
