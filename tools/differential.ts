/**
 * `npm run differential -- lang --count 20000 --seed 1`: compares what Headgate and the reference make of generated
 * environments. Every disagreement either stands in docs/reference/deviations.md, or is shrunk, printed and an error.
 */
import { parseArgs } from 'node:util'
import { runLanguage } from './differential/run-language.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' }, show: { type: 'string', default: '5' } },
})
if (positionals.length > 1 || (positionals[0] ?? 'lang') !== 'lang') {
  console.error('usage: npm run differential -- lang [--count N] [--seed N] [--show N]')
  process.exit(2)
}
const unexplained = await runLanguage({ count: Number(values.count), seed: Number(values.seed), shown: Number(values.show) })
if (unexplained === undefined) console.log('left out: there is no Go toolchain on this machine, and no oracle built by an earlier one')
process.exitCode = unexplained ? 1 : 0
