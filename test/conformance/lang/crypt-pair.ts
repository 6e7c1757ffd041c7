import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '@headgate/model'
import { listSealed, sealSecrets, unsealSecrets } from '@headgate/lang'
import { isMap, isScalar, parseDocument, visit } from 'yaml'
import { turnBytes } from './providers.ts'

/**
 * Runs one pair of `crypt`. The pairs are what the reference's re-emission makes of a whole document; Headgate changes
 * the secret scalars alone ("bytes win"). So both halves are compared behind one and the same re-emission, which exists
 * only here, and Headgate's own promise is checked besides: all other bytes stay, values come back, and a second round
 * gives the same text.
 */
export async function runCryptPair(folder: string, name: string): Promise<string | undefined> {
  const plaintext = readFileSync(join(folder, `${name}.plaintext.yaml`), 'utf8')
  const ciphertext = readFileSync(join(folder, `${name}.ciphertext.yaml`), 'utf8')
  const sealed = await seal(name, plaintext)
  const unsealed = await unseal(name, ciphertext)
  const again = await unseal(name, await seal(name, await unseal(name, sealed)))
  const wrong = [
    difference('sealed and re-emitted', ciphertext, reemit(sealed)),
    difference('unsealed and re-emitted', plaintext, reemit(unsealed)),
    difference('sealed, unsealed', plaintext, await unseal(name, sealed)),
    difference('a second round', await unseal(name, sealed), again),
    listSealed(sealed).sealed.length === listSealed(ciphertext).sealed.length ? undefined : '    not every secret was sealed',
  ].filter((line) => line !== undefined)
  return wrong.length === 0 ? undefined : wrong.join('\n')
}

async function seal(name: string, text: string): Promise<string> {
  const { text: sealed, diagnostics } = await sealSecrets(name, text, async (secret) =>
    turnBytes(new TextEncoder().encode(secret.reveal())),
  )
  if (sealed === undefined) throw new Error(`sealing failed: ${JSON.stringify(diagnostics)}`)
  return sealed
}

async function unseal(name: string, text: string): Promise<string> {
  const { text: unsealed, diagnostics } = await unsealSecrets(
    name,
    text,
    async (payload) => new Secret(new TextDecoder().decode(turnBytes(payload))),
  )
  if (unsealed === undefined) throw new Error(`unsealing failed: ${JSON.stringify(diagnostics)}`)
  return unsealed
}

/** A document as the reference's emitter lays it out: two columns of indentation, no padding in braces, no folded lines. */
function reemit(text: string): string {
  const document = parseDocument(text)
  visit(document, {
    Pair(_key, pair, path) {
      if (!isScalar(pair.key) || pair.key.value !== 'fn::secret' || !isMap(pair.value)) return
      const call = path[path.length - 1]
      const [entry] = pair.value.items
      if (isMap(call) && call.flow) return
      pair.value.flow = false
      // What stood behind the braces belongs behind the ciphertext.
      if (pair.value.comment && isScalar(entry?.value)) {
        entry.value.comment = pair.value.comment
        pair.value.comment = null
      }
    },
  })
  return document.toString({ indent: 2, flowCollectionPadding: false, lineWidth: 0 })
}

function difference(what: string, expected: string, found: string): string | undefined {
  if (expected === found) return undefined
  const left = expected.split('\n')
  const right = found.split('\n')
  const line = left.findIndex((text, i) => text !== right[i])
  const at = line < 0 ? left.length : line
  return `    ${what}: line ${at + 1}\n      expected ${JSON.stringify(left[at])}\n      found    ${JSON.stringify(right[at])}`
}
