import type { HttpAnswer } from '../http-call.ts'
import { SourceFault } from '../outside-source.ts'
import { parseAnswer } from '../parse-answer.ts'

/** The address of a Vault or OpenBao server as the document gives it: a scheme and a host, no path. */
export function vaultAddress(address: string): URL {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    throw new SourceFault(
      `the Vault address ${JSON.stringify(address)} is no URL; one such as https://vault.example.org:8200 is looked for`,
    )
  }
  if (url.pathname !== '/' || url.search || url.hash)
    throw new SourceFault(`the Vault address ${url.origin} must have a scheme and a host, and no path`)
  return url
}

export function vaultHeaders(token: string | undefined, namespace: string | undefined): Record<string, string> {
  return {
    'x-vault-request': 'true',
    ...(token === undefined ? {} : { 'x-vault-token': token }),
    ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
  }
}

/** What a successful answer says; a refusal in words, without Vault's own, which may repeat what it was sent. */
export function vaultData(answer: HttpAnswer, asked: string): unknown {
  const { status, text } = answer
  if (status >= 200 && status < 300) return parseAnswer(text, 'Vault')
  if (status === 400) throw new SourceFault(`Vault refused ${asked} as malformed (400)`)
  if (status === 403) throw new SourceFault(`Vault does not permit ${asked} with these credentials (403)`)
  if (status === 404) throw new SourceFault(`Vault has nothing for ${asked} (404): looked at exactly that path, mount included`)
  // 412: a standby that is behind; 429: a quota or a standby; 472, 473, 503: sealed or standing by.
  const passing = status >= 500 || status === 412 || status === 429 || status === 472 || status === 473
  throw new SourceFault(`Vault answered ${status} to ${asked}${status === 503 ? ': it is sealed or standing by' : ''}`, { passing })
}
