import type { Route, RouteName } from '@headgate/contract'
import { type EnvironmentName, type Result, ok, refuse } from '@headgate/model'
import { type Permission, type Resource, decide, environmentResource, renderResource } from '@headgate/model/access'
import type { Caller, Plane } from '../plane.ts'

/** All that an instance of a release can ask for: its own frozen values. */
const instanceRoutes: ReadonlySet<RouteName> = new Set<RouteName>(['getSession', 'openEnvironment'])

/** What a request of a route is about. */
export function resourceOf(plane: Plane, route: Route, params: Readonly<Record<string, string>>): Resource {
  const { organisation = plane.organisation.name, project, environment } = params
  if (route.on === 'environment' && project !== undefined && environment !== undefined) {
    return environmentResource({ organisation, project, environment })
  }
  return { kind: 'organisation', organisation }
}

/**
 * Whether the caller may use the route at all. Rights on imported environments and on single paths are the use case's
 * to decide, by the same function.
 */
export function authorise(
  plane: Plane,
  name: RouteName,
  route: Route,
  params: Readonly<Record<string, string>>,
  caller: Caller,
): Result<void> {
  const { permission } = route
  if (caller.pin && !instanceRoutes.has(name)) {
    return refuse('PERMISSION_DENIED', {
      principal: caller.name,
      permission: name,
      resource: renderResource(resourceOf(plane, route, params)),
    })
  }
  if (permission === 'public' || permission === 'any') return ok(undefined)
  return requirePermission(plane, caller, permission, resourceOf(plane, route, params))
}

/**
 * A right on a whole resource. Only `open` may be partial, because what it opens can be cut to what is allowed. What
 * the caller may not even know of is not found; what they may see but not do is denied.
 */
export function requirePermission(plane: Plane, caller: Caller, permission: Permission, resource: Resource): Result<void> {
  const decision = decide(permission, resource, caller.held, plane.now())
  if (decision === 'allow' || (decision === 'partial' && permission === 'open')) return ok(undefined)
  const { organisation, project, environment } = resource
  if (project !== undefined && environment !== undefined && decide('read', resource, caller.held, plane.now()) === 'deny') {
    const whose = organisation === plane.organisation.name ? '' : `${organisation}/`
    return refuse('ENV_NOT_FOUND', { environment: `${whose}${project}/${environment}` })
  }
  const what = environment === undefined ? `the organisation ${organisation}` : renderResource(resource)
  return refuse('PERMISSION_DENIED', { principal: caller.name, permission, resource: what })
}

/** Whether a caller may do something with the whole of an environment. */
export function mayOn(plane: Plane, caller: Caller, permission: Permission, name: EnvironmentName): boolean {
  return decide(permission, environmentResource(name), caller.held, plane.now()) === 'allow'
}

/** The value at each path that the caller may open; the whole where no statement speaks of single paths. */
export function pathFilter(plane: Plane, caller: Caller, name: EnvironmentName): ((path: string) => boolean) | undefined {
  if (mayOn(plane, caller, 'open', name)) return undefined
  const decided = new Map<string, boolean>()
  return (path) => {
    const known = decided.get(path)
    if (known !== undefined) return known
    const allowed = decide('open', environmentResource(name, path), caller.held, plane.now()) === 'allow'
    decided.set(path, allowed)
    return allowed
  }
}
