import { createMemorySeal } from '@headgate/crypto'
import type { EnvironmentId } from '@headgate/model'

/** Bytes of sealed openings kept at a time; the least recently used go. */
const SIZE_LIMIT = 64 * 1024 * 1024
/** One larger than this is not worth the room of all the others. */
const ENTRY_LIMIT = 4 * 1024 * 1024

/** What an environment came to when it was opened: everything that is not of one request alone. */
export interface Opening {
  /** The answer's JSON from its values on, secrets in plaintext. */
  readonly content: string
  readonly closure: readonly {
    readonly organisation: string
    readonly project: string
    readonly environment: string
    readonly revision: number
  }[]
  /** How many secrets are in it. */
  readonly secrets: number
  /** What its imports named, and what that was: an opening counts only as long as each still is. */
  readonly imports: readonly ImportedRevision[]
  /** Whether the caller got only some of its paths. */
  readonly partial: boolean
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

export interface KeptOpenings {
  /**
   * The opening of one revision for one caller: a kept one where it still counts, else a new one. Several who ask at once
   * wait for the same.
   *
   * @param key names revision and caller
   * @param counts whether what an opening was made of still is what it was, and the caller may still open it
   * @param open opens it anew; undefined where that was refused
   */
  get(
    key: string,
    counts: (opening: Omit<Opening, 'content'>) => Promise<boolean>,
    open: () => Promise<Opening | undefined>,
  ): Promise<Opening | undefined>
  statistics(): { readonly hits: number; readonly misses: number; readonly bytes: number; readonly entries: number }
}

/** What is kept, sealed, within its limit. */
class SealedOpenings {
  readonly #memory = createMemorySeal()
  readonly #kept = new Map<string, KeptOpening>()
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

  unseal(key: string, { sealed, ...rest }: KeptOpening): Opening {
    const plaintext = this.#memory.open(key, sealed)
    const content = plaintext.toString('utf8')
    plaintext.fill(0)
    // The last used stands last. Somebody else may have kept a newer one meanwhile.
    if (this.#kept.get(key)?.sealed === sealed) {
      this.#kept.delete(key)
      this.#kept.set(key, { ...rest, sealed })
    }
    return { ...rest, content }
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
      if (found && (await counts(found))) {
        hits += 1
        return kept.unseal(key, found)
      }
      const waiting = underWay.get(key)
      const shared = waiting && (await waiting)
      // It began before this request did: what it is made of may be old already.
      if (shared?.lasting && (await counts(shared))) {
        hits += 1
        return shared
      }
      return underWay.has(key) ? open() : openAnew(key, open)
    },
    statistics: () => ({ hits, misses, bytes: kept.bytes, entries: kept.size }),
  }
}
