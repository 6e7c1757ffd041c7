/** The process one bench runs in: `node tools/benching/run-one.ts NAME full|short`, started by tools/bench.ts. */
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import type { BenchModule } from '../../bench/table.ts'

const [, , name, length] = process.argv
const file = join(import.meta.dirname, '..', '..', 'bench', `${name}.ts`)
const module = (await import(pathToFileURL(file).href)) as Partial<BenchModule>
if (module.bench === undefined) throw new Error(`bench/${name}.ts exports no bench()`)
const tables = await module.bench({ full: length === 'full' })
if (!Array.isArray(tables)) throw new Error(`bench/${name}.ts answers with no list of tables (see bench/table.ts)`)
// What a bench left open would keep the process, and what it measured is told.
process.send?.(tables, () => process.exit())
