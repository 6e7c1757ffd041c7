import { money, priceOf } from './prices.mjs'

/** The product list, with greeting, currency and banner as the configuration says. */
export function productPage(products, settings) {
  const banner = settings.banner === '' ? '' : `<p class="banner">${escape(settings.banner)}</p>\n`
  const tagline = settings.tagline === '' ? '' : `<p class="tagline">${escape(settings.tagline)}</p>\n`
  const rows = products.map((product) => productRow(product, settings)).join('\n')
  return page(
    settings.name,
    `<h1>${escape(settings.name)}</h1>
${tagline}<p class="greeting">${escape(settings.greeting)}</p>
${banner}<table><thead><tr><th>Product</th><th>Price (${escape(settings.currency)})</th><th>In stock</th><th></th></tr></thead><tbody>
${rows}
</tbody></table>
<form method="post" action="/checkout"><button>Check out</button></form>
<p><a href="/cart">Cart</a> · <a href="/terms">Terms</a></p>
<script>
  new EventSource('/events').addEventListener('stock', (event) => {
    const { product, stock } = JSON.parse(event.data)
    const cell = document.getElementById('stock-' + product)
    if (cell) cell.textContent = stock
  })
</script>`,
  )
}

export function termsPage(settings) {
  const paragraphs = settings.terms.split('\n').map((line) => `<p>${escape(line)}</p>`)
  return page(`${settings.name}: terms`, `<h1>Terms</h1>\n${paragraphs.join('\n')}`)
}

function productRow(product, settings) {
  const add = `<form method="post" action="/cart"><input type="hidden" name="product" value="${product.id}"><input type="hidden" name="quantity" value="1"><button>Add</button></form>`
  const price = escape(money(priceOf(product, settings), settings))
  return `<tr><td>${escape(product.name)}</td><td>${price}</td><td id="stock-${product.id}">${product.stock}</td><td>${add}</td></tr>`
}

function page(title, body) {
  const style =
    'body{font:16px system-ui;margin:2rem auto;max-width:42rem}.banner{background:#fe9;padding:.5rem}td,th{padding:.2rem 1rem .2rem 0;text-align:left}'
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title><style>${style}</style></head><body>
${body}
</body></html>
`
}

function escape(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
