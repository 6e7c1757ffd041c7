import type { YamlNode } from '../yaml/node.ts'
import { mergeValues } from './merge-values.ts'
import type { Value } from './value.ts'

/** The entries of one object as it was written, and what they are still to be merged with. */
interface Layer {
  readonly map: ReadonlyMap<string, Value>
  /** Nearest first. */
  readonly bases: readonly Value[]
}

/** Where looking for a property ends that no layer has: nothing there, hidden by another kind of value, or in an unknown. */
type Tail = 'end' | 'hidden' | Value

/** The objects that lie over one another in a merged object, the uppermost first. */
export interface Chain {
  readonly layers: readonly Layer[]
  readonly tail: Tail
}

/**
 * A chain with another value below it. An object that is in it already (two imports of the same environment) is not
 * looked through a second time: below itself it has nothing to add.
 */
export function stacked(upper: Chain, base: Value): Chain {
  if (upper.tail === 'hidden') return upper
  if (upper.tail !== 'end') {
    const tail = mergeValues(upper.tail, base)
    return { layers: over(upper, tail), tail }
  }
  if (!base.isMap) return { layers: over(upper, base), tail: base.unknown ? base : 'hidden' }
  const seen = new Set(upper.layers.map((layer) => layer.map))
  const lower = base.chain
  return { layers: [...over(upper, base), ...lower.layers.filter((layer) => !seen.has(layer.map))], tail: lower.tail }
}

function over({ layers }: Chain, base: Value): Layer[] {
  return layers.map(({ map, bases }) => ({ map, bases: [...bases, base] }))
}

/** The first property of that name, merged with what is below it. */
export function propertyOf(chain: Chain, key: string, node: YamlNode | null | undefined): Value | undefined {
  for (const layer of chain.layers) {
    let value = layer.map.get(key)
    if (!value) continue
    for (const base of layer.bases) {
      const below = base.property(key, value.def.node ?? null)
      if (below) value = mergeValues(value, below)
    }
    return value
  }
  return typeof chain.tail === 'string' ? undefined : chain.tail.property(key, node)
}
