import { sortByDistance } from '../../core/lang/src/text/edit-distance.ts'
import type { Difference } from '../../test/conformance/lang/comparison.ts'
import { type Evidence, isDiagnostic, isText, remarkOf } from './evidence.ts'

/** One entry of docs/reference/deviations.md: which differences it accounts for. `id` is its heading there. */
export interface Deviation {
  readonly id: string
  /** Whether a difference looks like this deviation. */
  accountsFor(difference: Difference, evidence: Evidence): boolean
  /** A document without an occasion for it. Where there is none, `accountsFor` is exact. */
  readonly without?: (text: string) => string
}

/** Only one side reports it. */
const onlyHeadgate = (difference: Difference, message: RegExp): boolean => message.test(remarkOf(difference, 'headgate')?.message ?? '')
const onlyReference = (difference: Difference, message: RegExp): boolean => message.test(remarkOf(difference, 'reference')?.message ?? '')

/** One side reports one thing and the other another thing, at the same path. */
function saidOtherwise(difference: Difference, evidence: Evidence, reference: RegExp, headgate: RegExp): boolean {
  if (onlyReference(difference, reference)) return evidence.counterparts(difference).some(({ message }) => headgate.test(message))
  return onlyHeadgate(difference, headgate) && evidence.counterparts(difference).some(({ message }) => reference.test(message))
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    id: 'ciphertext-access',
    accountsFor: (difference, evidence) =>
      saidOtherwise(difference, evidence, /^internal error: no receiver$/, /^(receiver must be|cannot access|array ind|unknown property)/),
  },
  {
    id: 'secrets-stay-out-of-messages',
    accountsFor: (difference, evidence) =>
      saidOtherwise(difference, evidence, /./s, /\[secret\]|^decoding JSON string: the secret is not valid JSON$/) ||
      (evidence.mentions('secret') &&
        saidOtherwise(difference, evidence, /^unknown property .*; did you mean/s, /^unknown property "(?:[^"\\]|\\.)*"$/s)),
  },
  {
    id: 'suggestion-ties',
    accountsFor: (difference, evidence) => {
      const own = remarkOf(difference, 'reference') ?? remarkOf(difference, 'headgate')
      return own !== undefined && evidence.counterparts(difference).some((other) => areTied(own.message, other.message))
    },
  },
  {
    id: 'schema-messages',
    accountsFor: (difference, evidence) => saidOtherwise(difference, evidence, /^invalid schema: /, /^invalid schema: /),
  },
  {
    id: 'schemas-without-end',
    accountsFor: (difference, evidence) =>
      isDiagnostic(difference) && evidence.reports('headgate', /^invalid schema: (multipleOf must not be zero|.* leads back to itself)$/s),
    without: (text) => text.replaceAll('multipleOf', 'xultipleOf').replaceAll('$ref', 'xref'),
  },
  {
    id: 'false-schemas-speak',
    accountsFor: (difference) => onlyHeadgate(difference, /^(.*: )?(no value is allowed here|there is no value here)$/s),
  },
  {
    id: 'inputs-must-be-objects',
    accountsFor: (difference, evidence) => evidence.mentions('fn::') && onlyHeadgate(difference, /^expected object, got /),
    without: (text) => text.replace(/fn::open/gi, 'fn::oben').replace(/fn::rotate/gi, 'fn::rotato'),
  },
  {
    id: 'exact-decimals',
    accountsFor: (difference) => isDiagnostic(difference) && /expected a (multiple of|number)/.test(difference.expected + difference.found),
    without: (text) =>
      text
        .replace(/multipleOf|(exclusive)?(min|max)imum/gi, (keyword) => `x${keyword.slice(1)}`)
        .replaceAll('open::schema', 'open::test  '),
  },
  {
    id: 'toyaml-numbers',
    accountsFor: (difference, evidence) =>
      evidence.mentions('fn::toYAML') && (!isDiagnostic(difference) || /[0-9]/.test(difference.expected + difference.found)),
    without: (text) => withoutCalls(text, 'toYAML'),
  },
  {
    id: 'split-keeps-secrets',
    accountsFor: (difference, evidence) => evidence.mentions('fn::split') && evidence.mentions('secret') && !isDiagnostic(difference),
    without: (text) => text.replaceAll('fn::split', 'fn::splat'),
  },
  {
    id: 'undeclared-outputs',
    accountsFor: (difference, evidence) =>
      onlyHeadgate(difference, /^unknown property /) ||
      (evidence.reports('headgate', /^unknown property /) && !isDiagnostic(difference)) ||
      (evidence.reports('headgate', /^unknown property /) &&
        onlyReference(difference, /receiver must be|cannot access|expected|array ind|subschema/)),
    without: (text) =>
      withoutCalls(text, 'final', 'validate')
        .replaceAll('open::schema', 'open::test  ')
        .replace(/fn::rotate(::\w+)?/g, 'fn::open::test')
        .replace(/provider: (schema|swap|echo)/g, 'provider: test'),
  },
  {
    id: 'keys-below-unopened',
    accountsFor: (difference, evidence) =>
      evidence.mentions('imports') &&
      (onlyReference(difference, /^unknown property /) ||
        (evidence.reports('reference', /^unknown property /) && !isDiagnostic(difference))),
    without: withoutMerging,
  },
  {
    id: 'final-holds',
    accountsFor: (difference, evidence) =>
      evidence.mentions('fn::final', 'imports') &&
      (!isDiagnostic(difference) ||
        remarkOf(difference, 'reference') !== undefined ||
        /final value|unknown property|expected |receiver must be|no receiver|cannot access|array ind/.test(
          difference.expected + difference.found,
        )),
    without: (text) => withoutCalls(text, 'final'),
  },
  {
    id: 'merged-objects-whole',
    accountsFor: (difference, evidence) =>
      evidence.mentions('imports') &&
      !isDiagnostic(difference) &&
      (isText(difference) || /\.(unknown|secret)$/.test(difference.path) || /fn::(final|validate|to[A-Z])/.test(evidence.texts)),
    without: withoutMerging,
  },
  {
    id: 'placeholder-bases',
    accountsFor: (difference, evidence) => /\.trace\.base\.trace\.base/.test(difference.path) && evidence.mentions('imports'),
    without: withoutMerging,
  },
  {
    id: 'empty-value-in-brackets',
    accountsFor: (difference, evidence) =>
      EMPTY_IN_BRACKETS.test(evidence.texts) && /\.(range|def)\.|"Start":/.test(difference.path + difference.expected),
    without: (text) => text.replace(EMPTY_IN_BRACKETS_ALL, ': x$1'),
  },
  {
    id: 'cyclic-export',
    accountsFor: (difference, evidence) =>
      evidence.reports('reference', /^internal error: cyclic export$/) &&
      (!isDiagnostic(difference) || onlyReference(difference, /cyclic export/)),
    without: withoutMerging,
  },
]

