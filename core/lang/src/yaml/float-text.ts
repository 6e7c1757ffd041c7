/** From this decimal exponent on, floats are written with one; below -4 too. */
const EXPONENT_FROM = 6

/**
 * The text of a 64-bit float, as the language prints the ones it reads from YAML: the shortest digits that read back
 * to the same number, `1e+06` from a million on.
 */
export function formatFloat(value: number, negative = value < 0): string {
  if (value === 0) return negative ? '-0' : '0'
  const [mantissa, exponentText] = Math.abs(value).toExponential().split('e') as [string, string]
  const digits = mantissa.replace('.', '')
  const exponent = Number(exponentText)
  const sign = negative ? '-' : ''
  if (exponent < -4 || exponent >= EXPONENT_FROM) return sign + exponential(digits, exponent)
  return sign + positional(digits, exponent)
}

function exponential(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  if (digits.length <= exponent + 1) return digits + '0'.repeat(exponent + 1 - digits.length)
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
}
