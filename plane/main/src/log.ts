import { type Logger, pino } from 'pino'

/** `json`: a line of JSON an event; `none`: nothing. Both go to standard error, as standard output is the command's. */
export type LogStyle = 'json' | 'none'

/**
 * The log of the plane. Requests are logged by route and id, never with headers, bodies or query strings; the names
 * below are taken out all the same, should a later line carry them.
 */
export function createLog(style: LogStyle): Logger {
  if (style === 'none') return pino({ enabled: false })
  const redact = { paths: ['token', 'authorization', '*.token', '*.authorization', '*.secret', '*.password'], censor: '[secret]' }
  return pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, redact }, pino.destination({ fd: 2, sync: false }))
}
