/** What the shop sells, prices in cents before discount, and how much of it is there. */
const products = [
  { id: 'rope', name: 'Mooring rope, 10 m', cents: 2450, stock: 40 },
  { id: 'fender', name: 'Fender, small', cents: 1290, stock: 75 },
  { id: 'windlass', name: 'Windlass key', cents: 1895, stock: 30 },
  { id: 'lamp', name: 'Deck lamp', cents: 3600, stock: 18 },
  { id: 'pole', name: 'Boat pole, 3 m', cents: 4150, stock: 12 },
  { id: 'kettle', name: 'Galley kettle', cents: 2999, stock: 25 },
  { id: 'map', name: 'Map of the waterways', cents: 995, stock: 120 },
  { id: 'bell', name: 'Brass bell', cents: 5400, stock: 9 },
]

const listeners = new Set()

export function listProducts(limit) {
  return products.slice(0, limit)
}

export function findProduct(id) {
  return products.find((product) => product.id === id)
}

/** Takes goods off the shelf; false, and nothing is taken, where there are not enough of one of them. */
export function takeFromStock(lines) {
  if (lines.some(({ product, quantity }) => product.stock < quantity)) return false
  for (const { product, quantity } of lines) setStock(product, product.stock - quantity)
  return true
}

/** Goods arrive: the product that is shortest gets some. */
export function restock() {
  const shortest = products.reduce((least, product) => (product.stock < least.stock ? product : least))
  setStock(shortest, shortest.stock + 1 + Math.floor(Math.random() * 3))
}

/** Calls a function at each change of stock. Returns what ends the calls. */
export function onStock(listener) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function setStock(product, stock) {
  product.stock = stock
  for (const listener of listeners) listener({ product: product.id, stock })
}
