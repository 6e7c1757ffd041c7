/**
 * What sealing and row MACs cost, beside the bare primitives they are made of, and new keys for old under a working store.
 *
 *   node --conditions=source bench/crypto.ts [--full]
 */
import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { SealGroup, mintToken, open, rowMac, seal, secretKey, tokenDigest } from '@headgate/crypto'
import { benchKeys } from './crypto/keys.ts'
import { paired, repeat } from './measure.ts'
import type { BenchOptions, BenchTable } from './table.ts'

const VALUE = randomBytes(256)
const context = { organisation: 'organisation-0001', environment: 'environment-0001', type: 'secret', id: randomBytes(16).toString('hex') }
const key = secretKey('00112233aabbccdd', randomBytes(32))
const bareKey = createSecretKey(randomBytes(32))
export async function bench({ full }: BenchOptions): Promise<BenchTable[]> {
  return [await sealing(full), await benchKeys(full)]
}

async function sealing(full: boolean): Promise<BenchTable> {
  const sealed = seal(key, context, VALUE)
  const row = { id: context.id, environment: context.environment, sealed, created_at: 1, change: 7 }
  const token = mintToken('user').reveal()
  let group = new SealGroup(key)
  const rows = await paired('bare AES-256-GCM, one key', full ? 50_000 : 5_000, {
    'bare AES-256-GCM, one key': repeat(() => {
      const cipher = createCipheriv('aes-256-gcm', bareKey, VALUE.subarray(0, 12))
      cipher.setAAD(VALUE)
      cipher.update(VALUE)
      cipher.final()
      cipher.getAuthTag()
    }),
    'seal, a key for each value': repeat(() => seal(key, context, VALUE)),
    'seal, in a group': repeat(() => {
      if (group.full) group = new SealGroup(key)
      group.seal(context, VALUE)
    }),
    open: repeat(() => open(() => key, context, sealed)),
    'MAC of a stored row': repeat(() => rowMac(key, 'records', row)),
    'digest of a token': repeat(() => tokenDigest(key.secret, token)),
  })
  return {
    title: 'Sealing: 256 bytes',
    rows,
    notes: ['A seal derives its own key (HKDF, SHA-512), or one for its group, and commits to it; the bare cipher does neither.'],
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { terminalTable } = await import('../tools/benching/print.ts')
  for (const table of await bench({ full: process.argv.includes('--full') })) console.log(terminalTable(table))
}
