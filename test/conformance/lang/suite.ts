import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseJson } from '@headgate/lang'
import { COMPARED, type Data, differences, renderDifferences, sortedByText } from './comparison.ts'
import { runCryptPair } from './crypt-pair.ts'
import { runEvaluationCase } from './evaluation-case.ts'

export interface CaseResult {
  readonly name: string
  /** What is wrong, for people; absent where the case passes. */
  readonly failure?: string
}

/** Runs the cases of a folder: those of `eval` that have an `expected.json`, and the pairs of `crypt`. */
export async function* runSuite(folder: string): AsyncGenerator<CaseResult> {
  const base = resolve(folder)
  for (const name of list(join(base, 'eval'))) {
    const file = join(base, 'eval', name, 'expected.json')
    if (existsSync(file)) yield await guarded(`eval/${name}`, () => compareCase(join(base, 'eval', name), name, file))
  }
  for (const file of list(join(base, 'crypt'))) {
    const pair = /^(.*)\.plaintext\.yaml$/.exec(file)?.[1]
    if (pair !== undefined) yield await guarded(`crypt/${pair}`, () => runCryptPair(join(base, 'crypt'), pair))
  }
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted() : []
}

async function guarded(name: string, run: () => Promise<string | undefined>): Promise<CaseResult> {
  try {
    const failure = await run()
    return failure === undefined ? { name } : { name, failure }
  } catch (error) {
    return { name, failure: `    ${error instanceof Error ? error.stack : String(error)}` }
  }
}

async function compareCase(folder: string, name: string, file: string): Promise<string | undefined> {
  const expected = parseJson(readFileSync(file, 'utf8')) as ReadonlyMap<string, Data>
  return compareOutcome(expected, await runEvaluationCase(folder, name))
}

/** What is different between an `expected.json` and what a case came to, for people; undefined for nothing. */
export function compareOutcome(expected: ReadonlyMap<string, Data>, found: Readonly<Record<string, Data>>): string | undefined {
  // A key that no run fills is one difference more.
  const keys = new Set([...COMPARED, ...expected.keys()])
  const all = [...keys].flatMap((key) => differences(stored(key, expected.get(key)), stored(key, found[key]), key))
  return all.length === 0 ? undefined : renderDifferences(all)
}

/** The suite leaves out what is empty, and stores diagnostics in no order. */
function stored(key: string, data: Data | undefined): Data {
  if (key.endsWith('Diags')) return sortedByText(((data ?? []) as readonly Data[]).map(withoutConstants))
  if (key === 'rotatePatches') return data ?? []
  return data ?? null
}

/** Leaves out what every stored diagnostic says alike: nothing. */
function withoutConstants(diagnostic: Data): Data {
  const constant = ['Context', 'Expression', 'EvalContext', 'Extra']
  return new Map([...(diagnostic as ReadonlyMap<string, Data>)].filter(([key, value]) => value !== null || !constant.includes(key)))
}
