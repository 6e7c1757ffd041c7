import { refuse } from '@headgate/model'
import { type WireRoute, answerWith, json } from './wire-route.ts'

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const IDENTITY = 'urn:ietf:params:oauth:token-type:id_token'
const ACCESS = 'urn:pulumi:token-type:access_token:organization'

/** `login --oidc-token`: the exchange of RFC 8693. What comes back is a token of a machine, whatever kind was asked for. */
export const tokenRoutes: readonly WireRoute[] = [
  {
    method: 'POST',
    path: '/oauth/token',
    open: true,
    async answer({ body, ask }) {
      const form = new URLSearchParams(body.toString('utf8'))
      if (form.get('grant_type') !== EXCHANGE) return refuse('REQUEST_INVALID', { reason: `grant_type is not ${EXCHANGE}` })
      const type = form.get('subject_token_type') ?? IDENTITY
      if (type !== IDENTITY) return refuse('REQUEST_INVALID', { reason: `subject_token_type is not ${IDENTITY}` })
      const lifetime = lifetimeOf(form.get('expiration'))
      const asked = form.get('audience') ?? ''
      const request = { token: form.get('subject_token') ?? '', ...(asked === '' ? {} : { audience: asked }), ...lifetime }
      return answerWith(await ask('exchangeIdentity', { body: request }), ({ token, lifetime: seconds }) =>
        json({
          access_token: token,
          issued_token_type: form.get('requested_token_type') ?? ACCESS,
          token_type: 'token',
          expires_in: seconds,
          scope: form.get('scope') ?? '',
        }),
      )
    },
  },
]

/** Seconds; clients send 0 for what the server thinks right. One that is out of bounds is brought inside. */
function lifetimeOf(expiration: string | null): { lifetime?: number } {
  const seconds = Number(expiration ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? { lifetime: Math.min(86_400, Math.max(60, Math.floor(seconds))) } : {}
}
