import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DotenvFile, dotenvValues, planMigration, readDotenv } from '@headgate/scan'
import { DEVIATION_RULES, type Difference } from './deviation-rules.ts'

/** What came of one file. */
export interface FileVerdict {
  readonly file: string
  readonly passed: boolean
  readonly variables: number
  /** Differences that no rule explains. */
  readonly unexplained: readonly Difference[]
  /** How often each rule was needed. */
  readonly byRule: ReadonlyMap<string, number>
  /** What else is wrong, in words. */
  readonly problems: readonly string[]
}

/** Reads one file and holds it against what npm dotenv made of it. A file passes if rules explain every difference. */
export function judgeFile(folder: string, name: string): FileVerdict {
  const file = readDotenv(readFileSync(join(folder, name)), { name })
  const norm = readNorm(folder, name)
  const problems = [...(typeof norm === 'string' ? [norm] : []), ...lossProblems(file)]
  const differences = typeof norm === 'string' ? [] : differencesOf(file, norm)
  const byRule = new Map<string, number>()
  const unexplained = differences.filter((difference) => {
    const rule = DEVIATION_RULES.find(({ explains }) => explains(difference))
    if (rule) byRule.set(rule.name, (byRule.get(rule.name) ?? 0) + 1)
    return !rule
  })
  const passed = unexplained.length === 0 && problems.length === 0
  return { file: name, passed, variables: dotenvValues(file).size, unexplained, byRule, problems }
}

/** What npm dotenv read, or why that is not known. */
function readNorm(folder: string, name: string): ReadonlyMap<string, string> | string {
  const beside = `${name.slice(0, -'.env'.length)}.readers.json`
  const path = join(folder, beside)
  if (!existsSync(path)) return `there is no ${beside} to compare with`
  try {
    const readers = JSON.parse(readFileSync(path, 'utf8')) as { dotenv?: Record<string, string> | null }
    if (!readers.dotenv) return `${beside} does not say what npm dotenv reads`
    return new Map(Object.entries(readers.dotenv))
  } catch (error) {
    return `${beside} cannot be read: ${(error as Error).message}`
  }
}

function differencesOf(file: DotenvFile, norm: ReadonlyMap<string, string>): Difference[] {
  const actual = dotenvValues(file)
  const lines = new Map(file.assignments.map((assignment) => [assignment.name, assignment.line]))
  return [...new Set([...norm.keys(), ...actual.keys()])]
    .filter((name) => norm.get(name) !== actual.get(name))
    .map((name) => ({ name, expected: norm.get(name), actual: actual.get(name), line: lines.get(name) }))
}

/** Nothing of a file may get lost: neither in reading it nor in planning its migration. */
function lossProblems(file: DotenvFile): string[] {
  const problems: string[] = []
  if (file.items.map((item) => item.raw).join('') !== file.text) problems.push('its items do not add up to its text')
  const plan = planMigration([{ name: file.name, text: file.text }], { project: 'conformance' })
  const planned = [...plan.environments, ...plan.leftOut].flatMap(({ entries }) => entries.map(({ key, line }) => `${key} on line ${line}`))
  const wanted = file.items.flatMap((item) => {
    if (item.kind === 'assignment') return [`${item.name} on line ${item.line}`]
    return item.kind === 'broken' ? [`@line:${item.line} on line ${item.line}`] : []
  })
  if (planned.toSorted().join('\n') !== wanted.toSorted().join('\n')) {
    const missing = wanted.filter((entry) => !planned.includes(entry))
    problems.push(`the plan does not account for every line: ${missing.join(', ') || 'some twice'}`)
  }
  return problems
}
