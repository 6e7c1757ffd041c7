import type { Answer, Input, RouteName } from '@headgate/contract'
import { type Result, ok } from '@headgate/model'
import { getReadiness } from './health/health.ts'
import type { RequestOrigin, RunningPlane } from './plane.ts'
import { exchangeIdentity } from './trust/exchange-identity.ts'

/** The routes that ask nobody who they are. */
export type PublicRoute = 'getHealth' | 'getReadiness' | 'getIssuer' | 'getIssuerKeys' | 'exchangeIdentity'

type PublicAnswer<K extends PublicRoute> = (
  plane: RunningPlane,
  input: Input<K>,
  origin: RequestOrigin,
) => Result<Answer<K>> | Promise<Result<Answer<K>>>

/** What anybody may know or ask: that the plane is up, how to check who it says it is, and to be let in by a trusted issuer. */
export const publicAnswers: { readonly [K in PublicRoute]: PublicAnswer<K> } = {
  getHealth: ({ version, started, organisation }) => ok({ status: 'ok', version, started, organisation: organisation.name }),
  getReadiness,
  getIssuer({ identity }) {
    const issuer = identity.issuer()
    return ok({
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'org', 'env', 'current_env', 'root_env', 'trigger_user', 'body_hash'],
    })
  },
  exchangeIdentity,
  getIssuerKeys: async ({ identity }) => ok({ keys: (await identity.keySet()).keys.map((key) => ({ ...key })) }),
}

export function isPublic(route: RouteName): route is PublicRoute {
  return Object.hasOwn(publicAnswers, route)
}
