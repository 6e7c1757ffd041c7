import { Environment } from '../environment.ts'
import type { Value } from '../eval/value.ts'
import { joinKey } from '../yaml/document-path.ts'

/** Where the unknown values of an environment are: the path of each, and nothing inside one. */
export function unknownPaths(environment: Environment): string[] {
  const paths: string[] = []
  collect(Environment.contentsOf(environment).value, '', paths)
  return paths
}

function collect(value: Value, path: string, paths: string[]): void {
  if (value.unknown) {
    paths.push(path)
    return
  }
  if (!value.containsUnknown) return
  if (Array.isArray(value.repr)) (value.repr as readonly Value[]).forEach((element, i) => collect(element, `${path}[${i}]`, paths))
  else if (value.isMap) for (const key of value.keys()) collect(value.property(key) as Value, joinKey(path, key), paths)
}
