import type { Answer, ClientFrame, Input, RouteName } from '@headgate/contract'
import { type Problem, type Result, type Secret, ok, problemOf } from '@headgate/model'
import { Counts, type Statistics, statisticsOf } from './health/statistics.ts'
import { isPublic, publicAnswers } from './public-answers.ts'
import { type BetweenNodes, betweenNodes } from './nodes/between-nodes.ts'
import { keepInMemory } from './kept/kept.ts'
import { Rendered, readRendered } from './kept/rendered.ts'
import { authenticateOnRecord } from './audit/authenticate-on-record.ts'
import { recordRefusals } from './audit/refusals.ts'
import { perform } from './perform.ts'
import type { Caller, RequestOrigin, RunningPlane } from './plane.ts'
import { GITHUB_ISSUER, createIssuerKeys } from './trust/issuer-keys.ts'
import { type Follower, ValueDeliveries } from './watch/value-deliveries.ts'
import type { Watching } from './watch/watching.ts'

type Watched = Extract<ClientFrame, { type: 'watch' }>['environments']

/** Everything a client can ask of the plane, without HTTP. */
export interface Operations {
  describe(): { readonly organisation: string; readonly version: string; readonly started: number }
  /**
   * Who a token belongs to; at once where it was asked lately.
   *
   * @param origin where the token came from, for the record of one that is refused
   */
  authenticate(token: Secret | undefined, origin?: RequestOrigin): Result<Caller> | Promise<Result<Caller>>
  /** Authorises, runs the use case, commits its Change with the audit record, and only then hands out the answer. */
  call<K extends RouteName>(route: K, caller: Caller | undefined, input: Input<K>, origin: RequestOrigin): Promise<Result<Answer<K>>>
  /** As `call`, for whoever hands the answer on as JSON: a large one may be that already. */
  answer<K extends RouteName>(
    route: K,
    caller: Caller | undefined,
    input: Input<K>,
    origin: RequestOrigin,
  ): Promise<Result<Answer<K> | Rendered>>
  /**
   * Tells of new revisions of environments the caller may read, the missed ones first, and sends the values of those that
   * follow where they are wished for. The result stops it.
   */
  watchEnvironments(caller: Caller, watched: Watched, follower: Follower): Promise<Result<() => void>>
  /** Calls back once when the caller's token stops being valid. The result stops it. */
  onRevoked(caller: Caller, listener: (problem: Problem) => void): () => void
  /** An instance of a release says which configuration it has taken over. */
  confirmLoaded(caller: Caller, configuration: string): void
  /** What was counted since the start. */
  statistics(): Statistics
  /** What is said and passed on between nodes of one database; absent where there is but one. */
  readonly nodes?: BetweenNodes
}

/** What `createOperations` adds to a plane itself. */
type Added = 'kept' | 'issuerKeys' | 'refusals' | 'counts' | 'statistics' | 'renderMetrics'

/** @param renderMetrics all figures as Prometheus reads them; without it there are none */
export function createOperations(
  unremembering: Omit<RunningPlane, Added>,
  watching: Watching,
  renderMetrics: () => Promise<string> = async () => '',
): Operations {
  const { kept, plane: reading } = keepInMemory(unremembering)
  const counts = new Counts()
  const statistics = (): Statistics => statisticsOf(reading, kept, counts, watching.sessions())
  const refusals = recordRefusals(reading)
  const issuerKeys = createIssuerKeys(unremembering.issuers ?? [GITHUB_ISSUER], unremembering.now)
  const plane: RunningPlane = { ...reading, kept, issuerKeys, refusals, counts, statistics, renderMetrics }
  const deliveries = new ValueDeliveries(plane)
  // What a use case comes to is handed on as the promise it is: one more around it would cost every request its turn.
  const answer: Operations['answer'] = (route, caller, input, origin) => {
    if (isPublic(route)) return Promise.resolve(publicAnswers[route](plane, input, origin))
    return caller ? perform(plane, route, caller, input, origin) : Promise.resolve({ ok: false, problem: problemOf('TOKEN_MISSING') })
  }
  return {
    describe: () => ({ organisation: plane.organisation.name, version: plane.version, started: plane.started }),
    authenticate: (token, origin) => authenticateOnRecord(plane, token, origin),
    answer,
    async call<K extends RouteName>(route: K, caller: Caller | undefined, input: Input<K>, origin: RequestOrigin) {
      const answered = await answer(route, caller, input, origin)
      if (!answered.ok) return answered
      return ok(answered.value instanceof Rendered ? (readRendered(answered.value.json) as Answer<K>) : answered.value)
    },
    watchEnvironments: (caller, watched, follower) => deliveries.watch(watching, caller, watched, follower),
    onRevoked: watching.onRevoked,
    confirmLoaded: watching.confirmLoaded,
    statistics,
    ...(plane.nodes ? { nodes: betweenNodes(plane, plane.nodes) } : {}),
  }
}
