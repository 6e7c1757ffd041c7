/**
 * What the store is tortured under: some workers who save, open, tag, untag and delete environments through the use
 * cases a request reaches, and read the audit log. Each says what it is about to do and what it was told has happened; a
 * `did` of an `open` means that the secret has left.
 */
import type { Input, RouteName } from '@headgate/contract'
import { HeadgateError, type Result } from '@headgate/model'
import { Seeded } from '../../differential/seeded.ts'
import { type Act, valueOf, willLine } from './ledger.ts'
import type { OpenPlane } from './plane-at.ts'

const WORKERS = 3
const LAST_ACTS = 3

export interface WorkloadOptions {
  readonly seed: number
  readonly acts: number
  readonly say: (line: string) => void
  /** `early` says `did` before it was told: what a plane that answers before it commits would look like. */
  readonly answers: 'when-told' | 'early'
}

export async function runWorkload(plane: OpenPlane, options: WorkloadOptions): Promise<void> {
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(plane, worker, Math.ceil(options.acts / WORKERS), options)))
  // One after the other, so that of the last two at most one can have met a fault that comes once.
  await work(plane, WORKERS, LAST_ACTS, options)
}

/** The environment a worker is at, and what it believes of it. */
interface State {
  readonly name: string
  head: number
  tag: number | null
}

async function work(at: OpenPlane, worker: number, acts: number, { seed, say, answers }: WorkloadOptions): Promise<void> {
  const random = new Seeded(seed * (WORKERS + 1) + worker)
  let environments = 0
  // A project of its own, so that no worker's first save meets another's.
  const fresh = (): State => ({ name: `p${worker}/e-${seed}-${(environments += 1)}`, head: 0, tag: null })
  let state = fresh()
  for (let n = 0; n < acts; n += 1) {
    const request = `r-${seed}-${worker}-${n}`
    const act = chooseAct(state, random.next())
    say(willLine(request, act))
    if (answers === 'early') say(`did ${request}\n`)
    const code = await outcomeOf(() => perform(at, request, act, state))
    if (answers !== 'early') say(code === undefined ? `did ${request}\n` : `failed ${request} ${code}\n`)
    // What failed may have happened or not; it is never looked at again by this worker.
    if (code !== undefined || act.kind === 'delete') state = fresh()
    else if (act.kind === 'save') state.head = act.revision
    else if (act.kind === 'tag') state.tag = act.revision
    else if (act.kind === 'untag') state.tag = null
    if (n % 8 === 7) await outcomeOf(() => call(at, `${request}-audit`, 'listAudit', { params: {}, query: { limit: 3 } }))
  }
}

function chooseAct(state: State, chance: number): Act {
  const { name: environment, head } = state
  if (head === 0 || chance < 0.4) return { kind: 'save', environment, revision: head + 1 }
  if (chance < 0.7) return { kind: 'open', environment, revision: head }
  if (chance < 0.85) return { kind: 'tag', environment, revision: head, tag: 'stable' }
  if (chance < 0.92 && state.tag !== null) return { kind: 'untag', environment, revision: state.tag, tag: 'stable' }
  return chance < 0.92 ? { kind: 'open', environment, revision: head } : { kind: 'delete', environment, revision: head }
}

async function perform(at: OpenPlane, request: string, act: Act, state: State): Promise<void> {
  const [project = '', environment = ''] = act.environment.split('/')
  const params = { organisation: 'main', project, environment }
  switch (act.kind) {
    case 'save': {
      const text = `values:\n  note: ${request}\n  password:\n    fn::secret: ${valueOf(request)}\n`
      if (state.head === 0) return call(at, request, 'createEnvironment', { params, query: {}, body: { text } })
      return call(at, request, 'saveEnvironment', { params, query: {}, body: { text, expected: state.head } })
    }
    case 'open':
      return call(at, request, 'openEnvironment', { params, query: {} })
    case 'tag':
      return call(at, request, 'moveTag', { params: { ...params, tag: act.tag }, query: {}, body: { revision: act.revision } })
    case 'untag':
      return call(at, request, 'deleteTag', { params: { ...params, tag: act.tag }, query: {} })
    case 'delete':
      return call(at, request, 'deleteEnvironment', { params, query: {} })
  }
}

async function call(at: OpenPlane, request: string, route: RouteName, input: unknown): Promise<void> {
  const result: Result<unknown> = await at.operations.call(route, at.caller, input as Input<RouteName>, { request, address: '127.0.0.1' })
  if (!result.ok) throw new HeadgateError(result.problem.code, result.problem.details)
}

async function outcomeOf(attempt: () => Promise<void>): Promise<string | undefined> {
  try {
    await attempt()
    return undefined
  } catch (error) {
    if (error instanceof HeadgateError) return error.code
    throw error
  }
}
