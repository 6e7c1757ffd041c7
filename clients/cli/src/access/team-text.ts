import type { Answer } from '@headgate/contract'
import type { Output } from '../output/output.ts'
import { printable } from '../output/printable.ts'
import { heldText } from './terms.ts'

/** A team as people read it. */
export function teamText({ name, description, members, roles }: Answer<'readTeam'>, { paint }: Output): string {
  const lines = [
    paint.bold(printable(name)),
    ...(description === undefined ? [] : [`  for      ${printable(description)}`]),
    `  members  ${printable(members.join(', ') || 'none')}`,
    `  roles    ${printable(roles.map(heldText).join('; ') || 'none')}`,
  ]
  return `${lines.join('\n')}\n`
}
