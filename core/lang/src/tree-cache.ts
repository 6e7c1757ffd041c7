import type { TreeCache } from './host.ts'
import type { Loaded } from './syntax/document.ts'

/**
 * Keeps parsed documents by name and content, the last used ones first.
 *
 * @param limit how many
 */
export function createTreeCache(limit = 512): TreeCache {
  const trees = new Map<string, Loaded>()
  return {
    get(name, source) {
      const key = keyOf(name, source)
      const found = key === undefined ? undefined : trees.get(key)
      if (!found || key === undefined) return undefined
      trees.delete(key)
      trees.set(key, found)
      return found
    },
    set(name, source, loaded) {
      const key = keyOf(name, source)
      if (key === undefined) return
      trees.set(key, loaded)
      if (trees.size > limit) trees.delete(trees.keys().next().value as string)
    },
  }
}

/** The whole text is the key: JavaScript hashes strings, and equal hashes never suffice. Bytes are not kept. */
function keyOf(name: string, source: string | Uint8Array): string | undefined {
  return typeof source === 'string' ? `${name}\n${source}` : undefined
}
