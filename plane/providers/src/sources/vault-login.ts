import type { CallContext, Inputs } from '@headgate/lang'
import { recordOf, textOf, textsOf, jsonOf } from '../input-values.ts'
import { type OutsideSource, SourceFault } from '../outside-source.ts'
import { at } from '../parse-answer.ts'
import { listOf, mapOf, record, text } from '../schemas.ts'
import type { Surroundings } from '../surroundings.ts'
import { vaultAddress, vaultData, vaultHeaders } from './vault-answer.ts'

const inputs = record(
  {
    address: text('The URL of the Vault or OpenBao server: a scheme and a host, no path.'),
    namespace: text(),
    jwt: record({ role: text(), mount: text(), subjectAttributes: listOf(text()) }, ['mount', 'subjectAttributes']),
    token: record({ token: text(), displayName: text(), maxTtl: text(), metadata: mapOf(text()), policies: listOf(text()) }, [
      'displayName',
      'maxTtl',
      'metadata',
      'policies',
    ]),
  },
  ['namespace', 'jwt', 'token'],
)
const outputs = record({ address: text(), namespace: text(), token: text() }, ['namespace'])

/**
 * `vault-login`: an ephemeral token of a Vault or OpenBao server, by the plane's own identity (`jwt`) or as the child of
 * a given token. Inputs and outputs as Pulumi ESC documents them.
 */
export function vaultLogin({ http, limits, identity }: Surroundings): OutsideSource {
  return {
    inputs,
    outputs,
    async open(given, context) {
      const address = vaultAddress(textOf(given, 'address') ?? '')
      const namespace = textOf(given, 'namespace')
      const { path, body, token } = await loginCall(given, context, identity)
      const url = new URL(`/v1/${path}`, address)
      const headers = vaultHeaders(token, namespace)
      const login = async (signal: AbortSignal) =>
        vaultData(await http.send({ method: 'POST', url, headers, body }, signal), `the login at ${path}`)
      const issued = at(await limits.run(address.origin, login, context.signal), 'auth', 'client_token')
      if (typeof issued !== 'string' || issued === '') throw new SourceFault(`Vault accepted the login at ${path} and gave no token`)
      return { value: { address: address.origin, ...(namespace === undefined ? {} : { namespace }), token: issued }, secret: true }
    },
  }
}

async function loginCall(given: Inputs, context: CallContext, identity: Surroundings['identity']) {
  const jwt = recordOf(given, 'jwt')
  const parent = recordOf(given, 'token')
  if ((jwt === undefined) === (parent === undefined)) throw new SourceFault('vault-login needs one of jwt and token, and not both')
  if (parent) {
    const body = {
      display_name: textOf(parent, 'displayName') ?? 'headgate',
      explicit_max_ttl: textOf(parent, 'maxTtl'),
      policies: textsOf(parent, 'policies'),
      meta: parent.has('metadata') ? (JSON.parse(jsonOf(parent.get('metadata'))) as unknown) : undefined,
    }
    return { path: 'auth/token/create', body: JSON.stringify(body), token: textOf(parent, 'token') }
  }
  const mount = textOf(jwt, 'mount') ?? 'jwt'
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(mount) || mount.includes('..'))
    throw new SourceFault(`${JSON.stringify(mount)} is no name of a Vault mount`)
  const subjectAttributes = textsOf(jwt, 'subjectAttributes')
  const identityToken = await identity.token({
    audience: 'vault',
    context,
    ...(subjectAttributes ? { subjectAttributes } : {}),
  })
  return { path: `auth/${mount}/login`, body: JSON.stringify({ role: textOf(jwt, 'role'), jwt: identityToken }), token: undefined }
}
