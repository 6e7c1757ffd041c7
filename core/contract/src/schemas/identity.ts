import { z } from 'zod'
import { noBody, noParams, noQuery } from './shapes.ts'

export const identitySchemas = {
  getIssuer: {
    params: noParams,
    query: noQuery,
    body: noBody,
    answer: z.object({
      issuer: z.string(),
      jwks_uri: z.string(),
      response_types_supported: z.array(z.string()),
      subject_types_supported: z.array(z.string()),
      id_token_signing_alg_values_supported: z.array(z.string()),
      claims_supported: z.array(z.string()),
    }),
  },
  getIssuerKeys: {
    params: noParams,
    query: noQuery,
    body: noBody,
    answer: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
  },
}
