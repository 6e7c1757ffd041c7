import { onStock } from './catalogue.mjs'

const open = new Set()

/** Answers with a stream of stock changes that goes on until the visitor leaves or the shop closes. */
export function streamStock(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write('retry: 1000\n\n')
  const send = (change) => response.write(`event: stock\ndata: ${JSON.stringify(change)}\n\n`)
  const stop = onStock(send)
  // Something passes at least this often, so that nobody in between takes the stream for dead.
  const alive = setInterval(() => response.write(': alive\n\n'), 15_000)
  open.add(response)
  response.on('close', () => {
    stop()
    clearInterval(alive)
    open.delete(response)
  })
}

/** Ends all streams in order; visitors come back by themselves. */
export function endStreams() {
  for (const response of open) response.end('event: closing\ndata: {}\n\n')
}

export function openStreams() {
  return open.size
}
