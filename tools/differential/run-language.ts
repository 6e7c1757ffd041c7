import { type Comparison, compareCase } from './compare-case.ts'
import { explain } from './explain.ts'
import { type GeneratedCase, generateCase } from './generate-document.ts'
import { Oracle, REFERENCE, buildOracle } from './oracle.ts'
import { Seeded } from './seeded.ts'
import { shrink } from './shrink.ts'

export interface LanguageRun {
  readonly count: number
  readonly seed: number
  /** Unexplained disagreements that are shrunk and printed; all are counted. */
  readonly shown: number
}

/** Cases asked about at a time, so that both sides are busy. */
const BATCH = 64

/** Compares generated environments with the reference. Returns how many disagreements nothing explains, or undefined without a Go toolchain. */
export async function runLanguage({ count, seed, shown }: LanguageRun): Promise<number | undefined> {
  const program = await buildOracle()
  if (!program) return undefined
  const oracle = new Oracle(program)
  const tally = new Map<string, number>()
  let equal = 0
  let silent = 0
  let unexplained = 0
  const began = Date.now()
  try {
    for (let from = 0; from < count; from += BATCH) {
      const cases = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => generateCase(new Seeded(seed * 1_000_003 + from + i)))
      const answers = cases.map((generated) => oracle.ask(generated))
      for (const [i, generated] of cases.entries()) {
        const verdict = await judge(generated, await (answers[i] as Promise<string>), oracle)
        if (verdict === 'equal') equal++
        else if (verdict === 'silent') silent++
        else if ('used' in verdict) for (const id of verdict.used) tally.set(id, (tally.get(id) ?? 0) + 1)
        else if (unexplained++ < shown) await show(generated, from + i, oracle)
      }
    }
  } finally {
    oracle.close()
  }
  console.log(
    `seed ${seed}: ${count} cases against ${REFERENCE.module} ${REFERENCE.version} in ${Math.round((Date.now() - began) / 1000)} s`,
  )
  console.log(`  ${equal} agree in everything, ${silent} have no answer there (it panics or hangs)`)
  for (const [id, times] of [...tally].toSorted((a, b) => b[1] - a[1])) console.log(`  ${times} differ as in deviations.md#${id}`)
  console.log(`  ${unexplained} unexplained`)
  return unexplained
}

type Verdict = 'equal' | 'silent' | { readonly used: ReadonlySet<string> } | { readonly left: true }

async function judge(generated: GeneratedCase, answer: string, oracle: Oracle): Promise<Verdict> {
  const comparison = await compareCase(generated, answer)
  if (comparison.silent !== undefined) return 'silent'
  if (comparison.differences.length === 0) return 'equal'
  const { used, left } = await explain(generated, comparison, (candidate) => ask(candidate, oracle))
  return left.length === 0 ? { used } : { left: true }
}

async function ask(generated: GeneratedCase, oracle: Oracle): Promise<Comparison> {
  return compareCase(generated, await oracle.ask(generated))
}

async function show(generated: GeneratedCase, index: number, oracle: Oracle): Promise<void> {
  const fails = async (candidate: GeneratedCase): Promise<boolean> => {
    const verdict = await judge(candidate, await oracle.ask(candidate), oracle)
    return typeof verdict === 'object' && 'left' in verdict
  }
  const smallest = await shrink(generated, fails)
  const comparison = await ask(smallest, oracle)
  const { left } = await explain(smallest, comparison, (candidate) => ask(candidate, oracle))
  console.log(`✗ case ${index}, shrunk`)
  for (const [name, text] of Object.entries(smallest.files)) console.log(`--- ${name}\n${text}`)
  for (const { path, expected, found } of left.slice(0, 6)) {
    console.log(`    ${path}\n      reference ${cut(expected)}\n      headgate  ${cut(found)}`)
  }
}

function cut(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
