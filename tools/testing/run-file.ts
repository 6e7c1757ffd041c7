/**
 * The process one test file runs in: `node tools/testing/run-file.ts FILE TEST_TIMEOUT_MS`, started by file-process.ts.
 *
 * What happens is told over the process's own channel and not on its output, which belongs to the tests. The last message
 * is `done`; a process that ends without it was ended by its tests. Afterwards nothing is closed by force: what a
 * test left open keeps this process alive, and that is how it is noticed.
 */
import { run } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import type { FileMessage } from './messages.ts'

const [, , file, timeout] = process.argv
if (file === undefined || process.send === undefined) throw new Error('this file is started by tools/test.ts')

// Without its runner nobody would read the outcome or end what hangs.
process.once('disconnect', () => process.exit(1))
process.on('message', () => process.send?.({ type: 'open', resources: process.getActiveResourcesInfo() } satisfies FileMessage))
process.channel?.unref()

const tests = run({ files: [file], isolation: 'none', timeout: Number(timeout) })
// Listened to rather than read as a stream: a listener runs at the event, so the last message is out before a test that never returns.
for (const type of ['test:dequeue', 'test:complete', 'test:pass', 'test:fail', 'test:diagnostic'])
  tests.on(type, (data: EventData) => tell(type, data))
tests.on('end', () => void finish())
tests.resume()

/** node:test forgets that a file threw while it was loaded, once it has registered a test; the module itself remembers. */
async function finish(): Promise<void> {
  try {
    await import(pathToFileURL(String(file)).href)
  } catch (error) {
    process.send?.({ type: 'remark', text: `it cannot be loaded: ${inspect(error)}` } satisfies FileMessage)
    process.exitCode = 1
  }
  process.send?.({ type: 'done' } satisfies FileMessage)
}

function tell(type: string, data: EventData): void {
  const message = messageOf(type, data)
  if (message !== undefined) process.send?.(message)
}

interface EventData {
  name: string
  nesting: number
  file?: string
  line?: number
  column?: number
  skip?: string | boolean
  todo?: string | boolean
  message?: string
  details?: { duration_ms?: number; type?: string; error?: Error & { failureType?: string; cause?: unknown } }
}

function messageOf(type: string, data: EventData): FileMessage | undefined {
  if (type === 'test:dequeue') return { type: 'started', name: data.name, nesting: data.nesting }
  if (type === 'test:complete') return { type: 'ended', name: data.name, nesting: data.nesting }
  // node:test only remarks on what a test throws after its end; here that is a failure (by the exit code), and this says whose.
  if (type === 'test:diagnostic' && data.message?.startsWith('Error: ')) return { type: 'remark', text: data.message }
  if (type !== 'test:pass' && type !== 'test:fail') return undefined
  if (data.details?.type === 'suite' && type === 'test:pass' && !data.skip) return undefined
  // An empty file is reported as a test by the file's own name; the runner counts it as no test at all.
  if (data.nesting === 0 && data.name === file && type === 'test:pass') return undefined
  const error = data.details?.error
  if (error?.failureType === 'subtestsFailed') return undefined
  const place = { name: data.name, ...(data.line === undefined ? {} : { line: data.line }), milliseconds: data.details?.duration_ms ?? 0 }
  const leftOut = data.skip ?? data.todo
  if (leftOut !== undefined && leftOut !== false) {
    return { type: 'left out', ...place, reason: typeof leftOut === 'string' && leftOut !== '' ? leftOut : 'no reason given' }
  }
  return type === 'test:pass' ? { type: 'passed', ...place } : { type: 'failed', ...place, error: errorText(error) }
}

/** What the test threw, as a person reads it; node:test's own wrapper around it says nothing more. */
function errorText(error: (Error & { cause?: unknown }) | undefined): string {
  const cause = error?.cause ?? error
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : typeof cause === 'string' ? cause : inspect(cause, { depth: 6 })
  return text.includes('\n    at ') ? text.replace(/\n {4}at (?:async )?.*\bnode:(?:internal|test|async_hooks).*/g, '') : text
}
