/** One line of a comparison. `before` and `after` are line numbers from 1 where the side has the line. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
  readonly before?: number
  readonly after?: number
}

/** A stretch of changes with the unchanged lines around it. */
export type Hunk = readonly DiffLine[]

/** Beyond so many differences the shortest script is not worth its time: the rest is shown as replaced whole. */
const EFFORT_LIMIT = 1_000

/** The shortest way from one list of lines to the other: what is the same, what goes, what comes. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1
  let end = 0
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end += 1
  const middle = shortestScript(before.slice(start, before.length - end), after.slice(start, after.length - end))
  const same = (from: number, to: number) => before.slice(from, to).map((text) => ({ kind: 'same' as const, text }))
  return number([...same(0, start), ...middle, ...same(before.length - end, before.length)])
}

/** The changes with `context` unchanged lines around each; changes that are near each other share a hunk. */
export function hunksOf(lines: readonly DiffLine[], context: number): Hunk[] {
  const near = new Set<number>()
  for (const [index, { kind }] of lines.entries()) {
    if (kind === 'same') continue
    for (let i = Math.max(0, index - context); i <= Math.min(lines.length - 1, index + context); i++) near.add(i)
  }
  const hunks: DiffLine[][] = []
  let last = Number.NaN
  for (const index of [...near].toSorted((a, b) => a - b)) {
    if (index !== last + 1) hunks.push([])
    hunks.at(-1)?.push(lines[index] as DiffLine)
    last = index
  }
  return hunks
}

type Unnumbered = Pick<DiffLine, 'kind' | 'text'>

/** Myers' greedy search: the furthest reaching path of every diagonal, one difference more each round. */
function shortestScript(before: readonly string[], after: readonly string[]): Unnumbered[] {
  const limit = Math.min(before.length + after.length, EFFORT_LIMIT)
  const rounds: Map<number, number>[] = []
  let reach = new Map<number, number>([[1, 0]])
  for (let differences = 0; differences <= limit; differences++) {
    rounds.push(reach)
    const next = new Map(reach)
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      let x = comesDown(reach, diagonal, differences) ? (reach.get(diagonal + 1) ?? 0) : (reach.get(diagonal - 1) ?? 0) + 1
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x += 1
      next.set(diagonal, x)
      if (x >= before.length && x - diagonal >= after.length) return traceBack(rounds, before, after)
    }
    reach = next
  }
  return [...before.map((text) => ({ kind: 'removed' as const, text })), ...after.map((text) => ({ kind: 'added' as const, text }))]
}

function comesDown(reach: ReadonlyMap<number, number>, diagonal: number, differences: number): boolean {
  if (diagonal === -differences) return true
  return diagonal !== differences && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1)
}

function traceBack(rounds: readonly ReadonlyMap<number, number>[], before: readonly string[], after: readonly string[]): Unnumbered[] {
  const script: Unnumbered[] = []
  let x = before.length
  let y = after.length
  for (let differences = rounds.length - 1; x > 0 || y > 0; differences--) {
    const reach = rounds[differences] as ReadonlyMap<number, number>
    const diagonal = x - y
    const down = comesDown(reach, diagonal, differences)
    const previous = down ? diagonal + 1 : diagonal - 1
    const fromX = differences === 0 ? 0 : (reach.get(previous) ?? 0)
    const fromY = differences === 0 ? 0 : fromX - previous
    while (x > Math.max(fromX, 0) && y > Math.max(fromY, 0) && before[x - 1] === after[y - 1]) {
      script.push({ kind: 'same', text: before[x - 1] ?? '' })
      x -= 1
      y -= 1
    }
    if (differences === 0) break
    script.push(down ? { kind: 'added', text: after[y - 1] ?? '' } : { kind: 'removed', text: before[x - 1] ?? '' })
    x = fromX
    y = fromY
  }
  return script.toReversed()
}

function number(lines: readonly Unnumbered[]): DiffLine[] {
  let before = 0
  let after = 0
  return lines.map(({ kind, text }) => {
    if (kind !== 'added') before += 1
    if (kind !== 'removed') after += 1
    return { kind, text, ...(kind === 'added' ? {} : { before }), ...(kind === 'removed' ? {} : { after }) }
  })
}
