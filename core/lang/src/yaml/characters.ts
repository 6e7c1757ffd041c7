/** Classes of UTF-16 units as YAML 1.1 sees them. 0 stands for the end of the text. */
export function isBreak(code: number): boolean {
  return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029
}

export function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

export function isBreakOrEnd(code: number): boolean {
  return code === 10 || code === 13 || code === 0 || code === 0x85 || code === 0x2028 || code === 0x2029
}

export function isBlankOrEnd(code: number): boolean {
  return code === 32 || code === 9 || isBreakOrEnd(code)
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

export function isHex(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)
}

/** Letters, digits, `_` and `-`: what names of anchors, tags and directives are made of. */
export function isWord(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 45
}
