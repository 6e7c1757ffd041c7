/** The package table of CONTRIBUTING.md, written from the one the boundaries are checked by. */
import { type Access, type PackageRow, packageTable } from '../boundaries/package-table.ts'
import type { GeneratedDocument } from './generated-document.ts'

const begin = '<!-- package table: npm run ready -- --fix writes it -->'
const end = '<!-- end of the package table -->'

export const packageTableText: GeneratedDocument = {
  path: 'CONTRIBUTING.md',
  text: (before) => {
    const from = before.indexOf(begin)
    const to = before.indexOf(end)
    const table = `${begin}\n\n${describeTable(packageTable)}\n\n${end}`
    return from === -1 || to === -1 ? `${before.trimEnd()}\n\n${table}\n` : before.slice(0, from) + table + before.slice(to + end.length)
  },
}

export function describeTable(table: Readonly<Record<string, PackageRow>>): string {
  const rows = Object.entries(table).map(([folder, row]) => [folder, row.purpose, ours(row), alone(row), row.never])
  return [['package', 'what it is for', 'imports of ours', 'imports alone', 'never, and why'], ['---', '---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

function ours({ ours: granted, entries = {} }: PackageRow): string {
  const all = Object.entries(granted).map(([folder, access]) => {
    const some = entries[folder as keyof typeof entries]
    return `${folder}${some === undefined ? '' : ` (${some.join(', ')})`}${extent(access)}`
  })
  return all.length === 0 ? 'nothing' : all.join(', ')
}

function extent(access: Access): string {
  if (access === 'all') return ''
  if (access === 'types') return ' (types)'
  if ('door' in access) return ` (in ${access.door.split('/').at(-1)} alone)`
  return ` (types, ${access.values.join(', ')}${access.lazily ? ', the rest by import()' : ''})`
}

function alone({ alone: modules = [], node, loads }: PackageRow): string {
  const words = modules.map((module) => `\`${module}\``)
  if (loads === 'lazily') words.push('(each by import())')
  if (node === 'none') words.push('no Node built-ins')
  else if (node !== undefined) words.push(`of Node only ${node.map((module) => `\`${module}\``).join(', ')}`)
  return words.join(', ').replace(', (', ' (')
}
