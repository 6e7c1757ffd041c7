import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Exchange } from '../../pulumi/watching-proxy.ts'

/**
 * What the real client sent in each case, and what it was answered, without a real client to send it again: the data of
 * the wire twin. `npm run accept` writes it where the real client is there.
 */
export const RECORDINGS = join(import.meta.dirname, 'recorded-requests.json')

export type Recordings = Readonly<Record<string, readonly Recorded[]>>

/** One request, and the answer as a digest: of its status, its headers that clients read, and its body. */
export interface Recorded {
  readonly method: string
  readonly url: string
  /** Headers that say which text was edited. */
  readonly tag?: string
  /** The body, or the number of the answer before whose body it is. */
  readonly body?: string
  readonly bodyOf?: number
  readonly status: number
  readonly digest: string
  /** What is another in every run, in the order it stands in the answer. */
  readonly volatile?: readonly string[]
}

/** Ids, and the tags of revisions, which follow from ids. */
const VOLATILE = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|"\d+-[0-9a-f]{8,16}"/g

/** Texts that are of another key each time hold none: the suite's crypter has no key. */
export function volatileIn(text: string): string[] {
  return text.match(VOLATILE) ?? []
}

export function recordExchanges(exchanges: readonly Exchange[]): Recorded[] {
  return exchanges.map((exchange, index) => {
    const before = exchanges.slice(0, index).findIndex(({ responseBody }) => responseBody === exchange.requestBody)
    const tag = tagOf(exchange.requestHeaders)
    const answer = answerText(exchange)
    const volatile = volatileIn(answer)
    return {
      method: exchange.method,
      url: exchange.url,
      ...(tag === undefined ? {} : { tag }),
      ...(exchange.requestBody === '' ? {} : before >= 0 ? { bodyOf: before } : { body: exchange.requestBody }),
      status: exchange.status,
      digest: digestOf(answer),
      ...(volatile.length > 0 ? { volatile } : {}),
    }
  })
}

function tagOf(headers: Exchange['requestHeaders']): string | undefined {
  const tag = headers['if-match'] ?? headers['etag']
  return Array.isArray(tag) ? tag[0] : tag
}

type Answered = Pick<Exchange, 'responseHeaders' | 'responseBody'>

/** What clients read of an answer, as one text. */
export function answerText({ responseHeaders, responseBody }: Answered): string {
  const headers = ['content-type', 'etag', 'pulumi-esc-revision'].map((name) => `${name}: ${String(responseHeaders[name] ?? '')}`)
  return [...headers, canonical(responseBody)].join('\n')
}

/** JSON with its keys in order; any other text as it is. */
function canonical(text: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(text)))
  } catch {
    return text
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  )
}

export function digestOf(answer: string): string {
  return createHash('sha256').update(answer.replace(VOLATILE, '?')).digest('base64url').slice(0, 22)
}

export function readRecordings(): Recordings {
  return existsSync(RECORDINGS) ? (JSON.parse(readFileSync(RECORDINGS, 'utf8')) as Recordings) : {}
}
