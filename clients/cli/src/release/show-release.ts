import type { Answer } from '@headgate/contract'
import type { Output } from '../output/output.ts'
import { printable } from '../output/printable.ts'
import { type Target, targetName } from './target.ts'

/** Says which release a deployment is about, before its steps. */
export function showRelease(output: Output, target: Target, release: Answer<'readRelease'>): void {
  const revisions = release.content.configuration.revisions.map(({ environment, revision }) => `${environment}@${revision}`)
  const label = release.version === undefined ? '' : ` ${printable(release.version)}`
  output.item({ type: 'release', release }, () => {
    const head = `release ${output.paint.bold(`#${release.number}`)}${label} of ${printable(targetName(target))}  ${release.id.slice(0, 12)}`
    return `${head}\n  configuration ${printable(revisions.join(', '))}\n`
  })
}
