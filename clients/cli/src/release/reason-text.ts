import { printable } from '../output/printable.ts'

/** Why something failed, with all a program printed about it, on lines of their own below the first. */
export function wholeReason(reason: string, indent: string): string {
  return printable(reason, 'lines').replaceAll('\n', `\n${indent}`)
}

/** Why something failed, in one line: without what a program printed. */
export function shortReason(reason: string): string {
  const [first = ''] = reason.split('\n')
  return printable(first.replace(/; it printed last:$/, ''))
}
