const LETTER = /^\p{L}$/u
const DIGIT = /^\p{Nd}$/u

/**
 * Orders keys as people do: numbers inside them by size, letters behind other characters, except that a letter comes
 * before anything else right behind digits.
 */
export function compareNatural(a: string, b: string): number {
  const left = Array.from(a)
  const right = Array.from(b)
  let behindDigit = false
  for (let i = 0; i < left.length && i < right.length; i++) {
    const x = left[i] as string
    const y = right[i] as string
    if (x === y) {
      behindDigit = DIGIT.test(x)
      continue
    }
    const xLetter = LETTER.test(x)
    const yLetter = LETTER.test(y)
    if (xLetter && yLetter) return codeOf(x) - codeOf(y)
    if (xLetter || yLetter) return (behindDigit ? xLetter : yLetter) ? -1 : 1
    return compareNumbers(left, right, i) || codeOf(x) - codeOf(y)
  }
  return left.length - right.length
}

/** Compares the numbers that begin at the first difference; behind a digit other than zero, leading zeros count. */
function compareNumbers(left: readonly string[], right: readonly string[], at: number): number {
  let lead = 0n
  if (left[at] === '0' || right[at] === '0') {
    for (let i = at - 1; i >= 0 && DIGIT.test(left[i] as string); i--) {
      if (left[i] !== '0') {
        lead = 1n
        break
      }
    }
  }
  const x = readNumber(left, at, lead)
  const y = readNumber(right, at, lead)
  if (x.value !== y.value) return x.value < y.value ? -1 : 1
  return x.end - y.end
}

function readNumber(text: readonly string[], from: number, lead: bigint): { value: bigint; end: number } {
  let value = lead
  let end = from
  for (; end < text.length && DIGIT.test(text[end] as string); end++) {
    value = BigInt.asIntN(64, value * 10n + BigInt(codeOf(text[end] as string) - 48))
  }
  return { value, end }
}

function codeOf(character: string): number {
  return character.codePointAt(0) as number
}
