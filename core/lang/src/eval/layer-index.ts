import type { Value } from './value.ts'

/** Objects over one another from which on properties are found by an index instead of looking through each. */
export const INDEXED_DEPTH = 8

interface Entry {
  readonly depth: number
  readonly value: Value
}

/**
 * The properties of a pile of objects, by key: where each level gives one, and the level. Objects on top of the pile join
 * it, so a chain of imports shares one index; what an object further down sees is what levels up to its own give.
 */
export class LayerIndex {
  readonly #entries = new Map<string, Entry[]>()
  /** What the lowest level lies over. */
  readonly #below: Value | undefined
  #depth = 0
  /** The uppermost object of the pile. */
  top: Value | undefined

  constructor(below: Value | undefined) {
    this.#below = below
  }

  /** Puts an object on the pile and returns its level. */
  add(object: Value): number {
    this.top = object
    const depth = ++this.#depth
    for (const [key, value] of object.map) {
      const entries = this.#entries.get(key)
      if (entries) entries.push({ depth, value })
      else this.#entries.set(key, [{ depth, value }])
    }
    return depth
  }

  /** The property the object at a level sees in this pile; undefined where only what lies below may have it. */
  find(key: string, depth: number): Value | undefined {
    return this.#entries.get(key)?.findLast((entry) => entry.depth <= depth)?.value
  }

  get below(): Value | undefined {
    return this.#below
  }
}
