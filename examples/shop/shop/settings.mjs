/**
 * The shop's settings, made from the environment's variables. The SDK calls `parse` at the start and for each new
 * revision; a revision that it refuses is not taken, and the shop goes on with the one it has.
 */
export const settingsSchema = {
  parse(values) {
    const issues = []
    const read = reader(values.environmentVariables ?? {}, issues)
    const settings = Object.freeze({
      name: read.text('SHOP_NAME', 'Shop'),
      greeting: read.text('SHOP_GREETING', 'Welcome'),
      tagline: read.text('SHOP_TAGLINE', ''),
      banner: read.text('SHOP_BANNER', ''),
      terms: read.text('SHOP_TERMS', ''),
      currency: read.currency('SHOP_CURRENCY', 'EUR'),
      locale: read.text('SHOP_LOCALE', 'en'),
      pageSize: read.whole('SHOP_PAGE_SIZE', 12, 1, 100),
      discountPercent: read.whole('SHOP_DISCOUNT_PERCENT', 0, 0, 90),
      shippingCents: read.whole('SHOP_SHIPPING_CENTS', 490, 0, 100_000),
      freeShippingCents: read.whole('SHOP_FREE_SHIPPING_CENTS', 5000, 0, 10_000_000),
      uploadLimitBytes: read.whole('UPLOAD_LIMIT_KB', 2048, 1, 1_048_576) * 1024,
      logLevel: read.oneOf('LOG_LEVEL', 'info', ['debug', 'info', 'warn', 'error']),
    })
    if (issues.length > 0) throw Object.assign(new Error('these settings cannot be used'), { issues })
    return settings
  },
}

function reader(variables, issues) {
  const refuse = (name, message, instead) => {
    issues.push({ path: ['environmentVariables', name], message })
    return instead
  }
  const text = (name, otherwise) => variables[name] ?? otherwise
  return {
    text,
    whole(name, otherwise, least, most) {
      const given = text(name, String(otherwise))
      const number = /^\d{1,9}$/.test(given) ? Number(given) : NaN
      return number >= least && number <= most ? number : refuse(name, `has to be a whole number from ${least} to ${most}`, otherwise)
    },
    oneOf(name, otherwise, words) {
      const given = text(name, otherwise)
      return words.includes(given) ? given : refuse(name, `has to be one of ${words.join(', ')}`, otherwise)
    },
    currency(name, otherwise) {
      const given = text(name, otherwise)
      const known = Intl.supportedValuesOf('currency').includes(given)
      return known ? given : refuse(name, 'has to be a currency code such as EUR', otherwise)
    },
  }
}
