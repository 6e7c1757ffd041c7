import { messageMac, messageMacFits, rowMacKeyId } from '@headgate/crypto'
import type { Row } from '@headgate/model'
import type { Vault } from '@headgate/vault'

/** Who answers at which address, said to whoever asked with a challenge of their own. */
export interface Proof {
  readonly node: string
  readonly address: string
  readonly challenge: string
}

/** What the node that passes a request on says of it to the one that is to answer. */
export interface Hop {
  readonly from: string
  readonly to: string
  /** The id of the request, as whoever asked got it from the first node. */
  readonly request: string
  /** The address it came from. */
  readonly client: string
  readonly method: string
  readonly url: string
  /** Milliseconds since 1970. */
  readonly time: number
}

const COLUMNS = ['from', 'to', 'request', 'client', 'method', 'url', 'time'] as const

type Keys = Pick<Vault, 'keyring' | 'protection'>

export function makeProof({ keyring }: Keys, proof: Proof): string {
  return text(messageMac(keyring.active('mac'), 'proof', { ...proof }))
}

export async function proofFits(keys: Keys, proof: Proof, made: string): Promise<boolean> {
  return fits(keys, 'proof', { ...proof, mac: Buffer.from(made, 'base64url') })
}

export function writeHop({ keyring }: Keys, hop: Hop): string {
  return `${text(Buffer.from(JSON.stringify(hop)))}.${text(messageMac(keyring.active('mac'), 'hop', { ...hop }))}`
}

/** @returns undefined for what no node of this installation wrote */
export async function readHop(keys: Keys, written: string): Promise<Hop | undefined> {
  const [content = '', mac = ''] = written.split('.')
  const hop = columnsOf(content)
  return hop && (await fits(keys, 'hop', { ...hop, mac: Buffer.from(mac, 'base64url') })) ? (hop as unknown as Hop) : undefined
}

function columnsOf(content: string): Row | undefined {
  try {
    const parsed = JSON.parse(Buffer.from(content, 'base64url').toString('utf8')) as Record<string, unknown>
    const of = (name: string): boolean => (name === 'time' ? Number.isSafeInteger(parsed[name]) : typeof parsed[name] === 'string')
    return COLUMNS.every(of) ? Object.fromEntries(COLUMNS.map((name) => [name, parsed[name] as string | number])) : undefined
  } catch {
    return undefined
  }
}

/** A key that another node made just now is fetched first. */
async function fits({ keyring, protection }: Keys, kind: string, message: Row): Promise<boolean> {
  await protection.fetchKeys?.('nodes', [message])
  const id = rowMacKeyId(message['mac'])
  const key = id === undefined ? undefined : keyring.find('mac', id)
  return key !== undefined && messageMacFits(key, kind, message)
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}
