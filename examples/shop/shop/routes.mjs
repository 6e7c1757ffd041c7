import { TooLarge, readFields, receiveUpload } from './bodies.mjs'
import { cartOf, linesOf, putIntoCart } from './carts.mjs'
import { listProducts } from './catalogue.mjs'
import { checkOut } from './checkout.mjs'
import { productPage, termsPage } from './pages.mjs'
import { money, priceOf, totalOf } from './prices.mjs'
import { streamStock } from './stock-events.mjs'

/**
 * Answers requests. Settings are read anew for each one, so a changed setting holds from the next request on; a
 * request that has begun is finished with what it began with.
 */
export function createRoutes({ config, log, state }) {
  const routes = {
    'GET /': ({ settings }) => html(productPage(listProducts(settings.pageSize), settings)),
    'GET /terms': ({ settings }) => html(termsPage(settings)),
    'GET /products': ({ settings }) => json(200, { products: listProducts(settings.pageSize).map((product) => offer(product, settings)) }),
    'GET /cart': ({ cart, settings }) => json(200, cartView(cart, settings)),
    'POST /cart': async ({ cart, settings, request }) => {
      const { product, quantity = 1 } = await readFields(request)
      if (!putIntoCart(cart, product, Number(quantity))) return json(400, { refused: 'no such product, or no such number of it' })
      return json(200, cartView(cart, settings))
    },
    'POST /checkout': ({ cart, settings, request }) => {
      request.resume()
      const { order, refused } = checkOut(cart, settings, config.secret('environmentVariables.PAYMENT_KEY'))
      if (refused) return json(409, { refused })
      log.info('order placed', { order: order.id, total: order.total, currency: order.currency })
      return json(200, { order })
    },
    'POST /uploads': async ({ request, settings }) => json(200, await receiveUpload(request, settings.uploadLimitBytes)),
    'GET /healthz': () => (state.closing ? json(503, { status: 'closing' }) : json(200, { status: 'ok' })),
    'GET /status': () => json(200, statusView(config, state)),
  }
  return async (request, response) => {
    const path = request.url.split('?')[0]
    state.requests += 1
    if (request.method === 'GET' && path === '/events') return streamStock(response)
    const answer = await answerFor(routes[`${request.method} ${path}`], { request, response, config, log })
    // Looked at now, not before: what began earlier must not keep a connection open that nobody waits for.
    if (state.closing) response.setHeader('connection', 'close')
    response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) })
    response.end(answer.body)
    log.debug('request', { method: request.method, path, status: answer.status })
  }
}

async function answerFor(route, { request, response, config, log }) {
  if (!route) return json(404, { refused: 'there is no such page' })
  try {
    const settings = config.value
    const needsCart = /^\/(cart|checkout)\b/.test(request.url)
    const { cart, cookie } = needsCart ? cartOf(request, config.secret('environmentVariables.SESSION_SECRET')) : {}
    if (cookie) response.setHeader('set-cookie', cookie)
    return await route({ request, settings, cart })
  } catch (error) {
    if (error instanceof TooLarge) return { ...json(413, { refused: 'that is too large' }), headers: { connection: 'close' } }
    if (error instanceof SyntaxError) return json(400, { refused: 'the body cannot be read' })
    log.error('request failed', { error: error.message })
    return json(500, { refused: 'something went wrong here' })
  }
}

function statusView(config, state) {
  const { revision, source, environment } = config
  const { reloads, watching, hitRatio } = config.stats()
  return {
    release: process.env.HEADGATE_RELEASE ?? null,
    environment,
    revision,
    source,
    reloads,
    watching,
    hitRatio,
    greeting: config.value.greeting,
    requests: state.requests,
    startedAt: state.startedAt,
    pid: process.pid,
  }
}

function offer(product, settings) {
  const cents = priceOf(product, settings)
  return { id: product.id, name: product.name, cents, price: money(cents, settings), stock: product.stock }
}

function cartView(cart, settings) {
  const lines = linesOf(cart)
  const { goods, shipping, total } = totalOf(lines, settings)
  const items = lines.map(({ product, quantity }) => ({ product: product.id, quantity, cents: priceOf(product, settings) * quantity }))
  return { items, goods: money(goods, settings), shipping: money(shipping, settings), total: money(total, settings) }
}

function json(status, value) {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value)}\n` }
}

function html(body) {
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
}
