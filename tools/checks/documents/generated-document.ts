import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Finding } from '../finding.ts'

/** A document, or a part of one, that is written from the code and compared with it. */
export interface GeneratedDocument {
  readonly path: string
  /** What the whole document must be. `before` is what it is, empty where there is none. */
  text(before: string): string
}

export function compareGenerated(repository: string, { path, text }: GeneratedDocument): Finding[] {
  const before = readOrEmpty(join(repository, path))
  const after = text(before)
  if (before === after) return []
  const line = before.split('\n').findIndex((each, index) => each !== after.split('\n')[index]) + 1
  return [{ place: line > 0 ? `${path}:${line}` : path, message: 'is not what the code says', hint: 'npm run ready -- --fix' }]
}

export function writeGenerated(repository: string, { path, text }: GeneratedDocument): void {
  const file = join(repository, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text(readOrEmpty(file)))
}

function readOrEmpty(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
