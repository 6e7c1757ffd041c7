/**
 * What the workload says, one line each: what it is about to do, and what it was told has happened. From the lines up to
 * any moment follows what must be on the disk, and what may be.
 *
 *     will REQUEST KIND ENVIRONMENT NUMBER [TAG]
 *     did REQUEST
 *     failed REQUEST CODE
 */
export type Act =
  /** NUMBER is the revision it makes; the first makes the environment. */
  | { readonly kind: 'save'; readonly environment: string; readonly revision: number }
  | { readonly kind: 'open'; readonly environment: string; readonly revision: number }
  | { readonly kind: 'tag'; readonly environment: string; readonly revision: number; readonly tag: string }
  | { readonly kind: 'untag'; readonly environment: string; readonly revision: number; readonly tag: string }
  | { readonly kind: 'delete'; readonly environment: string; readonly revision: number }

export interface Entry {
  readonly request: string
  readonly act: Act
  outcome: 'open' | 'done' | 'failed'
}

/** A secret's value follows from the request that saved it, so whoever checks knows it too. */
export function valueOf(request: string): string {
  return `made-up-${request}`
}

export function willLine(request: string, act: Act): string {
  return `will ${request} ${act.kind} ${act.environment} ${act.revision}${'tag' in act ? ` ${act.tag}` : ''}\n`
}

/** Reads what was printed, a last line that was cut off left aside. */
export function readLedger(printed: string): Entry[] {
  const entries = new Map<string, Entry>()
  for (const line of printed.split('\n').slice(0, -1)) {
    const [word, request = '', kind, environment = '', number, tag = ''] = line.split(' ')
    if (word === 'will') {
      const act = { kind, environment, revision: Number(number), ...(tag === '' ? {} : { tag }) } as Act
      entries.set(request, { request, act, outcome: 'open' })
    } else if (word === 'did' || word === 'failed') {
      const entry = entries.get(request)
      if (!entry) throw new Error(`the workload says "${line}" of what it never began`)
      entry.outcome = word === 'did' ? 'done' : 'failed'
    }
  }
  return [...entries.values()]
}

/** What may be true of one thing; more than one state where nobody was told which. */
export interface Expected {
  readonly heads: ReadonlyMap<string, ReadonlySet<number>>
  readonly deleted: ReadonlyMap<string, ReadonlySet<boolean>>
  /** By `environment tag`: the revision, or null where it is not there. */
  readonly tags: ReadonlyMap<string, ReadonlySet<number | null>>
}

/** Each environment is one worker's, who does one thing after the other: only the last of them can be in doubt. */
export function expectedOf(entries: readonly Entry[]): Expected {
  const heads = new Map<string, Set<number>>()
  const deleted = new Map<string, Set<boolean>>()
  const tags = new Map<string, Set<number | null>>()
  const become = <K, V>(states: Map<K, Set<V>>, name: K, value: V, before: V, done: boolean): void => {
    const known = states.get(name) ?? new Set([before])
    states.set(name, done ? new Set([value]) : new Set([...known, value]))
  }
  for (const { act, outcome } of entries) {
    const done = outcome === 'done'
    const { environment, revision } = act
    if (act.kind === 'save') become(heads, environment, revision, revision - 1, done)
    else if (act.kind === 'tag') become(tags, `${environment} ${act.tag}`, revision, null, done)
    else if (act.kind === 'untag') become(tags, `${environment} ${act.tag}`, null, null, done)
    else if (act.kind === 'delete') become(deleted, environment, true, false, done)
  }
  return { heads, deleted, tags }
}
