import type { Answer } from '@headgate/contract'
import type { Output } from '../output/output.ts'
import { printable } from '../output/printable.ts'
import { localTime } from '../output/time.ts'
import { heldText } from './terms.ts'

/** A principal as people read it. */
export function principalText(principal: Answer<'readPrincipal'>, { paint }: Output): string {
  const { name, kind, description, created, suspended, teams, roles } = principal
  const lines = [
    `${paint.bold(printable(name))}  ${kind}${suspended === undefined ? '' : `, ${paint.yellow(`suspended since ${localTime(suspended)}`)}`}`,
    ...(description === undefined ? [] : [`  for      ${printable(description)}`]),
    `  created  ${localTime(created)}`,
    `  teams    ${printable(teams.join(', ') || 'none')}`,
    ...(roles.length === 0
      ? ['  roles    none']
      : roles.map((held, i) => `  ${i === 0 ? 'roles' : '     '}    ${printable(heldText(held))}`)),
  ]
  return `${lines.join('\n')}\n`
}
