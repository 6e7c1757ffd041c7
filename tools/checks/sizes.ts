/**
 * How long functions and files may be.
 *
 * What is longer stands in sizes-exceptions.json with its length and the reason. An exception only shrinks: one that
 * allows more than is needed is a finding too.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Check, Finding } from './finding.ts'
import { readFunctions } from './sources/functions.ts'
import { type Source, readSources } from './sources/source.ts'

const FUNCTION_LINES = 60
const FILE_LINES = 400

/** Catalogues are read by looking something up, and are as long as what they list; data and generated files are nobody's prose. */
const exempt = [/^core\/model\/src\/errors\//, /(?:^|\/)testdata\//, /(?:^|\/)generated\//]

const exceptionsFile = 'tools/checks/sizes-exceptions.json'

export interface Exception {
  /** The file, or `file#function`. */
  readonly what: string
  readonly lines: number
  readonly why: string
}

interface Measured {
  readonly what: string
  readonly place: string
  readonly lines: number
  readonly limit: number
}

export const sizes: Check = {
  name: 'sizes',
  run: (repository) => {
    const exceptions = JSON.parse(readFileSync(join(repository, exceptionsFile), 'utf8')) as Exception[]
    return Promise.resolve(checkSizes(readSources(repository), exceptions))
  },
}

export function checkSizes(sources: readonly Source[], exceptions: readonly Exception[]): Finding[] {
  const tooLong = sources
    .filter(({ path }) => !exempt.some((pattern) => pattern.test(path)))
    .flatMap(measure)
    .filter(({ lines, limit }) => lines > limit)
  const excepted = new Map(exceptions.map((exception) => [exception.what, exception]))
  const found = tooLong.flatMap((each) => compare(each, excepted.get(each.what)))
  return [...found, ...findUnneeded(exceptions, tooLong)]
}

function measure(source: Source): Measured[] {
  const { path, text } = source
  const file = { what: path, place: path, lines: text.replace(/\n$/, '').split('\n').length, limit: FILE_LINES }
  const functions = readFunctions(source).map(({ name, line, lines }) => ({
    what: `${path}#${name}`,
    place: `${path}:${line}`,
    lines,
    limit: FUNCTION_LINES,
  }))
  return [file, ...functions]
}

function compare({ what, place, lines, limit }: Measured, exception: Exception | undefined): Finding[] {
  const thing = what.includes('#') ? `the function ${what.slice(what.indexOf('#') + 1)}` : 'the file'
  if (exception === undefined) {
    return [{ place, message: `${thing} has ${lines} lines; ${limit} are the most`, hint: 'give a part of it a name of its own' }]
  }
  if (lines > exception.lines) {
    return [{ place, message: `${thing} has ${lines} lines; its exception allows ${exception.lines}`, reason: 'exceptions only shrink' }]
  }
  if (lines < exception.lines) {
    const message = `${thing} has shrunk to ${lines} lines; its exception still allows ${exception.lines}`
    return [{ place, message, reason: 'exceptions only shrink', hint: `write ${lines} in ${exceptionsFile}` }]
  }
  return []
}

function findUnneeded(exceptions: readonly Exception[], tooLong: readonly Measured[]): Finding[] {
  const needed = new Set(tooLong.map(({ what }) => what))
  return exceptions
    .filter(({ what }) => !needed.has(what))
    .map(({ what }) => ({ place: exceptionsFile, message: `the exception for ${what} is not needed any more`, hint: 'take it out' }))
}
