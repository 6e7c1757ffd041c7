import { type YamlNode, joinPath, parsePath, readYaml } from '@headgate/lang'

/**
 * Sees to it that an edit changed what stands at its paths and nothing else. An edit that did more is a bug of ours, and
 * throws before it can be saved: what a person wrote elsewhere is not ours to lose.
 */
export function assertOnlyThere(before: string, after: string, paths: readonly string[]): void {
  const edited = paths.flatMap(placesOf)
  const isOutside = (place: string) => !edited.some((path) => isWithin(place, path) || isWithin(path, place))
  const was = scalarsOf(before)
  const is = scalarsOf(after)
  const unlike = [...new Set([...was.keys(), ...is.keys()])].filter((place) => was.get(place) !== is.get(place))
  const elsewhere = unlike.filter(isOutside)
  if (elsewhere.length > 0)
    throw new Error(`an edit of ${paths.join(', ')} would have changed ${elsewhere.join(', ')} too; nothing was saved`)
}

/** Where an edit may show. What stands behind a removed element of a list moves up by one, so for an element it is its list. */
function placesOf(path: string): string[] {
  const parts = parsePath(path)
  if ('reason' in parts) return ['']
  const whole = parts[0] === 'imports' ? parts : ['values', ...parts]
  return [joinPath(typeof whole.at(-1) === 'number' ? whole.slice(0, -1) : whole)]
}

/** Every scalar and every empty collection by its path, with what it says. */
function scalarsOf(text: string): Map<string, string> {
  const scalars = new Map<string, string>()
  const visit = (node: YamlNode): void => {
    if (node.children.length === 0) scalars.set(node.path, `${node.kind} ${node.text}`)
    else if (node.kind === 'array') node.children.forEach(visit)
    else for (let i = 0; i < node.size; i++) visit(node.valueAt(i))
  }
  const { root } = readYaml('', text)
  if (root) visit(root)
  return scalars
}

function isWithin(inner: string, outer: string): boolean {
  return outer === '' || inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`)
}
