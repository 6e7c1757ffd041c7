import { createHash } from 'node:crypto'

const FORM_LIMIT = 16 * 1024

/** A body that is too large, said to the visitor as 413. */
export class TooLarge extends Error {}

/** The fields of a small JSON or form body. */
export async function readFields(request) {
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > FORM_LIMIT) throw new TooLarge()
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (!request.headers['content-type']?.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(text))
  const fields = JSON.parse(text)
  return typeof fields === 'object' && fields !== null ? fields : {}
}

/** Reads an upload as it arrives, without keeping it: how large it is, and its SHA-256. */
export async function receiveUpload(request, limit) {
  const digest = createHash('sha256')
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > limit) throw new TooLarge()
    digest.update(chunk)
  }
  return { bytes, sha256: digest.digest('hex') }
}
