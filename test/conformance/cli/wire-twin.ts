import type { Exchange } from '../../pulumi/watching-proxy.ts'
import { type Recorded, answerText, digestOf, volatileIn } from './recording.ts'

/** What every request of the real client carries, whatever its body is. */
const HEADERS = { accept: 'application/vnd.pulumi+8', 'content-type': 'application/json', 'user-agent': 'esc-cli/1 (v0.25.0; linux)' }

/**
 * Sends what the real client sent, one after another, with the ids of this run in the place of the recorded ones; and
 * says where an answer is not the recorded one.
 */
export async function replayRecorded(recorded: readonly Recorded[], url: string, token: string): Promise<string[]> {
  const wrong: string[] = []
  const names = new Map<string, string>()
  const bodies: string[] = []
  const now = (text: string): string => {
    let renamed = text
    for (const [before, after] of names) renamed = renamed.replaceAll(before, after)
    return renamed
  }
  for (const each of recorded) {
    const body = each.bodyOf === undefined ? now(each.body ?? '') : (bodies[each.bodyOf] ?? '')
    const answered = await send(each, url + now(each.url), token, body, each.tag === undefined ? undefined : now(each.tag))
    bodies.push(answered.responseBody)
    const answer = answerText(answered)
    const volatile = volatileIn(answer)
    for (const [index, before] of (each.volatile ?? []).entries()) {
      const after = volatile[index]
      if (after !== undefined) names.set(before, after)
    }
    if (answered.status === each.status && digestOf(answer) === each.digest) continue
    wrong.push(`  ${each.method} ${each.url}: recorded ${each.status}, and now ${answered.status}\n${indent(answer)}`)
  }
  return wrong
}

async function send(
  { method }: Recorded,
  url: string,
  token: string,
  body: string,
  tag: string | undefined,
): Promise<Pick<Exchange, 'status' | 'responseHeaders' | 'responseBody'>> {
  const headers = { ...HEADERS, authorization: `token ${token}`, ...(tag === undefined ? {} : { etag: tag }) }
  const response = await fetch(url, { method, headers, ...(method === 'GET' ? {} : { body }) })
  return { status: response.status, responseHeaders: Object.fromEntries(response.headers), responseBody: await response.text() }
}

function indent(text: string): string {
  return text
    .slice(0, 1000)
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
}
