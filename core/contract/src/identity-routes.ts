/** What others need to check who the plane says it is: OpenID Connect discovery, where its clients look for it. */
import { defineRoutes } from './route.ts'

export const identityRoutes = defineRoutes({
  getIssuer: {
    method: 'GET',
    path: '/oidc/.well-known/openid-configuration',
    summary: 'How tokens of the plane’s identity are checked, as OpenID Connect describes it',
    permission: 'public',
    on: 'nothing',
    audit: { none: 'shows only what is published' },
    errors: [],
  },
  getIssuerKeys: {
    method: 'GET',
    path: '/oidc/.well-known/jwks',
    summary: 'The public keys of the plane’s identity, as a JSON Web Key Set',
    permission: 'public',
    on: 'nothing',
    audit: { none: 'shows only what is published' },
    errors: [],
  },
})
