import {
  HASH_LENGTH,
  RECORD_ID_LENGTH,
  type SealContext,
  SealGroup,
  type SecretKey,
  type TokenKind,
  detailsDigest,
  equalBytes,
  freshRandom,
  makeHandle,
  mintToken,
  open,
  parseHandle,
  parseToken,
  revisionHash,
  seal,
  tokenDigest,
} from '@headgate/crypto'
import {
  type AuditEvent,
  type AuditRecord,
  type EnvironmentId,
  HeadgateError,
  type OrganisationId,
  type PrincipalId,
  type RecordId,
  Secret,
  type Write,
  idOf,
} from '@headgate/model'
import { type AuditRow, type EnvironmentRow, type Fields, type RecordRow, type RevisionRow, insert, update } from '@headgate/store'
import { INSTALLATION, type Keyring } from './keyring.ts'

/** Where a sealed value belongs. */
export interface Place {
  readonly organisation: OrganisationId
  readonly environment: EnvironmentId
}

export interface SealedSecret {
  /** What stands in the document. */
  readonly handle: Uint8Array
  readonly id: RecordId
  /** To be inserted into `records` by the Change that saves the document. */
  readonly record: Fields<RecordRow>
}

/** Who wrote a revision, and when. */
export interface Authorship {
  readonly author: PrincipalId
  readonly time: number
}

/** What an audit record says besides its columns: the use case's details, and each protected row that was written with its MAC. */
export interface AuditContent {
  readonly details?: AuditEvent['details']
  readonly rows?: WrittenRows
}

/** By table: the key's columns, then 16 bytes of the MAC as base64url, or null where the row was removed. */
export type WrittenRows = Readonly<Record<string, readonly (readonly (string | number | null)[])[]>>

const SALT_LENGTH = 32

/** Everything that is sealed and opened, each kind bound to its place. */
export type Sealing = ReturnType<typeof sealingWith>

export function sealingWith(keyring: Keyring) {
  return {
    ...secretsWith(keyring),
    ...revisionsWith(keyring),
    ...documentsWith(keyring),
    ...tokensWith(keyring),
    ...auditWith(keyring),
  }
}

/** Seals with the key its organisation uses now. */
function sealFor(keyring: Keyring, context: SealContext, plaintext: Uint8Array): Uint8Array {
  return seal(keyring.forSealing(context.organisation), context, plaintext)
}

function openFor(keyring: Keyring, context: SealContext, sealed: Uint8Array): Uint8Array {
  return open((id) => keyring.find('seal', id), context, sealed)
}

function secretsWith(keyring: Keyring) {
  const handleOf = (id: RecordId): Uint8Array => makeHandle(keyring.active('handle').secret, id)
  return {
    /** Seals a secret for one environment. Its record never changes, and opens nowhere else. */
    sealSecret(place: Place, secret: Secret, time: number): SealedSecret {
      const id = idOf<'record'>(Buffer.from(freshRandom(RECORD_ID_LENGTH)).toString('hex'))
      const plaintext = Buffer.from(secret.reveal())
      const sealed = sealFor(keyring, secretContext(place, id), plaintext)
      plaintext.fill(0)
      return { id, handle: handleOf(id), record: { id, environment: place.environment, sealed, created_at: time } }
    },

    /** The handle of a record that exists. */
    handleOf,

    /** The record a handle names; undefined for what this Headgate did not make. Whose it is, the record says. */
    readHandle(handle: Uint8Array): RecordId | undefined {
      const id = parseHandle(keyring.active('handle').secret, handle)
      return id === undefined ? undefined : idOf<'record'>(id)
    },

    /** @throws SEAL_TAMPERED for a record of another environment, too: it is sealed for its own */
    openSecret(place: Place, record: RecordRow): Secret {
      const plaintext = openFor(keyring, secretContext(place, record.id), record.sealed)
      const secret = new Secret(textOf(plaintext))
      plaintext.fill(0)
      return secret
    },
  }
}

function revisionsWith(keyring: Keyring) {
  const revisionOf = (
    place: Place,
    previous: { readonly number: number; readonly hash: Uint8Array | null },
    text: string,
    by: Authorship,
  ): Fields<RevisionRow> => {
    const number = previous.number + 1
    const hash = revisionHash({ environment: place.environment, number, text, previous: previous.hash })
    const sealed = sealFor(keyring, textContext(place, number), Buffer.from(text))
    return { environment: place.environment, number, sealed, previous: previous.hash, hash, author: by.author, created_at: by.time }
  }
  return {
    /**
     * The next revision of an environment: its row and both writes it takes (the row, and the environment's new
     * head). Let the Change expect `{ kind: 'head', revision: environment.head_revision }`.
     */
    newRevision(environment: EnvironmentRow, text: string, by: Authorship): { revision: Fields<RevisionRow>; writes: Write[] } {
      const place = { organisation: environment.organisation, environment: environment.id }
      const revision = revisionOf(place, { number: environment.head_revision, hash: environment.head_hash }, text, by)
      const head = { head_revision: revision.number, head_hash: revision.hash }
      return { revision, writes: [insert('revisions', revision), update('environments', environment, head)] }
    },

    /** A new environment with its first revision, for one Change. */
    newEnvironment(
      fields: Pick<EnvironmentRow, 'id' | 'organisation' | 'project' | 'name'>,
      text: string,
      by: Authorship,
    ): { revision: Fields<RevisionRow>; writes: Write[] } {
      const { id, organisation, project, name } = fields
      const base = { id, organisation, project, name, created_at: by.time, deleted_at: null }
      const revision = revisionOf({ organisation, environment: id }, { number: 0, hash: null }, text, by)
      const writes = [insert('environments', { ...base, head_revision: 1, head_hash: revision.hash }), insert('revisions', revision)]
      return { revision, writes }
    },

    /** The text of a revision, with its handles. @throws SEAL_TAMPERED, also where text and hash do not belong together */
    openText(place: Place, revision: Pick<RevisionRow, 'environment' | 'number' | 'sealed' | 'previous' | 'hash'>): string {
      const { number, previous, hash, sealed } = revision
      const context = textContext(place, number)
      const text = textOf(openFor(keyring, context, sealed))
      if (equalBytes(revisionHash({ environment: place.environment, number, text, previous }), hash)) return text
      throw new HeadgateError('SEAL_TAMPERED', { type: context.type, id: context.id })
    },
  }
}

