import type { OrganisationId, PrincipalId, TrustRuleId } from '@headgate/model'
import type { Migration } from './migration.ts'
import { type Protected, defineTable } from './table.ts'

/** Whose identity tokens are exchanged for a token of which principal, under which conditions. */
export interface TrustRuleRow extends Protected {
  readonly id: TrustRuleId
  readonly organisation: OrganisationId
  readonly name: string
  readonly issuer: string
  readonly audience: string
  /** JSON: claim to the values it may have. */
  readonly claims: string
  readonly principal: PrincipalId
  /** JSON: the model's `TokenLimit`; null where a token may do all the principal may. */
  readonly limits: string | null
  /** How long a token lives, in seconds. */
  readonly lifetime: number
  /** 1 where each identity token is taken once. */
  readonly once: number
  readonly created_at: number
  readonly created_by: PrincipalId | null
}

export const trustRules = defineTable<TrustRuleRow>({
  name: 'trust_rules',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    name: 'text',
    issuer: 'text',
    audience: 'text',
    claims: 'text',
    principal: 'text',
    limits: 'text?',
    lifetime: 'integer',
    once: 'integer',
    created_at: 'integer',
    created_by: 'text?',
  },
})

/** An identity token that was taken where each is taken once; forgotten when it could not be used any more anyway. */
export interface SpentIdentityRow extends Protected {
  /** SHA-256 of issuer and token id, as hex. */
  readonly id: string
  readonly organisation: OrganisationId
  readonly expires_at: number
}

export const spentIdentities = defineTable<SpentIdentityRow>({
  name: 'spent_identities',
  protected: true,
  key: ['id'],
  columns: { id: 'text', organisation: 'text', expires_at: 'integer' },
})

export const createTrust: Migration = {
  name: '0017-trust',
  up: ({ table, index }) => [
    table(trustRules, { references: { organisation: 'organisations.id', principal: 'principals.id' } }),
    index('trust_rules_name', 'trust_rules', ['organisation', 'name'], { unique: true }),
    table(spentIdentities, { references: { organisation: 'organisations.id' } }),
    index('spent_identities_expiry', 'spent_identities', ['expires_at']),
  ],
}
