import { isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isDigit } from './characters.ts'
import { scanTagHandle, scanTagUri, scanWord } from './scan-properties.ts'
import type { Scanner } from './scanner.ts'
import { type Mark, TAG_DIRECTIVE, VERSION_DIRECTIVE } from './token.ts'

/** Scans a `%YAML` or `%TAG` line; there are no others. */
export function scanDirective(scanner: Scanner): void {
  const start = scanner.mark()
  scanner.advance()
  const name = scanWord(scanner)
  if (name === '') scanner.fail('could not find expected directive name', start)
  if (!isBlankOrEnd(scanner.at())) scanner.fail('found unexpected non-alphabetical character', start)
  if (name === 'YAML') scanVersion(scanner, start)
  else if (name === 'TAG') scanTagPrefix(scanner, start)
  else scanner.fail('found unknown directive name', start)
  skipBlanks(scanner)
  if (scanner.at() === 35) while (!isBreakOrEnd(scanner.at())) scanner.advance()
  if (!isBreakOrEnd(scanner.at())) scanner.fail('did not find expected comment or line break', start)
  if (isBreak(scanner.at())) scanner.takeBreak()
}

function scanVersion(scanner: Scanner, start: Mark): void {
  skipBlanks(scanner)
  const major = scanNumber(scanner, start)
  if (scanner.at() !== 46) scanner.fail("did not find expected digit or '.' character", start)
  scanner.advance()
  const minor = scanNumber(scanner, start)
  scanner.push(VERSION_DIRECTIVE, start, scanner.mark(), `${major}.${minor}`)
}

function scanNumber(scanner: Scanner, start: Mark): number {
  const from = scanner.index
  while (isDigit(scanner.at())) {
    if (scanner.index - from >= 2) scanner.fail('found extremely long version number', start)
    scanner.advance()
  }
  if (scanner.index === from) scanner.fail('did not find expected version number', start)
  return Number(scanner.text.slice(from, scanner.index))
}

function scanTagPrefix(scanner: Scanner, start: Mark): void {
  skipBlanks(scanner)
  const handle = scanTagHandle(scanner, true, start)
  if (!isBlank(scanner.at())) scanner.fail('did not find expected whitespace', start)
  skipBlanks(scanner)
  const prefix = scanTagUri(scanner, '', start)
  if (!isBlankOrEnd(scanner.at())) scanner.fail('did not find expected whitespace or line break', start)
  scanner.push(TAG_DIRECTIVE, start, scanner.mark(), handle, prefix)
}

function skipBlanks(scanner: Scanner): void {
  while (isBlank(scanner.at())) scanner.advance()
}
