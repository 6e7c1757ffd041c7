/** What one piece costs with the shop's discount, in cents. */
export function priceOf(product, { discountPercent }) {
  return Math.round((product.cents * (100 - discountPercent)) / 100)
}

/** A cart's sum, its shipping, and both together, in cents. */
export function totalOf(lines, settings) {
  const goods = lines.reduce((sum, { product, quantity }) => sum + priceOf(product, settings) * quantity, 0)
  const shipping = goods === 0 || goods >= settings.freeShippingCents ? 0 : settings.shippingCents
  return { goods, shipping, total: goods + shipping }
}

export function money(cents, { currency, locale }) {
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(cents / 100)
}
