/** Shorter texts are in every output by chance; hiding them would hide nothing and make the output unreadable. */
const SHORTEST = 4

/**
 * The forms a secret takes in what programs print: as it is, line by line, in JSON, in a URL, in hexadecimal, and in
 * Base64, there also where it is in the middle of something longer.
 */
export function formsOf(secret: string): Buffer[] {
  const texts = [secret, ...secret.split(/\r?\n/).map((line) => line.trim())].filter((text) => text.length >= SHORTEST)
  const forms = new Set<string>()
  for (const text of texts) {
    const bytes = Buffer.from(text)
    forms.add(text)
    forms.add(JSON.stringify(text).slice(1, -1))
    forms.add(percentEncoded(text))
    forms.add(percentEncoded(text).replaceAll('%20', '+'))
    forms.add(bytes.toString('hex'))
    forms.add(bytes.toString('hex').toUpperCase())
    for (const form of base64Forms(bytes)) forms.add(form)
  }
  return [...forms].filter((form) => form.length >= SHORTEST).map((form) => Buffer.from(form))
}

function percentEncoded(text: string): string {
  // A half of a surrogate pair has no encoding; such a text stays as it is.
  return text.isWellFormed() ? encodeURIComponent(text) : text
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
