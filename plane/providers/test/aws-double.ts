import { createHash, createHmac } from 'node:crypto'
import type { Asked, Told } from './double.ts'

const hash = (data: string) => createHash('sha256').update(data).digest('hex')
const mac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()

/**
 * Whether a request is signed as AWS's Signature Version 4 says, with this key. Written from its public description,
 * and not with the client that signs.
 */
export function isSigned(asked: Asked, secretAccessKey: string): boolean {
  const authorization = asked.headers.authorization ?? ''
  const [, , date = '', region = '', service = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d+)\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? []
  const headers = names.split(';').map(
    (name) =>
      `${name}:${String(asked.headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  )
  const canonical = [asked.method, asked.path, '', headers.join(''), names, hash(asked.body)].join('\n')
  const time = String(asked.headers['x-amz-date'])
  const text = ['AWS4-HMAC-SHA256', time, `${date}/${region}/${service}/aws4_request`, hash(canonical)].join('\n')
  const key = mac(mac(mac(mac(`AWS4${secretAccessKey}`, date), region), service), 'aws4_request')
  return date !== '' && names.split(';').includes('host') && mac(key, text).toString('hex') === signature
}

export function awsRefusal(status: number, code: string, message: string): Told {
  return { status, headers: { 'x-amzn-errortype': code }, body: { __type: code, message } }
}
