import { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'

/**
 * `json`: a line of JSON an event; `text`: what a person at a terminal wants to see; `none`: nothing. All go to standard
 * error, as standard output is the command's.
 */
export type LogStyle = 'json' | 'text' | 'none'

/**
 * The log of the plane. Requests are logged by route and id, never with headers, bodies or query strings; the names
 * below are taken out all the same, should a later line carry them.
 */
export function createLog(style: LogStyle): Logger {
  if (style === 'none') return pino({ enabled: false })
  const redact = { paths: ['token', 'authorization', '*.token', '*.authorization', '*.secret', '*.password'], censor: '[secret]' }
  const options = { base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, redact }
  return pino(options, style === 'json' ? pino.destination({ fd: 2, sync: false }) : textLines(process.stderr))
}

/** Lines for people: a request that changed something or failed, and everything else the plane has to say. */
export function textLines(to: Pick<NodeJS.WriteStream, 'write'>): Writable {
  return new Writable({
    write(line: Buffer, _encoding, done) {
      const text = renderLine(JSON.parse(line.toString('utf8')) as Record<string, unknown>)
      if (text !== undefined) to.write(`${text}\n`)
      done()
    },
  })
}

const WARNING = 40
const ERROR = 50

/** @returns undefined for what is not worth a line: reads that were answered as they should be */
export function renderLine({ level, time, pid: _, msg, ...rest }: Record<string, unknown>): string | undefined {
  const clock = String(time).slice(11, 19)
  const mark = Number(level) >= ERROR ? 'error  ' : Number(level) >= WARNING ? 'warning  ' : ''
  if (msg === 'answered') {
    const { method, route, status, ms, request } = rest
    const failed = Number(status) >= 400
    if (!failed && (method === 'GET' || method === 'HEAD')) return undefined
    return printable(
      `${clock}  ${String(method).padEnd(6)} ${String(route)}  ${String(status)}  ${String(ms)} ms${failed ? `  request ${String(request)}` : ''}`,
    )
  }
  // What `headgate serve` says itself.
  if (msg === 'ready') return undefined
  const facts = Object.entries(rest).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return printable([`${clock}  ${mark}${String(msg)}`, ...facts].join('  '))
}

/** Nothing that a name in a line may hold moves the cursor or writes a line of its own. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
