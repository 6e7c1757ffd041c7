import type { Comparison } from './compare-case.ts'
import type { Difference } from '../../test/conformance/lang/comparison.ts'
import type { GeneratedCase } from './generate-document.ts'

/** What is known of a case whose differences are to be explained. */
interface Evidence {
  readonly texts: string
  readonly comparison: Comparison
}

/** One entry of docs/reference/deviations.md: which differences it accounts for. `id` is its heading there. */
export interface Deviation {
  readonly id: string
  accountsFor(difference: Difference, evidence: Evidence): boolean
}

const summary = (text: string): string => /"Summary":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? ''
const both = ({ expected, found }: Difference): string => expected + found
const isDiagnostic = ({ path }: Difference): boolean => path.endsWith('Diags')
const mentions = ({ texts }: Evidence, ...words: readonly string[]): boolean => words.every((word) => texts.includes(word))
const reports = ({ comparison }: Evidence, text: string): boolean =>
  comparison.differences.some((difference) => isDiagnostic(difference) && both(difference).includes(text))

/** Our text has more in it: keys the reference leaves out. */
const longer = ({ expected, found }: Difference): boolean => found.length > expected.length

/** Both sides are texts, or one is only a longer form of the other: what a changed text brings about. */
const isText = ({ expected, found }: Difference): boolean => expected.startsWith('"') && found.startsWith('"')

export const DEVIATIONS: readonly Deviation[] = [
  {
    id: 'final-holds',
    accountsFor: (difference, evidence) =>
      mentions(evidence, 'fn::final') &&
      (reports(evidence, 'cannot override final value') ||
        !isDiagnostic(difference) ||
        /unknown property|expected /.test(both(difference))),
  },
  {
    id: 'placeholder-bases',
    accountsFor: (difference, evidence) =>
      /\.trace\.base\.trace\.base/.test(difference.path) && mentions(evidence, 'imports') && /open|rotate|ciphertext/.test(evidence.texts),
  },
  {
    id: 'split-keeps-secrets',
    accountsFor: (_difference, evidence) => mentions(evidence, 'fn::split') && /fn::secret|secret-wrapper/.test(evidence.texts),
  },
  { id: 'toyaml-numbers', accountsFor: (difference, evidence) => mentions(evidence, 'fn::toYAML') && /[0-9]/.test(both(difference)) },
  {
    id: 'ciphertext-access',
    accountsFor: (difference, evidence) =>
      mentions(evidence, 'ciphertext') && /internal error: no receiver|receiver must be/.test(both(difference)),
  },
  {
    id: 'undeclared-outputs',
    accountsFor: (difference, evidence) =>
      evidence.comparison.differences.some(
        (other) => isDiagnostic(other) && other.expected === '' && /unknown property|there is no value here/.test(other.found),
      ) &&
      (isDiagnostic(difference)
        ? /unknown property|receiver must be|cannot access|there is no value here|subschema|expected (null|string|number|object|array|boolean)/.test(
            summary(both(difference)),
          )
        : /schema|\.value/.test(difference.path)),
  },
  {
    id: 'false-schemas-speak',
    accountsFor: (difference) =>
      isDiagnostic(difference) && difference.expected === '' && /no value is allowed here|there is no value here/.test(difference.found),
  },
  {
    id: 'schema-messages',
    accountsFor: (difference) => isDiagnostic(difference) && summary(both(difference)).startsWith('invalid schema: '),
  },
  {
    id: 'inputs-must-be-objects',
    accountsFor: (difference, evidence) =>
      /fn::(open|rotate)/.test(evidence.texts) &&
      isDiagnostic(difference) &&
      difference.expected === '' &&
      /expected object, got/.test(difference.found),
  },
  {
    id: 'secrets-stay-out-of-messages',
    accountsFor: (difference, evidence) =>
      isDiagnostic(difference) &&
      /secret/.test(evidence.texts) &&
      /\[secret\]|the secret is not valid JSON|unknown property|decoding JSON string/.test(both(difference)),
  },
  {
    id: 'exact-decimals',
    accountsFor: (difference) => isDiagnostic(difference) && /expected a (multiple of|number)/.test(both(difference)),
  },
  { id: 'suggestion-ties', accountsFor: (difference) => isDiagnostic(difference) && /did you mean/.test(both(difference)) },
  {
    id: 'merged-objects-whole',
    accountsFor: (difference, evidence) =>
      mentions(evidence, 'imports') &&
      ((/fn::(final|validate)/.test(evidence.texts) && !isDiagnostic(difference)) ||
        (isDiagnostic(difference) && /unknown property/.test(difference.expected)) ||
        (isText(difference) && (longer(difference) || /\[unknown\]|\[secret\]/.test(difference.found))) ||
        /secret|unknown/.test(difference.path)),
  },
  { id: 'key-places', accountsFor: (difference) => isDiagnostic(difference) && /alias nodes are not supported/.test(both(difference)) },
]

/** The deviations a case shows, and the differences none of them accounts for. */
export function explain(
  generated: GeneratedCase,
  comparison: Comparison,
): { readonly used: ReadonlySet<string>; readonly left: readonly Difference[] } {
  const evidence = { texts: Object.values(generated.files).join('\n'), comparison }
  const used = new Set<string>()
  const left = comparison.differences.filter((difference) => {
    const deviation = DEVIATIONS.find((candidate) => candidate.accountsFor(difference, evidence))
    if (deviation) used.add(deviation.id)
    return !deviation
  })
  return { used, left }
}
