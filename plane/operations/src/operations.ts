import type { Answer, ClientFrame, Input, RouteName, ServerFrame } from '@headgate/contract'
import { type Problem, type Result, type Secret, ok, problemOf } from '@headgate/model'
import { authenticate } from './access/authenticate.ts'
import { perform } from './perform.ts'
import type { Caller, Plane, RequestOrigin, RunningPlane } from './plane.ts'
import type { Watching } from './watch/watching.ts'

type Watched = Extract<ClientFrame, { type: 'watch' }>['environments']

/** Everything a client can ask of the plane, without HTTP. */
export interface Operations {
  describe(): { readonly organisation: string; readonly version: string; readonly started: number }
  authenticate(token: Secret | undefined): Promise<Result<Caller>>
  /** Authorises, runs the use case, commits its Change with the audit record, and only then hands out the answer. */
  call<K extends RouteName>(route: K, caller: Caller | undefined, input: Input<K>, origin: RequestOrigin): Promise<Result<Answer<K>>>
  /** Tells of new revisions of environments the caller may read, the missed ones first. The result stops it. */
  watchEnvironments(caller: Caller, watched: Watched, listener: (frame: ServerFrame) => void): Promise<Result<() => void>>
  /** Calls back once when the caller's token stops being valid. The result stops it. */
  onRevoked(caller: Caller, listener: (problem: Problem) => void): () => void
  /** An instance of a release says which configuration it has taken over. */
  confirmLoaded(caller: Caller, configuration: string): void
}

export function createOperations(plane: RunningPlane, watching: Watching): Operations {
  return {
    describe: () => ({ organisation: plane.organisation.name, version: plane.version, started: plane.started }),
    authenticate: (token) => authenticate(plane, token),
    async call(route, caller, input, origin) {
      if (route === 'getHealth') return ok(health(plane)) as Result<never>
      return caller ? perform(plane, route, caller, input, origin) : { ok: false, problem: problemOf('TOKEN_MISSING') }
    },
    watchEnvironments: watching.watchEnvironments,
    onRevoked: watching.onRevoked,
    confirmLoaded: watching.confirmLoaded,
  }
}

/** The one public answer. It shows no more than that the plane is up. */
function health(plane: Plane): Answer<'getHealth'> {
  return { status: 'ok', version: plane.version, started: plane.started, organisation: plane.organisation.name }
}
