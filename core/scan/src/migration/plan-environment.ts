import { Secret } from '@headgate/model'
import type { Classification, Reason } from '../classify/classification.ts'
import { assignmentsInside, isRefusedExport } from '../dotenv/diagnose.ts'
import type { DotenvAssignment, DotenvFile } from '../dotenv/dotenv-file.ts'
import { describeReference } from '../dotenv/references.ts'
import { environmentText } from './environment-text.ts'
import { type LinkedValue, linkReferences } from './link-references.ts'
import type {
  Change,
  EnvironmentValue,
  KeptValue,
  MigrationOptions,
  PlannedEntry,
  PlannedEnvironment,
  ReferencePolicy,
  Refusal,
} from './migration-plan.ts'
import { brokenLineEntry, classificationOf, notTakenEntry } from './not-taken.ts'
import { overriddenBy, placeholderRefusal, refusalOf } from './take-assignment.ts'
import { textLines } from './text-lines.ts'
import { escapeInterpolation } from './yaml-scalar.ts'

/** A file, read and classified. */
export interface ReadSource {
  readonly file: DotenvFile
  readonly classifications: ReadonlyMap<DotenvAssignment, Classification>
}

/** A variable that is taken over, and how. */
export interface TakenVariable {
  readonly assignment: DotenvAssignment
  readonly classification: Classification
  readonly value: string
  readonly secret: boolean
  readonly links: readonly string[]
  /** For a plain value: as the environment language writes it. */
  readonly expression: string
  readonly sealedLinks: boolean
}

/** Everything about one environment: what each line of its files becomes, and the text they become together. */
export function planEnvironment(
  environment: string,
  sources: readonly ReadSource[],
  imports: readonly string[],
  options: MigrationOptions,
): PlannedEnvironment {
  const existing = options.existing?.get(environment)
  const refusals = findRefusals(environment, sources, options)
  const taken = takeVariables(sources, refusals, options.references ?? 'literal')
  const entries = sources.flatMap((source) => planFile(source, refusals, taken, existing))
  const kept = keptValues(existing, taken)
  const lines = sources.flatMap((source, index) => textLines(source.file, taken, sources.length > 1 ? source.file.name : '', index > 0))
  return {
    project: options.project,
    environment,
    sources: sources.map((source) => source.file.name),
    entries,
    kept,
    imports,
    change: changeOf(entries, existing),
    text: new Secret(environmentText(imports, [...lines, ...keptLines(kept)])),
  }
}

/** Why each assignment that is not taken is not. The last of a name wins before anything else is asked, as it does today. */
function findRefusals(environment: string, sources: readonly ReadSource[], options: MigrationOptions): Map<DotenvAssignment, Refusal> {
  const winners = new Map<string, { assignment: DotenvAssignment; file: string }>()
  for (const { file } of sources) for (const assignment of file.assignments) winners.set(assignment.name, { assignment, file: file.name })
  const policy = options.placeholders ?? 'by-environment'
  const refusals = new Map<DotenvAssignment, Refusal>()
  for (const { file, classifications } of sources) {
    for (const assignment of file.assignments) {
      const winner = winners.get(assignment.name)
      const refusal =
        winner && winner.assignment !== assignment
          ? overriddenBy(winner.assignment, winner.file === file.name, winner.file)
          : (refusalOf(assignment) ?? placeholderRefusal(environment, policy, classificationOf(assignment, classifications)))
      if (refusal) refusals.set(assignment, refusal)
    }
  }
  return refusals
}

function takeVariables(
  sources: readonly ReadSource[],
  refusals: ReadonlyMap<DotenvAssignment, Refusal>,
  policy: ReferencePolicy,
): Map<string, TakenVariable> {
  const winners = new Map<string, { assignment: DotenvAssignment; classification: Classification }>()
  for (const { file, classifications } of sources) {
    for (const assignment of file.assignments) {
      if (!refusals.has(assignment))
        winners.set(assignment.name, { assignment, classification: classificationOf(assignment, classifications) })
    }
  }
  const linked = policy === 'link' ? linkReferences(new Map([...winners].map(([name, { assignment }]) => [name, assignment]))) : undefined
  const taken = new Map<string, TakenVariable>()
  const secretBehind = secretness(winners, linked)
  for (const [name, { assignment, classification }] of winners) {
    const plain = { value: assignment.value, expression: escapeInterpolation(assignment.value), links: [] }
    const result: LinkedValue = linked?.get(name) ?? plain
    const secretLinks = result.links.some(secretBehind)
    // fn::secret takes no references, so a secret made of plain parts is sealed with the parts filled in.
    const sealedLinks = classification.secret && result.links.length > 0 && !secretLinks
    taken.set(name, {
      assignment,
      classification,
      value: result.value,
      secret: classification.secret || secretLinks,
      links: sealedLinks ? [] : result.links,
      expression: result.expression,
      sealedLinks,
    })
  }
  return taken
}

