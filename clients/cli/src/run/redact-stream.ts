import { REDACTED } from '@headgate/model'

/** A state of the automaton: how much of some form has been seen. */
interface State {
  readonly next: Map<number, State>
  /** Where the longest part of the seen bytes that another form begins with goes on. */
  fall: State | undefined
  /** How many bytes have been seen that may be the beginning of a form. */
  readonly depth: number
  /** The longest form that ends here; 0 for none. */
  ends: number
}

/** Hides secrets in a stream of bytes, wherever the borders of its pieces are. */
export interface Redactor {
  /** What can be shown by now: all but the last bytes while they may be the beginning of a secret. */
  take(piece: Buffer): Buffer
  /** What was held back; the stream is over. */
  end(): Buffer
}

/** An automaton over all forms at once (after Aho and Corasick), so the cost is one step a byte however many secrets there are. */
export function redactorFor(forms: readonly Buffer[]): () => Redactor {
  const root = automatonOf(forms)
  return () => createRedactor(root)
}

function automatonOf(forms: readonly Buffer[]): State {
  const root: State = { next: new Map(), fall: undefined, depth: 0, ends: 0 }
  for (const form of forms) {
    let state = root
    for (const byte of form) {
      const known = state.next.get(byte)
      const next: State = known ?? { next: new Map(), fall: undefined, depth: state.depth + 1, ends: 0 }
      if (!known) state.next.set(byte, next)
      state = next
    }
    state.ends = form.length
  }
  const queue = [root]
  for (const state of queue) {
    for (const [byte, next] of state.next) {
      next.fall = state === root ? root : step(state.fall ?? root, byte, root)
      next.ends = Math.max(next.ends, next.fall.ends)
      queue.push(next)
    }
  }
  return root
}

function step(from: State, byte: number, root: State): State {
  for (let state: State | undefined = from; state; state = state.fall) {
    const next = state.next.get(byte)
    if (next) return next
  }
  return root
}

function createRedactor(root: State): Redactor {
  let held = Buffer.alloc(0)
  let state = root
  /** Bytes of `held`, from its start, that belong to a secret that was found, as ranges in order. */
  let found: { from: number; to: number }[] = []

  /** Everything up to `end` goes out, each secret as one mark. */
  const release = (end: number): Buffer => {
    const parts: Buffer[] = []
    let at = 0
    for (const { from, to } of found) {
      if (from >= end) break
      parts.push(held.subarray(at, from), Buffer.from(REDACTED))
      at = to
    }
    if (at < end) parts.push(held.subarray(at, end))
    const gone = Math.max(at, end)
    found = found.filter(({ from }) => from >= gone).map(({ from, to }) => ({ from: from - gone, to: to - gone }))
    held = held.subarray(gone)
    return Buffer.concat(parts)
  }

  return {
    take(piece) {
      const start = held.length
      held = Buffer.concat([held, piece])
      for (let n = 0; n < piece.length; n += 1) {
        state = step(state, piece[n] ?? 0, root)
        if (state.ends > 0) mark(found, start + n + 1 - state.ends, start + n + 1)
      }
      const last = found.at(-1)
      // A secret that was found may go on: it stays until it is clear where it ends.
      const safe = held.length - state.depth
      return release(last && last.to > safe ? Math.min(safe, last.from) : safe)
    },
    end: () => release(held.length),
  }
}

/** Overlapping finds are one. */
function mark(found: { from: number; to: number }[], from: number, to: number): void {
  let start = from
  while ((found.at(-1)?.to ?? 0) > start) start = Math.min(start, found.pop()?.from ?? start)
  found.push({ from: start, to })
}