/** The end of `[ a: ]` and of `[ a: , b ]`. */
const EMPTY_IN_BRACKETS = /:\s*([\],])/
const EMPTY_IN_BRACKETS_ALL = new RegExp(EMPTY_IN_BRACKETS, 'g')

/** Two reports of an unknown property that differ in the suggestion alone, both as near to what was written. */
function areTied(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => /^unknown property ("(?:[^"\\]|\\.)*"); did you mean ("(?:[^"\\]|\\.)*")\?$/s.exec(text))
  if (!left?.[2] || !right?.[2] || left[1] !== right[1]) return false
  const one = unquoted(left[2])
  const other = unquoted(right[2])
  // The order of candidates that are equally near is the order in which they were given.
  const name = unquoted(left[1] as string)
  return sortByDistance(name, [one, other])[0] === one && sortByDistance(name, [other, one])[0] === other
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, '$1')
}

/** A document with some calls replaced by one that gives a text. */
function withoutCalls(text: string, ...names: readonly string[]): string {
  return text.replace(new RegExp(`fn::(${names.join('|')})(?!\\w)`, 'g'), 'fn::toJSON')
}

/** A document that merges none of its imports; they are still there to be read. */
function withoutMerging(text: string): string {
  let inImports = false
  const lines = text.split('\n').map((line) => {
    if (/^"?imports"?:/i.test(line)) inImports = true
    else if (/^[^\s#-]/.test(line)) inImports = false
    if (!inImports) return line
    const flow = /^(imports:\s*)\[(.*)\](\s*)$/i.exec(line)
    if (flow) return `${flow[1]}[${(flow[2] as string).split(',').map(unmergedItem).join(', ')}]${flow[3]}`
    return line.replace(/^(\s*-\s+)("?[\w/]+"?)(: *\{.*\})?(?=\s*$)/, '$1$2: { merge: false }')
  })
  return lines.join('\n')
}

function unmergedItem(item: string): string {
  const name = item.trim()
  return /^"?[\w/]+"?$/.test(name) ? `{ ${name}: { merge: false } }` : name
}
