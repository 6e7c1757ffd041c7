/** Every word the glossary explains is used somewhere else: a word nobody says needs no explanation. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../finding.ts'
import { escapePattern } from './escape-pattern.ts'

const path = 'docs/glossary.md'

/** @param texts everything else that is written: documents and program text */
export function findUnusedWords(repository: string, texts: readonly string[]): Finding[] {
  if (!existsSync(join(repository, path))) return [{ place: path, message: 'is missing' }]
  const everything = texts
    .join('\n')
    .toLowerCase()
    .replace(/\s+(?:\* |\/\/ )?/g, ' ')
  return glossaryWords(readFileSync(join(repository, path), 'utf8'))
    .filter(({ word }) => !new RegExp(`\\b${escapePattern(word.toLowerCase()).replaceAll(' ', '[ -]')}`).test(everything))
    .map(({ word, line }) => ({ place: `${path}:${line}`, message: `explains "${word}", which is said nowhere else` }))
}

/** The first column of its table; a cell may explain several words, with commas between. */
export function glossaryWords(text: string): { word: string; line: number }[] {
  return text.split('\n').flatMap((row, index) => {
    const cell = /^\|([^|]+)\|/.exec(row)?.[1]?.trim() ?? ''
    const isHead = cell === '' || cell === 'word' || /^[:-]+$/.test(cell)
    return isHead ? [] : cell.split(/,\s*/).map((word) => ({ word: word.replaceAll('`', ''), line: index + 1 }))
  })
}
