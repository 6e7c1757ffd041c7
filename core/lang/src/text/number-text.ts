/**
 * A number as the language keeps it: its decimal text, from the document to the answer, so that no digit is lost on the
 * way. Two numbers are the same if their texts are.
 */
export class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

/** A decimal number in exact form: mantissa × 10^exponent. */
export interface Decimal {
  readonly mantissa: bigint
  readonly exponent: bigint
  /** Digits of the mantissa. */
  readonly digits: number
}

const DECIMAL = /^([-+]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([-+]?[0-9]+))?$/

/** Exponents beyond this are no numbers to the reference. */
const LARGEST_EXPONENT = 2n ** 31n - 1n

/** Reads a decimal text, or says what is wrong with it. */
export function parseDecimal(text: string): Decimal | { readonly fault: string } {
  const match = DECIMAL.exec(text)
  if (!match || (!match[2] && !match[3])) return { fault: 'not a number' }
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match
  const exponent = BigInt(exponentText.replace('+', ''))
  if (exponent > LARGEST_EXPONENT || exponent < -LARGEST_EXPONENT) return { fault: 'exponent overflow' }
  const digits = (whole + fraction).replace(/^0+(?=.)/, '')
  let length = digits.length
  while (length > 1 && digits.charCodeAt(length - 1) === ZERO) length--
  const mantissa = BigInt(digits.slice(0, length))
  if (mantissa === 0n) return { mantissa, exponent: 0n, digits: 1 }
  return {
    mantissa: sign === '-' ? -mantissa : mantissa,
    exponent: exponent - BigInt(fraction.length) + BigInt(digits.length - length),
    digits: length,
  }
}

const ZERO = '0'.charCodeAt(0)

/** Negative, zero or positive as a is less than, equal to or greater than b. Never writes out a large power of ten. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const signA = sign(a.mantissa)
  const signB = sign(b.mantissa)
  if (signA !== signB || signA === 0) return signA - signB
  const sizeA = BigInt(a.digits) + a.exponent
  const sizeB = BigInt(b.digits) + b.exponent
  if (sizeA !== sizeB) return sizeA > sizeB ? signA : -signA
  // Same magnitude, so the exponents differ by no more than the digits written.
  const low = a.exponent < b.exponent ? a.exponent : b.exponent
  const left = a.mantissa * 10n ** (a.exponent - low)
  const right = b.mantissa * 10n ** (b.exponent - low)
  return left < right ? -1 : left > right ? 1 : 0
}

/** Whether a is b times a whole number; b is not zero. */
export function isMultiple(a: Decimal, b: Decimal): boolean {
  if (a.mantissa === 0n) return true
  const shift = a.exponent - b.exponent
  const divisor = b.mantissa < 0n ? -b.mantissa : b.mantissa
  // Ten to the power of four times the digits has every factor two and five the divisor may have; more of them change nothing.
  const most = BigInt(4 * b.digits)
  if (shift >= 0n) return (a.mantissa * powerModulo(10n, shift < most ? shift : most, divisor)) % divisor === 0n
  // a has digits below b's last one: only as many as a has trailing factors of ten could vanish.
  if (-shift > BigInt(a.digits)) return false
  return a.mantissa % (divisor * 10n ** -shift) === 0n
}

function powerModulo(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus
  let square = base % modulus
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

function sign(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0
}
