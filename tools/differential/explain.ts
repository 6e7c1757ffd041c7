import type { Difference } from '../../test/conformance/lang/comparison.ts'
import type { Comparison } from './compare-case.ts'
import { DEVIATIONS, type Deviation } from './deviations.ts'
import { Evidence } from './evidence.ts'
import type { GeneratedCase } from './generate-document.ts'

export interface Explanation {
  /** The deviations a case shows. */
  readonly used: ReadonlySet<string>
  /** Differences none of them accounts for. */
  readonly left: readonly Difference[]
}

/**
 * Explains a case's differences by documented deviations, in two steps.
 *
 * Each difference has to look like one of them. Then the documents are changed so that the deviations that were named have
 * no occasion any more (a call is replaced, imports are no longer merged), and both sides are asked again: whatever still
 * differs was not brought about by them.
 */
export async function explain(
  generated: GeneratedCase,
  comparison: Comparison,
  compare: (candidate: GeneratedCase) => Promise<Comparison>,
): Promise<Explanation> {
  const used = new Set<Deviation>()
  const left = claim(generated, comparison, DEVIATIONS, used)
  if (left.length > 0) return { used: idsOf(used), left }
  const confirmed = await confirm(generated, used, compare)
  return { used: idsOf(used), left: confirmed ? [] : comparison.differences }
}

/** Adds the deviations that account for something to `used` and returns what no deviation accounts for. */
function claim(
  { files }: GeneratedCase,
  comparison: Comparison,
  deviations: readonly Deviation[],
  used: Set<Deviation>,
): readonly Difference[] {
  const evidence = new Evidence(Object.values(files).join('\n'), comparison)
  return comparison.differences.filter((difference) => {
    const found = deviations.find((candidate) => candidate.accountsFor(difference, evidence))
    if (found) used.add(found)
    return !found
  })
}

/** Whether nothing is left to explain once the occasions of the deviations are taken out of the documents. */
async function confirm(
  generated: GeneratedCase,
  used: Set<Deviation>,
  compare: (candidate: GeneratedCase) => Promise<Comparison>,
): Promise<boolean> {
  const removed = new Set<Deviation>()
  let changed = generated
  for (;;) {
    const occasions = [...used].filter(({ without }) => without)
    if (occasions.every((deviation) => removed.has(deviation))) return true
    for (const deviation of occasions) removed.add(deviation)
    changed = withoutOccasions(generated, occasions)
    const comparison = await compare(changed)
    if (comparison.silent !== undefined) return true
    const others = DEVIATIONS.filter((deviation) => !removed.has(deviation))
    if (claim(changed, comparison, others, used).length > 0) return false
  }
}

function withoutOccasions(generated: GeneratedCase, deviations: readonly Deviation[]): GeneratedCase {
  const files = Object.entries(generated.files).map(([name, text]) => {
    let changed = text
    for (const { without } of deviations) if (without) changed = without(changed)
    return [name, changed] as const
  })
  return { ...generated, files: Object.fromEntries(files) }
}

function idsOf(deviations: ReadonlySet<Deviation>): ReadonlySet<string> {
  return new Set([...deviations].map(({ id }) => id))
}
