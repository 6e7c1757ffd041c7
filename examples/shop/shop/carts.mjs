import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { findProduct } from './catalogue.mjs'

/** Carts live in memory; beyond this many the oldest are forgotten. */
const MOST_CARTS = 10_000
const MOST_OF_ONE = 99
const carts = new Map()

/**
 * The cart of a visitor, found by the signed number in their cookie. A cookie that was not signed here gets a new one.
 *
 * @returns the cart, and the cookie to set where it is a new one
 */
export function cartOf(request, sessionSecret) {
  const known = /(?:^|;\s*)cart=([0-9a-f-]{36})\.([0-9a-f]{32})/.exec(request.headers.cookie ?? '')
  if (known && signatureFits(known[1], known[2], sessionSecret) && carts.has(known[1])) return { cart: carts.get(known[1]) }
  const id = randomUUID()
  const cart = new Map()
  carts.set(id, cart)
  if (carts.size > MOST_CARTS) carts.delete(carts.keys().next().value)
  return { cart, cookie: `cart=${id}.${signature(id, sessionSecret)}; Path=/; HttpOnly; SameSite=Lax` }
}

/** Puts so many pieces of a product into a cart; 0 takes it out. False where there is no such product or number. */
export function putIntoCart(cart, id, quantity) {
  if (!findProduct(id) || !Number.isInteger(quantity) || quantity < 0 || quantity > MOST_OF_ONE) return false
  if (quantity === 0) cart.delete(id)
  else cart.set(id, quantity)
  return true
}

export function linesOf(cart) {
  return [...cart].map(([id, quantity]) => ({ product: findProduct(id), quantity }))
}

function signature(id, secret) {
  return createHmac('sha256', secret.reveal()).update(id).digest('hex').slice(0, 32)
}

function signatureFits(id, given, secret) {
  return timingSafeEqual(Buffer.from(signature(id, secret)), Buffer.from(given))
}
