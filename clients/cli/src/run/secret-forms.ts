/** Shorter texts are in every output by chance; hiding them would hide nothing and make the output unreadable. */
const SHORTEST = 4

/**
 * The forms a secret takes in what programs print: as it is, line by line, in quotes (JSON and programs), in a URL, in
 * hexadecimal, and in Base64, there also where it is in the middle of something longer.
 */
export function formsOf(secret: string): Buffer[] {
  const texts = [secret, ...secret.split(/\r?\n/).map((line) => line.trim())].filter((text) => text.length >= SHORTEST)
  const forms = new Set<string>()
  for (const text of texts) {
    const bytes = Buffer.from(text)
    forms.add(text)
    for (const form of quotedForms(text)) forms.add(form)
    for (const form of percentForms(text)) forms.add(form)
    forms.add(bytes.toString('hex'))
    forms.add(bytes.toString('hex').toUpperCase())
    for (const form of base64Forms(bytes)) forms.add(form)
  }
  return [...forms].filter((form) => form.length >= SHORTEST).map((form) => Buffer.from(form))
}

/** Inside quotes: of JSON, with everything but ASCII or slashes escaped too (Python, PHP), and of texts in programs. */
function* quotedForms(text: string): Generator<string> {
  const json = JSON.stringify(text).slice(1, -1)
  const ascii = json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  for (const form of [json, ascii]) {
    yield form
    yield form.replaceAll('/', '\\/')
  }
  const single = json.replaceAll('\\"', '"')
  yield single
  yield single.replaceAll("'", "\\'")
}

/** In a URL: as a part of it or the whole, as forms write it, with what some leave as it is, and in both cases of the digits. */
function* percentForms(text: string): Generator<string> {
  // A half of a surrogate pair has no encoding; such a text stays as it is.
  if (!text.isWellFormed()) return
  const part = encodeURIComponent(text)
  const strict = part.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  const upper = [part, strict, encodeURI(text), ...[part, strict].map((form) => form.replaceAll('%2F', '/'))]
  for (const form of [...upper, ...[part, strict].map((form) => form.replaceAll('%20', '+'))]) {
    yield form
    yield form.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase())
  }
}

/**
 * Base64 groups three bytes, so the same bytes look different at each of three places in something longer. What the
 * neighbours take part in is cut off; what is left is the secret's alone.
 */
function* base64Forms(bytes: Buffer): Generator<string> {
  for (const before of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(before), bytes])
    const whole = Math.floor(padded.length / 3) * 3
    const encoded = padded
      .subarray(0, whole)
      .toString('base64')
      .slice(before === 0 ? 0 : 4)
    // Of a secret of few bytes nothing is left that would be its own.
    if (encoded.length < 2 * SHORTEST) continue
    yield encoded
    yield encoded.replaceAll('+', '-').replaceAll('/', '_')
  }
  yield bytes.toString('base64').replaceAll('=', '')
  yield bytes.toString('base64url')
}
