/**
 * A small shop that takes every setting from Headgate and follows changes without a restart.
 *
 * It listens on PORT (8080 without it; 0 chooses one) and closes in order on SIGTERM: no new connections, requests
 * that have begun are finished, then it ends.
 */
import { createServer } from 'node:http'
import { Headgate } from '@headgate/sdk'
import { restock } from './shop/catalogue.mjs'
import { createLog } from './shop/log.mjs'
import { createRoutes } from './shop/routes.mjs'
import { settingsSchema } from './shop/settings.mjs'
import { endStreams, openStreams } from './shop/stock-events.mjs'

/** How long requests that have begun may take once the shop was asked to close. */
const CLOSE_WITHIN_MS = 25_000
const startLog = createLog(() => 'info')

const config = await Headgate.connect({
  schema: settingsSchema,
  report: ({ code, level, message }) => startLog[level === 'warning' ? 'warn' : 'info'](message, { code }),
}).catch((error) => {
  startLog.error('the shop cannot start', { code: error.code, reason: error.message })
  process.exit(1)
})

const log = createLog(() => config.value.logLevel)
const state = { requests: 0, closing: false, startedAt: new Date().toISOString() }

config.onChange(({ revision, previousRevision, paths }) => {
  log.info('configuration changed', { revision, previousRevision, paths })
})

let restocking
function restockEvery() {
  clearInterval(restocking)
  restocking = setInterval(restock, config.duration('environmentVariables.STOCK_EVERY', 5_000))
}
restockEvery()
config.onChange('environmentVariables.STOCK_EVERY', restockEvery)

const server = createServer(createRoutes({ config, log, state }))
server.keepAliveTimeout = 65_000
server.on('error', (error) => {
  log.error('the shop cannot listen', { reason: error.code })
  process.exit(1)
})
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '127.0.0.1', () => {
  const { environment, revision, source } = config
  log.info('the shop is open', { port: server.address().port, environment, revision, source, pid: process.pid })
})

async function close(signal) {
  if (state.closing) return
  state.closing = true
  log.info('the shop closes', { signal, streams: openStreams() })
  clearInterval(restocking)
  const closed = new Promise((resolve) => server.close(resolve))
  endStreams()
  server.closeIdleConnections()
  const late = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS)
  await closed
  clearTimeout(late)
  await config.close()
  log.info('the shop is closed', { requests: state.requests })
}
process.on('SIGTERM', close)
process.on('SIGINT', close)
