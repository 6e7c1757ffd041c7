import type { Answer } from '@headgate/contract'
import { joinPath, parseJson, toDotenv, toShell, writeYaml } from '@headgate/lang'
import { isExactNumber } from './exact-number.ts'
import type { Output } from '../output/output.ts'
import { printable } from '../output/printable.ts'
import { renderTable } from '../output/table.ts'
import { need } from '../outcome.ts'
import { parsePath } from './document-path.ts'

export type OpenFormat = 'json' | 'yaml' | 'dotenv' | 'shell' | 'detailed'
type Opened = Answer<'openEnvironment'>
type Json = Opened['values'][string]

/** All values of an environment in a format. Ends the command where the format cannot hold one of them. */
export function renderOpened(opened: Opened, format: OpenFormat, output: Output): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(opened.values, null, 2)}\n`
    case 'yaml':
      return writeYaml(exactJson(opened.values))
    case 'dotenv':
      return need(toDotenv(opened.variables))
    case 'shell':
      return need(toShell(opened.variables))
    case 'detailed':
      return renderDetailed(opened, output)
  }
}

/** One value: a text as it is, anything else in the format. */
export function renderOpenedValue(value: Json, format: OpenFormat): string {
  if (typeof value === 'string') return `${value}\n`
  return format === 'yaml' ? writeYaml(exactJson(value)) : `${JSON.stringify(value, null, 2)}\n`
}

/** Every single value with its path, whether it is secret, and which revisions went in. */
function renderDetailed({ environment, revision, closure, values, secrets }: Opened, { paint, width }: Output): string {
  const secret = new Set(secrets.map((path) => joinPath(need(parsePath(path)))))
  const leaves = leavesOf(values, [], secret, false)
  const [, ...imported] = closure
  const head = `${paint.bold(printable(`${environment}@${revision}`))}${imported.length === 0 ? '' : `, with ${imported.map(nameOf).join(', ')}`}`
  if (leaves.length === 0) return `${head}\nit has no values\n`
  const columns = [
    { title: 'PATH', cell: (leaf: Leaf) => printable(leaf.path) },
    { title: '', cell: (leaf: Leaf) => (leaf.secret ? paint.yellow('secret') : '') },
    { title: 'VALUE', cell: (leaf: Leaf) => printable(leaf.value) },
  ]
  return `${head}\n${renderTable(leaves, columns, paint, width)}`
}

interface Leaf {
  readonly path: string
  readonly value: string
  readonly secret: boolean
}

function leavesOf(value: Json, parts: readonly (string | number)[], secrets: ReadonlySet<string>, inSecret: boolean): Leaf[] {
  const path = joinPath(parts)
  const secret = inSecret || secrets.has(path)
  const children: readonly (readonly [string | number, Json])[] = Array.isArray(value)
    ? value.map((item: Json, i: number) => [i, item] as const)
    : typeof value === 'object' && value !== null && !isExactNumber(value)
      ? Object.entries(value as Record<string, Json>)
      : []
  if (children.length === 0) return path === '' ? [] : [{ path, value: typeof value === 'string' ? value : JSON.stringify(value), secret }]
  return children.flatMap(([key, child]) => leavesOf(child, [...parts, key], secrets, secret))
}

function nameOf({ project, environment, revision }: Opened['closure'][number]): string {
  return printable(`${project}/${environment}@${revision}`)
}

/** Values as the language writes them; a number keeps every digit it came with. */
function exactJson(value: Json): ReturnType<typeof parseJson> {
  return parseJson(JSON.stringify(value))
}