/** Whether a variable is secret by itself or by what it refers to; each is asked once, however many refer to it. */
function secretness(
  winners: ReadonlyMap<string, { classification: Classification }>,
  linked: ReadonlyMap<string, LinkedValue> | undefined,
): (name: string) => boolean {
  const known = new Map<string, boolean>()
  const ask = (name: string): boolean => {
    const answer = known.get(name) ?? (winners.get(name)?.classification.secret === true || (linked?.get(name)?.links ?? []).some(ask))
    known.set(name, answer)
    return answer
  }
  return ask
}

function planFile(
  { file, classifications }: ReadSource,
  refusals: ReadonlyMap<DotenvAssignment, Refusal>,
  taken: ReadonlyMap<string, TakenVariable>,
  existing: ReadonlyMap<string, EnvironmentValue> | undefined,
): PlannedEntry[] {
  return file.items.flatMap((item): PlannedEntry[] => {
    if (item.kind === 'broken') return [brokenLineEntry(file.name, item)]
    if (item.kind !== 'assignment') return []
    const refusal = refusals.get(item)
    if (refusal) return [notTakenEntry(file.name, item, classificationOf(item, classifications), refusal)]
    const variable = taken.get(item.name)
    return variable ? [takenEntry(file.name, variable, existing)] : []
  })
}

function takenEntry(file: string, variable: TakenVariable, existing: ReadonlyMap<string, EnvironmentValue> | undefined): PlannedEntry {
  const { assignment, classification, value, secret, links } = variable
  return {
    file,
    line: assignment.line,
    range: assignment.range,
    key: assignment.name,
    outcome: secret ? 'secret' : 'plain',
    placeholder: classification.placeholder,
    reasons: [...classification.reasons, ...doubts(assignment), ...linkReasons(variable)],
    value: new Secret(value),
    confidential: secret,
    change: changeOfValue(existing?.get(assignment.name), value, secret),
    links,
  }
}

/** What to look at before trusting a value that is taken over. */
function doubts(assignment: DotenvAssignment): Reason[] {
  const swallowed = assignmentsInside(assignment)
  return [
    ...(swallowed.length > 0 ? [{ rule: 'swallowed', text: `it takes in what look like assignments: ${swallowed.join(', ')}` }] : []),
    ...(isRefusedExport(assignment) ? [{ rule: 'export', text: 'a shell refuses its line, because of the space before the =' }] : []),
    ...(assignment.cutByHash ? [{ rule: 'hash', text: 'it ends at a # that other readers take for part of it' }] : []),
  ]
}

function linkReasons({ assignment, secret, classification, links, sealedLinks }: TakenVariable): Reason[] {
  const reasons: Reason[] = []
  if (links.length > 0) reasons.push({ rule: 'link', text: `refers to ${links.join(', ')}` })
  if (links.length > 0 && secret && !classification.secret) reasons.push({ rule: 'link', text: 'what it refers to is secret' })
  if (sealedLinks) reasons.push({ rule: 'link', text: 'its references are filled in, because a secret takes none' })
  const left = assignment.references.filter((reference) => !links.includes(reference.name))
  if (left.length > 0 && !sealedLinks) {
    reasons.push({ rule: 'reference', text: `${[...new Set(left.map(describeReference))].join(', ')} stays as text` })
  }
  return reasons
}

function changeOfValue(before: EnvironmentValue | undefined, value: string, secret: boolean): Change {
  if (!before) return 'new'
  return revealed(before.value) === value && before.secret === secret ? 'same' : 'changed'
}

function changeOf(entries: readonly PlannedEntry[], existing: ReadonlyMap<string, EnvironmentValue> | undefined): Change {
  if (!existing) return 'new'
  return entries.every((entry) => entry.change === undefined || entry.change === 'same') ? 'same' : 'changed'
}

function keptValues(existing: ReadonlyMap<string, EnvironmentValue> | undefined, taken: ReadonlyMap<string, TakenVariable>): KeptValue[] {
  return [...(existing ?? [])]
    .filter(([key]) => !taken.has(key))
    .map(([key, { value, secret }]) => ({ key, value: new Secret(revealed(value)), secret }))
}

function keptLines(kept: readonly KeptValue[]): Parameters<typeof environmentText>[1] {
  if (kept.length === 0) return []
  return [
    { kind: 'blank' },
    { kind: 'comment', text: ' there before, and in none of the files' },
    ...kept.map(({ key, value, secret }) =>
      secret
        ? ({ kind: 'secret', key, value: value.reveal() } as const)
        : ({ kind: 'value', key, expression: escapeInterpolation(value.reveal()) } as const),
    ),
  ]
}

export function revealed(value: string | Secret): string {
  return typeof value === 'string' ? value : value.reveal()
}
