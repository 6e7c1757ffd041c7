import type { BindingId, OrganisationId, PrincipalId, TokenId, TrustRuleId } from '@headgate/model'
import { type Protected, defineTable } from './table.ts'
import type { Migration } from './migration.ts'

export interface PrincipalRow extends Protected {
  readonly id: PrincipalId
  readonly organisation: OrganisationId
  readonly kind: 'user' | 'machine'
  readonly name: string
  /** What it is for. */
  readonly description?: string | null
  readonly created_at: number
  /** Set while the principal may not sign in. */
  readonly disabled_at: number | null
  /** Set for good: what it did still names it, its name is free again. */
  readonly deleted_at?: number | null
}

export const principals = defineTable<PrincipalRow>({
  name: 'principals',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    kind: 'text',
    name: 'text',
    description: 'text?',
    created_at: 'integer',
    disabled_at: 'integer?',
    deleted_at: 'integer?',
  },
})

/** A team is known by its name inside its organisation. */
export interface TeamRow extends Protected {
  readonly organisation: OrganisationId
  readonly name: string
  readonly description?: string | null
  readonly created_at: number
}

export const teams = defineTable<TeamRow>({
  name: 'teams',
  protected: true,
  key: ['organisation', 'name'],
  columns: { organisation: 'text', name: 'text', description: 'text?', created_at: 'integer' },
})

export interface TeamMemberRow extends Protected {
  readonly organisation: OrganisationId
  readonly team: string
  readonly principal: PrincipalId
  readonly created_at: number
}

export const teamMembers = defineTable<TeamMemberRow>({
  name: 'team_members',
  protected: true,
  key: ['organisation', 'team', 'principal'],
  columns: { organisation: 'text', team: 'text', principal: 'text', created_at: 'integer' },
})

/** A custom role; the roles that come with the program are not stored. */
export interface RoleRow extends Protected {
  readonly organisation: OrganisationId
  readonly name: string
  readonly description: string
  /** JSON: the model's `Statement[]`. */
  readonly statements: string
  readonly created_at: number
}

export const roles = defineTable<RoleRow>({
  name: 'roles',
  protected: true,
  key: ['organisation', 'name'],
  columns: { organisation: 'text', name: 'text', description: 'text', statements: 'text', created_at: 'integer' },
})

/** Who holds which role. */
export interface BindingRow extends Protected {
  readonly id: BindingId
  readonly organisation: OrganisationId
  /** The role's name. */
  readonly role: string
  readonly subject_kind: 'principal' | 'team'
  /** A principal's id, or a team's name. */
  readonly subject: string
  /** JSON: globs the role is held on; null where it holds wherever the role speaks of. */
  readonly scope?: string | null
  readonly created_at: number
  readonly created_by: PrincipalId | null
  /** Null where it holds until it is removed. */
  readonly expires_at: number | null
}

export const bindings = defineTable<BindingRow>({
  name: 'bindings',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    role: 'text',
    subject_kind: 'text',
    subject: 'text',
    scope: 'text?',
    created_at: 'integer',
    created_by: 'text?',
    expires_at: 'integer?',
  },
})

export interface TokenRow extends Protected {
  readonly id: TokenId
  readonly organisation: OrganisationId
  readonly principal: PrincipalId
  readonly kind: string
  readonly name: string
  /** A keyed digest; the token itself is not stored anywhere. */
  readonly digest: Uint8Array
  /** JSON: the model's `TokenLimit`; null where it may do all its principal may. */
  readonly limits?: string | null
  /** The trust rule it was exchanged under; null where somebody made it. */
  readonly trust?: TrustRuleId | null
  readonly created_at: number
  readonly expires_at: number | null
  readonly revoked_at: number | null
}

export const tokens = defineTable<TokenRow>({
  name: 'tokens',
  protected: true,
  key: ['id'],
  columns: {
    id: 'text',
    organisation: 'text',
    principal: 'text',
    kind: 'text',
    name: 'text',
    digest: 'bytes',
    limits: 'text?',
    trust: 'text?',
    created_at: 'integer',
    expires_at: 'integer?',
    revoked_at: 'integer?',
  },
})

/** When a token was last used. Kept apart and not protected: it changes on use, and nothing is decided by it. */
export interface TokenUseRow {
  readonly token: TokenId
  readonly last_used_at: number
}

export const tokenUses = defineTable<TokenUseRow>({
  name: 'token_uses',
  protected: false,
  key: ['token'],
  columns: { token: 'text', last_used_at: 'integer' },
})

export const createAccess: Migration = {
  name: '0003-access',
  up: ({ table, index }) => [
    table(principals, { references: { organisation: 'organisations.id' } }),
    index('principals_name', 'principals', ['organisation', 'name'], { unique: true, whereNull: 'deleted_at' }),
    table(teams, { references: { organisation: 'organisations.id' } }),
    table(teamMembers, { references: { principal: 'principals.id' } }),
    index('team_members_principal', 'team_members', ['principal']),
    table(roles, { references: { organisation: 'organisations.id' } }),
    table(bindings, { references: { organisation: 'organisations.id' } }),
    index('bindings_subject', 'bindings', ['organisation', 'subject_kind', 'subject']),
    table(tokens, { references: { principal: 'principals.id' } }),
    index('tokens_digest', 'tokens', ['digest'], { unique: true }),
    index('tokens_principal', 'tokens', ['principal']),
    table(tokenUses),
  ],
}
