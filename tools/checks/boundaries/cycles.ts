/**
 * Circles in a graph: for each group of nodes that reach one another, one shortest way round. Nodes and ways are
 * ordered, so the same graph gives the same answer.
 */
export function findCycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const settled = new Set<string>()
  const cycles: string[][] = []
  for (const node of [...graph.keys()].toSorted()) {
    if (settled.has(node)) continue
    const cycle = shortestWayBack(graph, node)
    if (cycle === undefined) continue
    cycles.push(cycle)
    for (const each of cycle) settled.add(each)
  }
  return cycles
}

/** Breadth first from the node until it is met again. */
function shortestWayBack(graph: ReadonlyMap<string, ReadonlySet<string>>, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    for (const next of [...(graph.get(node) ?? [])].toSorted()) {
      if (next === start) return wayTo(node, cameFrom, start)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, node)
      queue.push(next)
    }
  }
  return undefined
}

function wayTo(node: string, cameFrom: ReadonlyMap<string, string>, start: string): string[] {
  const way = [node]
  for (let at = node; at !== start;) {
    at = cameFrom.get(at) ?? start
    way.unshift(at)
  }
  return way
}