function documentsWith(keyring: Keyring) {
  const contextOf = (organisation: OrganisationId, kind: string, id: string): SealContext => ({
    organisation,
    environment: '',
    type: `document:${kind}`,
    id,
  })
  return {
    /** Seals anything else that is kept: `kind` and `id` say what and which. */
    sealDocument: (organisation: OrganisationId, kind: string, id: string, bytes: Uint8Array): Uint8Array =>
      sealFor(keyring, contextOf(organisation, kind, id), bytes),

    openDocument: (organisation: OrganisationId, kind: string, id: string, sealed: Uint8Array): Uint8Array =>
      openFor(keyring, contextOf(organisation, kind, id), sealed),
  }
}

function tokensWith(keyring: Keyring) {
  const digest = (token: string) => tokenDigest(keyring.active('token').secret, token)
  return {
    /** A new token and what is stored of it. The token is shown once. */
    mintToken(kind: TokenKind): { token: Secret; digest: Uint8Array } {
      const token = mintToken(kind)
      return { token, digest: digest(token.reveal()) }
    },
    /** What a token is looked up by; undefined for text that cannot be a token. */
    digestToken: (token: string): Uint8Array | undefined => (parseToken(token) === undefined ? undefined : digest(token)),
  }
}

function auditWith(keyring: Keyring) {
  const contextOf = (change: number, organisation: string | null): SealContext => ({
    organisation: organisation ?? INSTALLATION,
    environment: '',
    type: 'audit',
    id: String(change),
  })
  const openProof = (row: AuditRow): { salt: Uint8Array; content: AuditContent } => {
    const opened = openFor(keyring, contextOf(row.change, row.organisation), row.sealed)
    const salt = opened.subarray(0, SALT_LENGTH)
    const details = opened.subarray(SALT_LENGTH)
    if (!equalBytes(detailsDigest(salt, details), row.digest))
      throw new HeadgateError('SEAL_TAMPERED', { type: 'audit', id: String(row.change) })
    return { salt, content: JSON.parse(textOf(details)) as AuditContent }
  }
  const openContent = (row: AuditRow): AuditContent => openProof(row).content
  const groupFor = sealGroups(keyring)
  return {
    /** Seals what an audit record says besides its columns. */
    sealAudit(change: number, record: AuditRecord, rows: WrittenRows): { sealed: Uint8Array; digest: Uint8Array } {
      const content: AuditContent = {
        ...(record.details ? { details: record.details } : {}),
        ...(Object.keys(rows).length > 0 ? { rows } : {}),
      }
      const text = JSON.stringify(content)
      const proof = Buffer.allocUnsafe(SALT_LENGTH + Buffer.byteLength(text))
      proof.set(freshRandom(SALT_LENGTH))
      proof.write(text, SALT_LENGTH)
      const context = contextOf(change, record.organisation)
      const sealed = groupFor(context.organisation).seal(context, proof)
      return { sealed, digest: detailsDigest(proof.subarray(0, SALT_LENGTH), proof.subarray(SALT_LENGTH)) }
    },
    openAuditContent: openContent,
    /** The same with the salt of its digest, for whoever is to check it elsewhere. */
    openAuditProof: openProof,
    /** An audit record with its details. The store has checked its MAC already. */
    openAudit(row: AuditRow): AuditEvent {
      const { change, leaf, time, organisation, actor, actor_name: actorName, action, resource, outcome } = row
      const { details } = openContent(row)
      return { change, leaf, time, organisation, actor, actorName, action, resource, outcome, ...(details ? { details } : {}) }
    },
  }
}

/** The group that the next record of an organisation is sealed in: of the key in use, and forgotten with it. */
function sealGroups(keyring: Keyring): (organisation: string) => SealGroup {
  const groups = new WeakMap<SecretKey, SealGroup>()
  return (organisation) => {
    const key = keyring.forSealing(organisation)
    let group = groups.get(key)
    if (!group || group.full) groups.set(key, (group = new SealGroup(key)))
    return group
  }
}

function secretContext(place: Place, id: RecordId): SealContext {
  return { organisation: place.organisation, environment: place.environment, type: 'secret', id }
}

/** Bytes as text, without a copy of them that nobody wipes. */
function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8')
}

function textContext(place: Place, number: number): SealContext {
  return { organisation: place.organisation, environment: place.environment, type: 'text', id: String(number) }
}

/** The part of a row's MAC that audit records repeat. */
export function macSummary(mac: Uint8Array): string {
  return Buffer.from(mac.subarray(-HASH_LENGTH, -HASH_LENGTH / 2)).toString('base64url')
}
