import type { Answer } from '@headgate/contract'
import type { Output } from '../output/output.ts'
import { printable } from '../output/printable.ts'
import { limitText } from './limit-text.ts'

/** A trust rule as people read it. */
export function trustText(rule: Answer<'readTrustRule'>, { paint }: Output): string {
  const { name, issuer, audience, claims, principal, limit, lifetime, once } = rule
  const confined = limitText(limit)
  const lines = [
    paint.bold(printable(name)),
    `  issuer    ${printable(issuer)}`,
    `  audience  ${printable(audience)}`,
    ...Object.entries(claims).map(
      ([claim, values], i) => `  ${i === 0 ? 'claims' : '      '}    ${printable(`${claim} = ${values.join(' or ')}`)}`,
    ),
    `  gives     a token of ${printable(principal)} for ${lifetime} s${confined === '' ? '' : `, ${printable(confined)}`}`,
    ...(once ? ['  takes     each identity token once'] : []),
  ]
  return `${lines.join('\n')}\n`
}
