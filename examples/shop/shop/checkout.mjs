import { createHmac, randomUUID } from 'node:crypto'
import { takeFromStock } from './catalogue.mjs'
import { linesOf } from './carts.mjs'
import { totalOf } from './prices.mjs'

/**
 * Turns a cart into an order: takes the goods, and signs the order with the payment key as a payment service would ask
 * for it. Whoever holds the key can recompute the signature, and so see that the shop has it; nobody can learn the key
 * from it.
 *
 * @returns the order, or why there is none
 */
export function checkOut(cart, settings, paymentKey) {
  const lines = linesOf(cart)
  if (lines.length === 0) return { refused: 'the cart is empty' }
  if (!takeFromStock(lines)) return { refused: 'there is not enough of it' }
  cart.clear()
  const { total } = totalOf(lines, settings)
  const order = { id: randomUUID(), total, currency: settings.currency }
  return { order: { ...order, signature: sign(order, paymentKey) } }
}

function sign({ id, total, currency }, paymentKey) {
  return createHmac('sha256', paymentKey.reveal()).update(`${id} ${total} ${currency}`).digest('hex')
}
