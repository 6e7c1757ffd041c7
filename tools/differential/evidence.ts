import type { Difference } from '../../test/conformance/lang/comparison.ts'
import type { Comparison } from './compare-case.ts'

/** What one diagnostic of a comparison says. */
export interface Remark {
  readonly message: string
  /** Where it stands, as one text. */
  readonly place: string
  /** The path in the document. */
  readonly path: string
}

/** What is known of a case whose differences are to be explained. */
export class Evidence {
  /** All documents, one after another. */
  readonly texts: string
  readonly #differences: readonly Difference[]

  constructor(texts: string, comparison: Comparison) {
    this.texts = texts
    this.#differences = comparison.differences
  }

  mentions(...words: readonly string[]): boolean {
    return words.every((word) => this.texts.includes(word))
  }

  /** Whether only one side reports something of the kind, somewhere in the case. */
  reports(side: 'reference' | 'headgate', message: RegExp): boolean {
    return this.#differences.some((difference) => {
      const remark = remarkOf(difference, side)
      return remark !== undefined && message.test(remark.message)
    })
  }

  /** What the other side says at the same path in the same mode, where it differs too. */
  counterparts(difference: Difference): Remark[] {
    const own = remarkOf(difference, 'reference') ?? remarkOf(difference, 'headgate')
    const other = difference.expected === '' ? 'reference' : 'headgate'
    return this.#differences.flatMap((candidate) => {
      const remark = candidate.path === difference.path ? remarkOf(candidate, other) : undefined
      return remark && remark.path === own?.path ? [remark] : []
    })
  }
}

export function isDiagnostic({ path }: Difference): boolean {
  return path.endsWith('Diags')
}

/** What a side says that the other one does not; undefined where this difference is none between diagnostics, or the other side's. */
export function remarkOf(difference: Difference, side: 'reference' | 'headgate'): Remark | undefined {
  const text = side === 'reference' ? difference.expected : difference.found
  if (!isDiagnostic(difference) || text === '') return undefined
  const { Summary, Subject, Path } = JSON.parse(text) as { Summary: string; Subject: unknown; Path: string }
  return { message: Summary, place: JSON.stringify(Subject), path: Path }
}

/** A difference between two texts that stand in the same place. */
export function isText({ expected, found }: Difference): boolean {
  return expected.startsWith('"') && found.startsWith('"')
}
