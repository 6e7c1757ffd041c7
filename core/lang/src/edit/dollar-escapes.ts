/** A text as it has to stand in a document to mean exactly itself: no reference, no `$$` read as one `$`. */
export function escapeDollars(text: string): string {
  return text.replace(/\$(?=[${])/g, '$$$$')
}

/** What a text without references in a document means; undefined where it holds a reference. */
export function unescapeDollars(text: string): string | undefined {
  if (!text.includes('$')) return text
  let result = ''
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '$' && text[i + 1] === '{') return undefined
    if (text[i] === '$' && text[i + 1] === '$') i++
    result += text[i]
  }
  return result
}
