/**
 * The load generator as a command:
 *
 *   node test/load/main.ts --target URL [--host H] [--keep-alive N] [--connections N] [--uploads N] [--streams N] [--events N]
 *     [--web-sockets N] [--seconds S] [--requests N] [--pause MS] [--label-header NAME] [--json]
 *
 * Ends with 0 when no request failed, else with 1.
 */
import { parseArgs } from 'node:util'
import { type LoadReport, startLoad } from './load.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: {
    target: text,
    host: text,
    'keep-alive': { ...text, default: '8' },
    connections: { ...text, default: '0' },
    uploads: { ...text, default: '0' },
    streams: { ...text, default: '0' },
    events: { ...text, default: '0' },
    'web-sockets': { ...text, default: '0' },
    seconds: { ...text, default: '10' },
    requests: text,
    pause: { ...text, default: '0' },
    'label-header': text,
    json: { type: 'boolean', default: false },
  },
})

if (values.target === undefined) {
  process.stderr.write(
    'usage: --target URL [--keep-alive N] [--uploads N] [--streams N] [--events N] [--web-sockets N] [--seconds S] [--json]\n',
  )
  process.exit(2)
}
const load = startLoad({
  target: values.target,
  workers: {
    keepAlive: Number(values['keep-alive']),
    connections: Number(values.connections),
    uploads: Number(values.uploads),
    streams: Number(values.streams),
    events: Number(values.events),
    webSockets: Number(values['web-sockets']),
  },
  maxMs: Number(values.seconds) * 1_000,
  pauseMs: Number(values.pause),
  ...(values.host !== undefined && { host: values.host }),
  ...(values.requests !== undefined && { maxRequests: Number(values.requests) }),
  ...(values['label-header'] !== undefined && { labelHeader: values['label-header'] }),
})
process.once('SIGINT', () => void load.stop())
process.once('SIGTERM', () => void load.stop())
const report = await load.done
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : inWords(report))
process.exitCode = report.failed > 0 ? 1 : 0

function inWords(report: LoadReport): string {
  const { p50, p95, p99, max } = report.latencyMs
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none'
  return [
    `requests   ${report.requests} in ${(report.tookMs / 1_000).toFixed(1)} s`,
    `failed     ${report.failed} (${list(report.failures)})`,
    `5xx sent by the application  ${report.applicationErrors}`,
    `statuses   ${list(report.statuses)}`,
    `latency    p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, max ${max} ms`,
    '',
  ].join('\n')
}
