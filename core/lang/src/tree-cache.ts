import type { TreeCache } from './host.ts'
import type { Loaded } from './syntax/document.ts'

/**
 * Keeps parsed documents by name and content, the last used ones. The whole text is the key, so no two contents are ever
 * mixed up; texts that come as bytes are not kept.
 *
 * @param limit how many names; of each, the newest content is kept
 */
export function createTreeCache(limit = 512): TreeCache {
  const trees = new Map<string, { readonly source: string; readonly loaded: Loaded }>()
  return {
    get(name, source) {
      const found = trees.get(name)
      return found?.source === source ? found.loaded : undefined
    },
    set(name, source, loaded) {
      if (typeof source !== 'string') return
      trees.delete(name)
      trees.set(name, { source, loaded })
      if (trees.size > limit) trees.delete(trees.keys().next().value as string)
    },
  }
}
