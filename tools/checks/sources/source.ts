/** The program text the checks read: each file once, parsed once. */
import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { type ParseResult, parseSync } from 'oxc-parser'

export interface Source {
  /** Below the repository, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly program: ParseResult['program']
  /** The line, from 1, of an offset the parser gave. */
  lineAt(offset: number): number
}

/** The folders that hold programs. */
const folders = ['core', 'plane', 'clients', 'examples', 'e2e', 'test', 'bench', 'tools']

const notOurs = new Set(['node_modules', 'dist', 'bundle', 'testdata', 'coverage'])

/** All program files below the repository, in the order of their paths. Throws for a file that is not a program. */
export function readSources(repository: string): Source[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx,mts,js,mjs,cjs}`, { cwd: repository, exclude: isNotOurs }))
    .map((path) => path.split(sep).join('/'))
    .toSorted()
    .map((path) => parseSource(path, readFileSync(join(repository, path), 'utf8')))
}

function isNotOurs(path: string): boolean {
  return path.split(sep).some((part) => notOurs.has(part))
}

export function parseSource(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text)
  const [first] = errors
  if (first !== undefined) throw new Error(`${path} cannot be parsed: ${first.message}`)
  const starts = lineStarts(text)
  return { path, text, program, lineAt: (offset) => starts.findLastIndex((start) => start <= offset) + 1 }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
