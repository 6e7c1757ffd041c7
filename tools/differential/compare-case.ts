import { type Failure, type LoadedImport, parseJson, writeJson, quote } from '@headgate/lang'
import { COMPARED, type Data, type Difference, differences, sortedByText } from '../../test/conformance/lang/comparison.ts'
import { crypter, evaluateSource } from '../../test/conformance/lang/evaluation-case.ts'
import type { GeneratedCase } from './generate-document.ts'

/** What both sides say of one case. */
export interface Comparison {
  /** The reference gave no answer: it panicked or took too long. */
  readonly silent?: string
  readonly differences: readonly Difference[]
  readonly expected: ReadonlyMap<string, Data>
  readonly found: Readonly<Record<string, Data>>
}

/** Compares our answer with the reference's, given as a line of JSON. */
export async function compareCase(generated: GeneratedCase, answer: string): Promise<Comparison> {
  const found = await ourAnswer(generated)
  const expected = parseJson(answer) as ReadonlyMap<string, Data>
  const panic = expected.get('panic')
  const silent = typeof panic === 'string' ? `panic: ${panic}` : expected.has('hang') ? 'hang' : undefined
  if (silent !== undefined) return { silent, differences: [], expected, found }
  const all = COMPARED.flatMap((key) => compareKey(key, expected.get(key), found[key]))
  return { differences: all, expected, found }
}

function ourAnswer({ name, files, rotate }: GeneratedCase): Promise<Record<string, Data>> {
  const imports = (imported: string): LoadedImport | Failure =>
    imported !== 'env' && Object.hasOwn(files, imported)
      ? { source: files[imported] as string, crypter }
      : { failure: `environment ${quote(imported)} not found` }
  return evaluateSource(name, files['env'] as string, imports, { rotate })
}

function compareKey(key: string, expected: Data | undefined, found: Data | undefined): Difference[] {
  if (key.endsWith('Diags')) return compareDiagnostics(key, (expected ?? []) as readonly Data[], (found ?? []) as readonly Data[])
  if (key === 'rotatePatches')
    return differences(sortedByText((expected ?? []) as readonly Data[]), sortedByText((found ?? []) as readonly Data[]), key)
  return differences(expected ?? null, found ?? null, key)
}

/** Diagnostics have no order: one difference for each that only one side has. */
function compareDiagnostics(key: string, expected: readonly Data[], found: readonly Data[]): Difference[] {
  const left = expected.map((diagnostic) => writeJson(relevant(diagnostic)))
  // What is no text is written as the replacement character by both; the reference's answer was read from that already.
  const right = found.map((diagnostic) => writeJson(parseJson(writeJson(relevant(diagnostic)))))
  const missing = without(left, right).map((text) => ({ path: key, expected: text, found: '' }))
  const extra = without(right, left).map((text) => ({ path: key, expected: '', found: text }))
  return [...missing, ...extra]
}

/** The texts of one list that the other does not have as often. */
function without(texts: readonly string[], others: readonly string[]): string[] {
  const rest = [...others]
  return texts.filter((text) => {
    const at = rest.indexOf(text)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}

/** A diagnostic without what every one says alike. */
function relevant(diagnostic: Data): Data {
  const kept = ['Severity', 'Summary', 'Subject', 'Path']
  return new Map([...(diagnostic as ReadonlyMap<string, Data>)].filter(([key]) => kept.includes(key)))
}
