import { type Problem, type TokenId, problemOf } from '@headgate/model'
import type { Caller, Plane } from '../plane.ts'

type Ended = (problem: Problem) => void

/** Who is signed in for longer than one request, and how they learn that they no longer are. */
export class Sessions {
  readonly #plane: Plane
  readonly #sessions = new Map<Ended, Caller>()

  constructor(plane: Plane) {
    this.#plane = plane
  }

  get size(): number {
    return this.#sessions.size
  }

  add(caller: Caller, ended: Ended): () => void {
    this.#sessions.set(ended, caller)
    return () => void this.#sessions.delete(ended)
  }

  /** Ends every session whose token no longer signs in. Each is told once; a token is looked up once, however many use it. */
  async sweep(): Promise<void> {
    const asked = new Map<TokenId, Promise<Problem | undefined>>()
    for (const [ended, caller] of [...this.#sessions]) {
      const { id } = caller.token
      const answer = asked.get(id) ?? this.#problemOf(caller)
      asked.set(id, answer)
      const problem = await answer
      if (problem && this.#sessions.delete(ended)) ended(problem)
    }
  }

  clear(): void {
    this.#sessions.clear()
  }

  /** A token that cannot be read counts as revoked: what cannot be checked is not let in. */
  async #problemOf({ token, principal }: Caller): Promise<Problem | undefined> {
    const row = await this.#plane.store.tokens.get(token.id).catch(() => undefined)
    if (!row || row.revoked_at !== null) return problemOf('TOKEN_REVOKED')
    if (row.expires_at !== null && row.expires_at <= this.#plane.now()) {
      return problemOf('TOKEN_EXPIRED', { expired: new Date(row.expires_at).toISOString() })
    }
    const owner = await this.#plane.store.principals.get(principal).catch(() => undefined)
    return owner && owner.disabled_at === null ? undefined : problemOf('TOKEN_REVOKED')
  }
}
