import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Reply, Transport } from './http.ts'

/**
 * Sends requests by Node's own HTTP client. `fetch` costs a program some thirty milliseconds at its first use, which for a
 * command that makes one request is most of its time. Bodies are whole here; streams stay with `fetch`.
 */
export const nodeTransport: Transport = (url, sent, signal) => {
  // Imported, `node:http` would load all of `fetch` with it: a module's exports are read then, and one of them is lazy.
  const { request: send } = url.startsWith('https:') ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http')
  return new Promise((resolve, reject) => {
    const { method, headers, body } = sent
    const length: Record<string, string> = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const started: ClientRequest = send(url, { method, headers: { ...headers, ...length }, ...(signal ? { signal } : {}) }, (answer) =>
      resolve(replyOf(answer)),
    )
    started.on('error', (cause) => reject(signal?.aborted ? (signal.reason as Error) : cause))
    started.end(body)
  })
}

function replyOf(answer: IncomingMessage): Reply {
  const status = answer.statusCode ?? 0
  return {
    status,
    // A redirect is no answer of a plane, and following one would send the token elsewhere.
    ok: status >= 200 && status < 300,
    async text() {
      const parts: Buffer[] = []
      for await (const part of answer) parts.push(part as Buffer)
      return Buffer.concat(parts).toString('utf8')
    },
  }
}
