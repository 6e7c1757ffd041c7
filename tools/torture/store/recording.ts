/** What a traced run did to its files, in the order it was done, read from strace's own words. */
export type Operation =
  | { readonly kind: 'create'; readonly path: string; readonly empty: boolean }
  | { readonly kind: 'write'; readonly path: string; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly path: string }
  /** Something left the process. */
  | { readonly kind: 'say'; readonly text: string }

const CALL = /^\d+ +(\w+)\((.*)\) = (-?\d+)/
const UNFINISHED = /^(\d+) +(.*) <unfinished \.\.\.>$/
const RESUMED = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/
const HEX = /\\x([0-9a-f]{2})/g

/** @param ledger the file that what is said goes to */
export function readRecording(trace: string, ledger: string): Operation[] {
  const operations: Operation[] = []
  const positions = new Map<string, number>()
  for (const line of wholeLines(trace)) {
    const [, call = '', parameters = '', answer = ''] = CALL.exec(line) ?? []
    if (call === '' || Number(answer) < 0) continue
    const operation = operationOf(call, parameters, Number(answer), positions)
    if (operation === undefined) continue
    if ('path' in operation && operation.path === ledger) {
      if (operation.kind === 'write') operations.push({ kind: 'say', text: Buffer.from(operation.bytes).toString('utf8') })
    } else operations.push(operation)
  }
  return operations
}

/** How often each call stands in a recording, what is said not counted. */
export function callsIn(trace: string, ledger: string): Map<string, number> {
  const said = Buffer.from(ledger).toString('hex').replace(/../g, '\\x$&')
  const counts = new Map<string, number>()
  for (const line of wholeLines(trace)) {
    const [, call = ''] = CALL.exec(line) ?? []
    if (call !== '' && !line.includes(said)) counts.set(call, (counts.get(call) ?? 0) + 1)
  }
  return counts
}

/** A call another thread spoke into is put together again, at the place where it ended. */
function* wholeLines(trace: string): Generator<string> {
  const begun = new Map<string, string>()
  for (const line of trace.split('\n')) {
    const [, pid = '', beginning = ''] = UNFINISHED.exec(line) ?? []
    if (pid !== '') {
      begun.set(pid, `${pid} ${beginning}`)
      continue
    }
    const [, resumed = '', rest = ''] = RESUMED.exec(line) ?? []
    yield resumed === '' ? line : `${begun.get(resumed) ?? ''}${rest}`
  }
}

function operationOf(call: string, parameters: string, answer: number, positions: Map<string, number>): Operation | undefined {
  switch (call) {
    case 'openat': {
      const path = textOf(/"((?:[^"\\]|\\.)*)"/.exec(parameters)?.[1])
      if (!parameters.includes('O_CREAT')) return undefined
      const empty = parameters.includes('O_TRUNC')
      if (empty) positions.set(path, 0)
      return { kind: 'create', path, empty }
    }
    case 'pwrite64':
    case 'write': {
      const path = descriptorOf(parameters)
      const bytes = bytesOf(/, "((?:[^"\\]|\\.)*)"/.exec(parameters)?.[1]).subarray(0, answer)
      const offset = call === 'pwrite64' ? Number(/, (\d+)$/.exec(parameters)?.[1]) : (positions.get(path) ?? 0)
      if (call === 'write') positions.set(path, offset + bytes.length)
      return { kind: 'write', path, offset, bytes }
    }
    case 'ftruncate':
      return { kind: 'truncate', path: descriptorOf(parameters), size: Number(/, (\d+)$/.exec(parameters)?.[1]) }
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', path: descriptorOf(parameters) }
    case 'rename': {
      const [from, to] = [...parameters.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => textOf(match[1]))
      return { kind: 'rename', path: from ?? '', to: to ?? '' }
    }
    case 'unlink':
      return { kind: 'unlink', path: textOf(/"((?:[^"\\]|\\.)*)"/.exec(parameters)?.[1]) }
    default:
      throw new Error(`the replay does not know the call ${call}`)
  }
}

function descriptorOf(parameters: string): string {
  return textOf(/^\d+<([^>]*)>/.exec(parameters)?.[1])
}

function textOf(escaped: string | undefined): string {
  return bytesOf(escaped).toString('utf8')
}

function bytesOf(escaped: string | undefined): Buffer {
  if (escaped === undefined) throw new Error('a call without what it was given')
  return Buffer.from(escaped.replace(HEX, '$1'), 'hex')
}
