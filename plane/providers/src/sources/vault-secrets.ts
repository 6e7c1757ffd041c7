import type { CallContext, Inputs } from '@headgate/lang'
import { recordOf, recordsOf, textOf } from '../input-values.ts'
import { type OutsideSource, SourceFault } from '../outside-source.ts'
import { at } from '../parse-answer.ts'
import { mapOf, record, text } from '../schemas.ts'
import type { Surroundings } from '../surroundings.ts'
import { vaultAddress, vaultData, vaultHeaders } from './vault-answer.ts'

const inputs = record({
  login: record({ address: text(), namespace: text(), token: text() }, ['namespace']),
  read: mapOf(record({ path: text(), field: text() }, ['field'])),
})

/**
 * `vault-secrets`: values read from paths of a Vault or OpenBao server, each as the server gives it (for a versioned
 * key-value mount that is `data` and `metadata`), or one field of it. A field is looked for in `data` too, so the same
 * document reads both kinds of mount.
 */
export function vaultSecrets({ http, limits }: Surroundings): OutsideSource {
  return {
    inputs,
    outputs: mapOf(true),
    async open(given, context) {
      const login = recordOf(given, 'login') as Inputs
      const address = vaultAddress(textOf(login, 'address') ?? '')
      const headers = vaultHeaders(textOf(login, 'token'), textOf(login, 'namespace'))
      const read = async ([name, wanted]: readonly [string, Inputs]) => [name, await readOne(wanted, address, headers, context)] as const
      return { value: new Map(await Promise.all(recordsOf(given, 'read').map(read))), secret: true }
    },
  }

  async function readOne(wanted: Inputs, address: URL, headers: Record<string, string>, context: CallContext): Promise<unknown> {
    const path = textOf(wanted, 'path') ?? ''
    const url = readingUrl(address, path)
    const get = async (signal: AbortSignal) => vaultData(await http.send({ method: 'GET', url, headers }, signal), path)
    const data = at(await limits.run(address.origin, get, context.signal), 'data')
    if (data === undefined || data === null) throw new SourceFault(`Vault answered ${path} without data`)
    const field = textOf(wanted, 'field')
    if (field === undefined) return data
    const found = at(data, field) ?? at(data, 'data', field)
    if (found === undefined) throw new SourceFault(`what Vault has at ${path} has no field ${JSON.stringify(field)}`)
    return found
  }
}

/** The one question a read may carry. */
const VERSION = /^version=\d{1,18}$/

function readingUrl(address: URL, path: string): URL {
  const [location = '', question, ...more] = path.replace(/^\/+/, '').replace(/^v1\//, '').split('?')
  const steps = location.split('/')
  if (
    location === '' ||
    steps.some((step) => step === '' || step === '.' || step === '..') ||
    more.length > 0 ||
    (question && !VERSION.test(question))
  )
    throw new SourceFault(
      `${JSON.stringify(path)} is no path of a Vault secret; one such as secret/data/app or secret/data/app?version=2 is looked for`,
    )
  return new URL(`/v1/${steps.map(encodeURIComponent).join('/')}${question ? `?${question}` : ''}`, address)
}
