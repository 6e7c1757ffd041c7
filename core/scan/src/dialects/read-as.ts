import { readValues } from '../dotenv/read-dotenv.ts'
import type { Dialect, DialectReading } from './dialect.ts'
import { readBash } from './read-bash.ts'
import { readDocker } from './read-docker.ts'
import { readPythonDotenv, readPythonDotenvInterpolated } from './read-python-dotenv.ts'

const READERS: Readonly<Record<Dialect, (text: string) => DialectReading>> = {
  dotenv: (text) => ({ values: readValues(text) }),
  'python-dotenv': readPythonDotenv,
  'python-dotenv-interpolated': readPythonDotenvInterpolated,
  bash: readBash,
  docker: readDocker,
}

/** What one reader makes of a text. */
export function readAs(text: string, dialect: Dialect): DialectReading {
  return READERS[dialect](text)
}

/** A variable on which readers disagree. */
export interface DialectDifference {
  readonly name: string
  /** The readers that see another value than npm dotenv, or none. */
  readonly readers: readonly Dialect[]
}

/** The variables of a text that mean something else to other readers than to npm dotenv. */
export function compareDialects(text: string, dialects: readonly Dialect[]): DialectDifference[] {
  const norm = readAs(text, 'dotenv').values
  const readings = dialects.map((dialect) => ({ dialect, values: readAs(text, dialect).values }))
  return [...norm].flatMap(([name, value]) => {
    const readers = readings.filter(({ values }) => values.get(name) !== value).map(({ dialect }) => dialect)
    return readers.length > 0 ? [{ name, readers }] : []
  })
}
