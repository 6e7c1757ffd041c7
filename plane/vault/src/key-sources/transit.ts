import { KEY_LENGTH, wipeableCopy } from '@headgate/crypto'
import { HeadgateError, Secret } from '@headgate/model'
import { defaultAnchorFile } from './key-file.ts'
import type { KeySource } from './key-source.ts'
import type { KmsEnvelope } from './root-envelope.ts'
import { rootKeyId } from './root-key.ts'
import { type TransitClient, type TransitOptions, createTransitClient } from './transit-client.ts'

export interface TransitKeyOptions extends TransitOptions {
  /** Where the transit engine is mounted. Default `transit`. */
  readonly mount?: string
  /** The name of the transit key that wraps the root key. It must exist. */
  readonly key: string
  /** A renewal of the token that failed; the next one comes by itself. */
  readonly onRenewalFailed?: (error: unknown) => void
}

/** Slashes divide, and no part is `.` or `..`: a name that stays below its place in the address. */
const SEGMENT = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/
const CIPHERTEXT = /^vault:v\d+:[A-Za-z0-9+/=]+$/
/** The shortest time between two renewals, in milliseconds: a token that lives for seconds must not keep us busy. */
const RENEWAL_FLOOR = 1_000
const RENEWAL_CEILING = 24 * 3_600_000

/**
 * A root key that an outside key service wraps: the transit engine of Vault and OpenBao. The database keeps the wrapped
 * key; who may unwrap it, the service decides and records, each time the plane starts.
 *
 * While it is open its token is renewed at half of its life, so that a later rotation finds it valid.
 *
 * @throws KMS_INSECURE, KEY_UNREADABLE for names that are none
 */
export function transitKeySource(options: TransitKeyOptions): KeySource {
  const { mount = 'transit', key: name } = options
  for (const part of [mount, name])
    if (!SEGMENT.test(part))
      throw new HeadgateError('KEY_UNREADABLE', { place: 'the key service', reason: `\`${part}\` cannot be the name of a key or mount` })
  const client = createTransitClient(options)
  const renewal = tokenRenewal(client, options.onRenewalFailed)
  return {
    kind: 'kms',
    place: () => `the key ${name} of the key service at ${client.address}`,
    anchorFile: defaultAnchorFile,
    async load(folderId, envelopes) {
      const mine = envelopes.filter((envelope) => envelope.source === 'kms')
      let refusal: Error | undefined
      for (const envelope of mine) {
        try {
          const key = await unwrap(client, folderId, envelope)
          await renewal.start()
          return key
        } catch (error) {
          // While a root key is rotated there are two, and either will do.
          refusal ??= error as Error
        }
      }
      if (refusal !== undefined) throw refusal
      return undefined
    },
    async wrap(folderId, key) {
      const root = rootKeyId(key)
      const plaintext = Buffer.from(key.reveal()).toString('base64')
      const answer = await client.post(`${mount}/encrypt/${name}`, { plaintext, associated_data: bindingOf(folderId, root) })
      const ciphertext = dataOf(answer)['ciphertext']
      if (typeof ciphertext !== 'string' || !CIPHERTEXT.test(ciphertext)) throw invalid(client, 'it holds no ciphertext')
      const envelope: KmsEnvelope = { format: 1, source: 'kms', root, engine: 'transit', mount, key: name, ciphertext }
      // What cannot be unwrapped now will not be unwrapped when it is needed.
      const again = await unwrap(client, folderId, envelope)
      again.reveal().fill(0)
      await renewal.start()
      return envelope
    },
    store: async () => undefined,
    withdraw: async () => undefined,
    close: () => renewal.stop(),
  }
}

async function unwrap(client: TransitClient, folderId: string, envelope: KmsEnvelope): Promise<Secret<Uint8Array>> {
  const { mount, key, ciphertext, root } = envelope
  if (![mount, key].every((part) => SEGMENT.test(part)) || !CIPHERTEXT.test(ciphertext))
    throw new HeadgateError('KEY_UNREADABLE', {
      place: 'the wrapped root key in the database',
      reason: 'its parameters are not ones Headgate writes',
    })
  const answer = await client.post(`${mount}/decrypt/${key}`, { ciphertext, associated_data: bindingOf(folderId, root) })
  const plaintext = dataOf(answer)['plaintext']
  const bytes = typeof plaintext === 'string' ? Buffer.from(plaintext, 'base64') : Buffer.alloc(0)
  const secret = new Secret<Uint8Array>(wipeableCopy(bytes))
  bytes.fill(0)
  if (secret.reveal().length !== KEY_LENGTH || rootKeyId(secret) !== root)
    throw invalid(client, 'it unwraps to another key than was wrapped')
  return secret
}

/** What the service binds the wrapped key to, so that it does not unwrap for another folder or as another key. */
function bindingOf(folderId: string, root: string): string {
  return Buffer.from(`headgate root key 1\n${folderId}\n${root}`).toString('base64')
}

function dataOf(answer: Record<string, unknown>): Record<string, unknown> {
  const { data } = answer
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {}
}

function invalid(client: TransitClient, reason: string): HeadgateError {
  return new HeadgateError('KMS_ANSWER_INVALID', { url: client.address, reason })
}

/** Renews the token at half of its life for as long as the source is open. */
function tokenRenewal(client: TransitClient, onFailed: ((error: unknown) => void) | undefined) {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const schedule = (seconds: number) => {
    if (stopped) return
    const delay = Math.min(Math.max((seconds * 1_000) / 2, RENEWAL_FLOOR), RENEWAL_CEILING)
    timer = setTimeout(() => void renew(seconds), delay).unref()
  }
  const renew = async (known: number) => {
    try {
      const { auth } = (await client.post('auth/token/renew-self', {})) as { auth?: { lease_duration?: unknown; renewable?: unknown } }
      if (auth?.renewable === true) schedule(Number(auth.lease_duration) || known)
    } catch (error) {
      onFailed?.(error)
      schedule(known / 2)
    }
  }
  return {
    /** Asks once how long the token lives. One that may not ask about itself is simply not renewed. */
    async start(): Promise<void> {
      if (timer || stopped) return
      try {
        const { ttl, renewable } = dataOf(await client.get('auth/token/lookup-self'))
        if (renewable === true && Number(ttl) > 0) schedule(Number(ttl))
      } catch (error) {
        onFailed?.(error)
      }
    },
    stop(): void {
      stopped = true
      clearTimeout(timer)
    },
  }
}
