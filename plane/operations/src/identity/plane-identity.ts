import { randomUUID } from 'node:crypto'
import type { CallContext, ExportedValue } from '@headgate/lang'
import { PLANE_ACTOR, HeadgateError } from '@headgate/model'
import { type Identity, type IdentityRequest, SourceFault } from '@headgate/providers'
import { type Fields, type IdentityKeyRow, insert } from '@headgate/store'
import { type CryptoKey, SignJWT, calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair, importPKCS8 } from 'jose'
import type { Plane } from '../plane.ts'

/** AWS takes RSA signatures only, and everyone else takes them too. */
const ALGORITHM = 'RS256'
/** How long a token is good for: one exchange, with clocks that differ. */
const LIFETIME_MS = 5 * 60_000

/** Who the plane says it is outside, and what others check that with. */
export interface PlaneIdentity extends Identity {
  /** Where the plane publishes its keys; what tokens name as their issuer. */
  issuer(): string
  /** The public halves of the keys, as a JSON Web Key Set. */
  keySet(): Promise<{ readonly keys: readonly Readonly<Record<string, unknown>>[] }>
}

type Signer = Pick<Plane, 'store' | 'vault' | 'changes' | 'organisation' | 'now'>

/**
 * The identity of a plane: tokens as Pulumi ESC's clients and adapters know them (OpenID Connect, RS256), signed with a
 * key that is made when it is first needed and kept sealed.
 *
 * @param url where the plane is reached from outside, without a slash at its end
 */
export function createIdentity(plane: Signer, url: () => string): PlaneIdentity {
  const issuer = () => `${url()}/oidc`
  let signing: Promise<{ readonly id: string; readonly key: CryptoKey }> | undefined

  const signingKey = () => {
    signing ??= newestKey(plane).catch((error: unknown) => {
      signing = undefined
      throw error
    })
    return signing
  }
  return {
    issuer,
    async keySet() {
      await signingKey()
      const rows = await plane.store.identityKeys.list(plane.organisation.id)
      return { keys: rows.map((row) => JSON.parse(row.public_key) as Record<string, unknown>) }
    },
    async token(request) {
      const { id, key } = await signingKey()
      const now = Math.floor(plane.now() / 1000)
      return new SignJWT(claimsOf(request, plane.organisation.name))
        .setProtectedHeader({ alg: ALGORITHM, kid: id, typ: 'JWT' })
        .setIssuer(issuer())
        .setSubject(subjectOf(request, plane.organisation.name))
        .setAudience(request.audience.includes(':') ? request.audience : `${request.audience}:${plane.organisation.name}`)
        .setIssuedAt(now)
        .setExpirationTime(new Date(plane.now() + LIFETIME_MS))
        .setJti(randomUUID())
        .sign(key)
    },
  }
}

async function newestKey(plane: Signer): Promise<{ readonly id: string; readonly key: CryptoKey }> {
  const [newest] = await plane.store.identityKeys.list(plane.organisation.id)
  const row = newest ?? (await makeKey(plane))
  const pem = plane.vault.openDocument(plane.organisation.id, 'identity-key', row.id, row.sealed)
  return { id: row.id, key: await importPKCS8(Buffer.from(pem).toString('utf8'), ALGORITHM) }
}

async function makeKey(plane: Signer): Promise<Fields<IdentityKeyRow>> {
  const { id: organisation, name } = plane.organisation
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  const jwk = await exportJWK(publicKey)
  const id = await calculateJwkThumbprint(jwk)
  const pem = Buffer.from(await exportPKCS8(privateKey))
  const row: Fields<IdentityKeyRow> = {
    id,
    organisation,
    public_key: JSON.stringify({ ...jwk, kid: id, alg: ALGORITHM, use: 'sig' }),
    sealed: plane.vault.sealDocument(organisation, 'identity-key', id, pem),
    created_at: plane.now(),
  }
  pem.fill(0)
  const audit = {
    time: plane.now(),
    organisation,
    ...PLANE_ACTOR,
    action: 'identity.create-key',
    resource: `organisation:${name}`,
    outcome: 'ok' as const,
    details: { key: id },
  }
  const made = await plane.changes.commit({ expect: [], writes: [insert('identity_keys', row)], audit })
  if (!made.ok) throw new HeadgateError(made.problem.code, made.problem.details)
  return row
}

/** The claims Pulumi documents for its own tokens; what a run does not know is left out. */
function claimsOf({ context, claims }: IdentityRequest, organisation: string): Record<string, string> {
  const user = attributeOf('pulumi.user.login', context, organisation)
  return {
    org: organisation,
    env: context.currentEnvironment,
    current_env: `${organisation}/${context.currentEnvironment}`,
    root_env: `${organisation}/${context.rootEnvironment}`,
    ...(user === undefined ? {} : { trigger_user: user }),
    ...claims,
  }
}

function subjectOf({ context, subjectAttributes }: IdentityRequest, organisation: string): string {
  if (!subjectAttributes?.length) return `pulumi:environments:org:${organisation}:env:${context.currentEnvironment}`
  const parts = subjectAttributes.map((name) => {
    const value = attributeOf(name, context, organisation)
    if (value === undefined)
      throw new SourceFault(
        `${JSON.stringify(name)} is no subject attribute; one of ${attributes.map((known) => JSON.stringify(known)).join(', ')} is looked for`,
      )
    return `${name}:${value}`
  })
  return `pulumi:environments:${parts.join(':')}`
}

const attributes = ['currentEnvironment.name', 'rootEnvironment.name', 'pulumi.organization.login', 'pulumi.user.login']

function attributeOf(name: string, context: CallContext, organisation: string): string | undefined {
  if (name === 'currentEnvironment.name') return context.currentEnvironment
  if (name === 'rootEnvironment.name') return context.rootEnvironment
  if (name === 'pulumi.organization.login') return organisation
  if (name !== 'pulumi.user.login') return undefined
  const pulumi: ExportedValue | undefined = context.values.get('pulumi')
  return pulumi?.get('user')?.get('login')?.text
}
