import type { ReleaseTarget } from '@headgate/model'
import type { Actor } from '@headgate/releases'
import type { Caller } from '../plane.ts'

/** Where a request's release goes. The organisation is the plane's own, which the permission was decided on. */
export function targetOf(params: { readonly project: string; readonly environment: string }): ReleaseTarget {
  return { project: params.project, environment: params.environment }
}

export function actorOf(caller: Caller): Actor {
  const { limit } = caller.token
  return { principal: caller.principal, name: caller.name, ...(limit ? { limit } : {}) }
}
