import { randomUUID } from 'node:crypto'
import type { Answer, Body } from '@headgate/contract'
import { type Expectation, type Result, idOf, ok, refuse } from '@headgate/model'
import { type TokenLimit, limitMistakes } from '@headgate/model/access'
import { type Fields, type TrustRuleRow, insert, remove, update } from '@headgate/store'
import { heldRoles, limitedTo } from '../access/held-roles.ts'
import { requireOwn } from '../access/own-rights.ts'
import { findPrincipal } from '../access/subjects.ts'
import type { Caller, Plane, RunningPlane, UseCase } from '../plane.ts'
import { conditionsProblem } from './claim-conditions.ts'

const RULE_NAME = /^[a-z][a-z0-9-]{0,62}$/

export const listTrustRules: UseCase<'listTrustRules'> = async (plane) => {
  const rows = await plane.store.trust.list(plane.organisation.id)
  return ok({ answer: { rules: await Promise.all(rows.map((row) => ruleAnswer(plane, row))) } })
}

export const readTrustRule: UseCase<'readTrustRule'> = async (plane, _caller, { params }) => {
  const found = await findRule(plane, params.rule)
  return found.ok ? ok({ answer: await ruleAnswer(plane, found.value) }) : found
}

/** Trusts the identity tokens of an issuer. Whoever does must hold all that a token exchanged under the rule can do. */
export const createTrustRule: UseCase<'createTrustRule'> = async (plane, caller, { body }) => {
  if (!RULE_NAME.test(body.name)) return refuse('TRUST_INVALID', { reason: 'its name is made of lower-case letters, digits and -' })
  if ((await findRule(plane, body.name)).ok) return refuse('TRUST_EXISTS', { rule: body.name })
  const terms = await termsOf(plane, caller, body)
  if (!terms.ok) return terms
  const row: Fields<TrustRuleRow> = {
    id: idOf<'trust-rule'>(randomUUID()),
    organisation: plane.organisation.id,
    name: body.name,
    ...terms.value.fields,
    created_at: plane.now(),
    created_by: caller.principal,
  }
  return ok({
    answer: await ruleAnswer(plane, row),
    expect: terms.value.expect,
    writes: [insert('trust_rules', row)],
    details: { rule: row.name, issuer: row.issuer, principal: body.principal },
  })
}

/** Replaces what a rule says, under the same name. Tokens it was exchanged for so far stay as they are. */
export const updateTrustRule: UseCase<'updateTrustRule'> = async (plane, caller, { params, body }) => {
  const found = await findRule(plane, params.rule)
  if (!found.ok) return found
  const terms = await termsOf(plane, caller, body)
  if (!terms.ok) return terms
  return ok({
    answer: await ruleAnswer(plane, { ...found.value, ...terms.value.fields }),
    expect: terms.value.expect,
    writes: [update('trust_rules', found.value, terms.value.fields)],
    details: { rule: params.rule, issuer: body.issuer, principal: body.principal },
  })
}

/** Deletes a rule, and revokes every token that was exchanged under it and still works. */
export const deleteTrustRule: UseCase<'deleteTrustRule'> = async (plane, _caller, { params }) => {
  const found = await findRule(plane, params.rule)
  if (!found.ok) return found
  const time = plane.now()
  const tokens = await plane.store.tokens.list(plane.organisation.id, { principal: found.value.principal })
  const live = tokens.filter((row) => row.trust === found.value.id && row.revoked_at === null && (row.expires_at ?? Infinity) > time)
  return ok({
    answer: { rule: params.rule, revokedTokens: live.length },
    writes: [...live.map((row) => update('tokens', row, { revoked_at: time })), remove('trust_rules', found.value)],
    details: { rule: params.rule, tokens: live.length },
  })
}

type Terms = Omit<Body<'createTrustRule'>, 'name'>
type TermFields = Pick<TrustRuleRow, 'issuer' | 'audience' | 'claims' | 'principal' | 'limits' | 'lifetime' | 'once'>

async function termsOf(plane: RunningPlane, caller: Caller, terms: Terms): Promise<Result<{ fields: TermFields; expect: Expectation[] }>> {
  if (!plane.issuerKeys.allows(terms.issuer)) return refuse('ISSUER_NOT_ALLOWED', { issuer: terms.issuer })
  const problem = terms.audience === '' ? 'its audience is empty' : conditionsProblem(terms.claims)
  if (problem) return refuse('TRUST_INVALID', { reason: problem })
  const mistakes = terms.limit ? limitMistakes(terms.limit as TokenLimit) : []
  if (mistakes[0]) return refuse('SCOPE_INVALID', { reason: mistakes[0].message }, mistakes)
  const principal = await findPrincipal(plane, terms.principal, 'manage')
  if (!principal.ok) return principal
  const { id, name, kind, change } = principal.value
  if (kind !== 'machine')
    return refuse('TRUST_INVALID', { reason: `${name} is a person, and identity tokens are exchanged for a machine's` })
  const held = await heldRoles(plane, plane.organisation.id, id)
  const own = requireOwn(plane, caller, limitedTo(terms.limit as TokenLimit | undefined, held))
  if (!own.ok) return own
  const fields = {
    issuer: terms.issuer,
    audience: terms.audience,
    claims: JSON.stringify(terms.claims),
    principal: id,
    limits: terms.limit ? JSON.stringify(terms.limit) : null,
    lifetime: terms.lifetime ?? 3600,
    once: terms.once === true ? 1 : 0,
  }
  return ok({ fields, expect: [{ kind: 'row', table: 'principals', key: { id }, state: change, name: `the principal ${name}` }] })
}

async function findRule(plane: Plane, name: string): Promise<Result<TrustRuleRow>> {
  const row = await plane.store.trust.byName(plane.organisation.id, name)
  return row ? ok(row) : refuse('TRUST_NOT_FOUND', { rule: name })
}

async function ruleAnswer(plane: Plane, row: Fields<TrustRuleRow>): Promise<Answer<'readTrustRule'>> {
  const principal = await plane.store.principals.get(row.principal)
  return {
    name: row.name,
    issuer: row.issuer,
    audience: row.audience,
    claims: JSON.parse(row.claims) as Record<string, string[]>,
    principal: principal?.name ?? row.principal,
    ...(row.limits === null ? {} : { limit: JSON.parse(row.limits) as NonNullable<Answer<'readTrustRule'>['limit']> }),
    lifetime: row.lifetime,
    once: row.once === 1,
    created: row.created_at,
  }
}
