import type { IncomingHttpHeaders } from 'node:http'

/** Fields that concern the connection to the instance, not the one to the client. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // Only the router says which answers are its own; an application that could would hide its failures.
  'x-headgate-router',
])

/** The fields of a response as a flat list for the client, without those of the hop and those its Connection field names. */
export function responseHeaders(headers: IncomingHttpHeaders, options: { readonly trailers: boolean; readonly close: boolean }): string[] {
  const named = connectionNames(headers['connection'])
  const flat: string[] = []
  for (const name in headers) {
    if (HOP_BY_HOP.has(name) || named?.has(name)) continue
    const value = headers[name]
    if (typeof value === 'string') flat.push(name, value)
    else if (value !== undefined) for (const one of value) flat.push(name, one)
  }
  const trailer = headers['trailer']
  if (options.trailers && trailer !== undefined) flat.push('trailer', [trailer].flat().join(', '))
  if (options.close) flat.push('connection', 'close')
  return flat
}

function connectionNames(value: string | readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (value === undefined || value === 'keep-alive' || value === 'close') return undefined
  const names = new Set(
    String(value)
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
  for (const kept of ['close', 'content-length', 'set-cookie', 'content-type']) names.delete(kept)
  return names
}
