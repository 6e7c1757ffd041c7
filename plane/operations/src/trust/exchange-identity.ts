import { createHash, randomUUID } from 'node:crypto'
import type { Answer, Input } from '@headgate/contract'
import { type AuditRecord, type Problem, type Result, type Write, idOf, ok, refuse } from '@headgate/model'
import { type TrustRuleRow, insert, remove } from '@headgate/store'
import { type JWTPayload, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import type { Plane, RequestOrigin, RunningPlane } from '../plane.ts'
import { type ClaimConditions, claimsFulfil } from './claim-conditions.ts'

/** Signatures only, never a shared secret, and never none. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
/** Identity tokens are a few kilobytes. */
const IDENTITY_LIMIT = 16 * 1024
/** How far clocks may differ, in seconds, and how long ago an identity token may have been made. */
const CLOCK_SKEW = 60
const IDENTITY_AGE = '1h'
/** Spent identities that are forgotten with each new one, so that they do not pile up. */
const FORGET = 20

type Exchanged = Answer<'exchangeIdentity'>

/**
 * Exchanges an identity token for a short-lived one of the principal that a trust rule names. Whoever asks is nobody yet,
 * so a refusal says what is wrong with their token and nothing about the rules.
 */
export async function exchangeIdentity(
  plane: RunningPlane,
  { body }: Input<'exchangeIdentity'>,
  origin: RequestOrigin,
): Promise<Result<Exchanged>> {
  const identified = await identify(plane, body.token)
  const rule = identified.ok ? await ruleFor(plane, identified.value, body) : identified
  const made = identified.ok && rule.ok ? await exchange(plane, identified.value, rule.value, body.lifetime, origin) : rule
  if (made.ok) return ok(made.value as Exchanged)
  const record = (details: { readonly repeated?: number }): AuditRecord => ({
    ...auditRecord(plane, 'somebody'),
    outcome: 'denied',
    details: { ...claimDetails(identified.ok ? identified.value.claims : {}), ...origin, code: made.problem.code, ...details },
  })
  await plane.refusals.note(`exchange ${origin.address} ${made.problem.code}`, record).catch(() => undefined)
  return made
}

interface Identified {
  readonly issuer: string
  readonly claims: JWTPayload
}

/** Whose token it is, its signature, issuer and times checked; for whom it was made is the rules' to say. */
async function identify(plane: RunningPlane, token: string): Promise<Result<Identified>> {
  if (Buffer.byteLength(token) > IDENTITY_LIMIT) return refused('it is too large')
  const issuer = issuerOf(token)
  if (issuer === undefined) return refused('it is not a signed token (JWT) that names its issuer')
  if (!plane.issuerKeys.allows(issuer)) return refused('its issuer is not one this plane takes tokens of')
  // An issuer that no rule is about is not even asked for its keys.
  const rules = await plane.store.trust.byIssuer(plane.organisation.id, issuer)
  if (rules.length === 0) return refused('no trust rule is about its issuer')
  const keys = await plane.issuerKeys.keysOf(issuer)
  if (!keys.ok) return keys
  try {
    const { payload } = await jwtVerify(token, keys.value, {
      issuer,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_SKEW,
      maxTokenAge: IDENTITY_AGE,
      currentDate: new Date(plane.now()),
      requiredClaims: ['exp', 'sub', 'aud'],
    })
    return ok({ issuer, claims: payload })
  } catch (error) {
    return refused(reasonOf(error))
  }
}

/** Read before anything is checked, to know whose keys to check with; nothing is believed by it. */
function issuerOf(token: string): string | undefined {
  try {
    const { alg } = decodeProtectedHeader(token)
    const { iss } = decodeJwt(token)
    return alg !== undefined && ALGORITHMS.includes(alg) && typeof iss === 'string' ? iss : undefined
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired, or was made too long ago'
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim ${error.claim} is missing or does not fit`
  if (error instanceof errors.JWKSNoMatchingKey) return 'it is signed with a key its issuer does not have'
  return 'its signature does not fit'
}

/** The first rule, by name, whose audience and conditions fit. */
async function ruleFor(
  plane: Plane,
  { issuer, claims }: Identified,
  { rule: wanted, audience: asked }: Pick<Input<'exchangeIdentity'>['body'], 'rule' | 'audience'>,
): Promise<Result<TrustRuleRow>> {
  const audiences = [claims.aud ?? []].flat().filter((audience) => asked === undefined || audience === asked)
  const rules = (await plane.store.trust.byIssuer(plane.organisation.id, issuer)).filter(
    ({ name }) => wanted === undefined || name === wanted,
  )
  const meant = rules.filter(({ audience }) => audiences.includes(audience))
  if (meant.length === 0) return refused('it was made for another audience')
  const rule = meant.find((each) => claimsFulfil(JSON.parse(each.claims) as ClaimConditions, claims))
  return rule ? ok(rule) : refused('no trust rule fits its claims')
}

async function exchange(
  plane: RunningPlane,
  { issuer, claims }: Identified,
  rule: TrustRuleRow,
  wanted: number | undefined,
  origin: RequestOrigin,
): Promise<Result<Exchanged>> {
  const principal = await plane.store.principals.get(rule.principal)
  if (!principal || principal.disabled_at !== null || principal.deleted_at != null)
    return refused('the principal of its trust rule is suspended')
  const lifetime = Math.min(rule.lifetime, wanted ?? rule.lifetime)
  const spent = rule.once === 1 ? await spend(plane, issuer, claims) : ok([])
  if (!spent.ok) return spent
  const time = plane.now()
  const { token, digest } = plane.vault.mintToken('session')
  const id = idOf<'token'>(randomUUID())
  const row = {
    id,
    organisation: plane.organisation.id,
    principal: principal.id,
    kind: 'session',
    name: `${rule.name}: ${String(claims.sub).replaceAll(/\p{C}/gu, '?')}`.slice(0, 100),
    digest,
    limits: rule.limits,
    trust: rule.id,
    created_at: time,
    expires_at: time + lifetime * 1000,
    revoked_at: null,
  }
  const committed = await plane.changes.commit({
    // A rule or a principal that is changed meanwhile is not the one that was looked at.
    expect: [
      { kind: 'row', table: 'trust_rules', key: { id: rule.id }, state: rule.change, name: `the trust rule ${rule.name}` },
      { kind: 'row', table: 'principals', key: { id: principal.id }, state: principal.change, name: `the principal ${principal.name}` },
    ],
    writes: [insert('tokens', row), ...spent.value],
    audit: {
      ...auditRecord(plane, principal.name),
      actor: principal.id,
      details: { ...claimDetails(claims), ...origin, rule: rule.name, made: id, lifetime },
    },
  })
  if (!committed.ok) return rule.once === 1 ? refused('it was used before') : committed
  return ok({ token: token.reveal(), expires: row.expires_at, lifetime, principal: principal.name, rule: rule.name })
}

/** Writes down that an identity token was used, which fails where it is written down already. */
async function spend(plane: Plane, issuer: string, claims: JWTPayload): Promise<Result<Write[]>> {
  if (typeof claims.jti !== 'string' || claims.jti === '') return refused('it has no id (jti), and its trust rule takes each token once')
  const id = createHash('sha256')
    .update(JSON.stringify([issuer, claims.jti]))
    .digest('hex')
  const expires = ((claims.exp ?? 0) + 2 * CLOCK_SKEW) * 1000
  const old = await plane.store.trust.expiredIdentities(plane.now(), FORGET)
  return ok([
    ...old.map((row) => remove('spent_identities', row)),
    insert('spent_identities', { id, organisation: plane.organisation.id, expires_at: expires }),
  ])
}

function auditRecord(plane: Plane, actorName: string): AuditRecord {
  return {
    time: plane.now(),
    organisation: plane.organisation.id,
    actor: null,
    actorName,
    action: 'session.exchange',
    resource: `organisation:${plane.organisation.name}`,
    outcome: 'ok',
  }
}

function claimDetails({ iss, sub }: JWTPayload): { issuer?: string; subject?: string } {
  return { ...(iss === undefined ? {} : { issuer: iss.slice(0, 200) }), ...(sub === undefined ? {} : { subject: sub.slice(0, 300) }) }
}

function refused(reason: string): { readonly ok: false; readonly problem: Problem } {
  return refuse('IDENTITY_REFUSED', { reason })
}
