import type { Answer } from '@headgate/contract'
import type { CommandContext } from '../../command.ts'
import { optionalTime } from '../../input/optional-time.ts'
import { wholeNumber } from '../../input/whole-number.ts'
import type { Output } from '../../output/output.ts'
import { printable } from '../../output/printable.ts'
import { renderTable } from '../../output/table.ts'
import { localTime } from '../../output/time.ts'
import { need } from '../../outcome.ts'

type AuditRecord = Answer<'listAudit'>['records'][number]

const PAGE = 500

/** Prints the audit log, a page at a time, so a long log is never held as a whole. */
export async function run({ output, invocation, connect, spec }: CommandContext): Promise<void> {
  const limit = wholeNumber(invocation.option('limit'), '--limit', spec.name) ?? Number.POSITIVE_INFINITY
  const filter = {
    ...given('actor', invocation.option('actor')),
    ...given('action', invocation.option('action')),
    ...given('resource', invocation.option('resource')),
    ...given('since', optionalTime(invocation.option('since'), '--since', spec.name)),
    ...given('until', optionalTime(invocation.option('until'), '--until', spec.name)),
  }
  const { client } = await connect()
  let shown = 0
  let after: number | undefined
  while (shown < limit) {
    const query = { ...filter, ...given('after', after), limit: Math.min(PAGE, limit - shown) }
    const { records } = need(await client.call('listAudit', { query }))
    printPage(output, records, shown === 0)
    shown += records.length
    after = records.at(-1)?.change
    if (records.length < query.limit) break
  }
  if (shown === 0 && !output.json) output.note('no records')
}

function printPage(output: Output, records: readonly AuditRecord[], first: boolean): void {
  if (output.json) {
    for (const record of records) output.item(record, () => '')
    return
  }
  if (records.length === 0) return
  const outcomePaint = { ok: output.paint.green, denied: output.paint.yellow, failed: output.paint.red }
  const table = renderTable(
    records,
    [
      { title: 'CHANGE', cell: (record) => String(record.change), align: 'right' },
      { title: 'TIME', cell: (record) => localTime(record.time) },
      { title: 'ACTOR', cell: (record) => printable(record.actor) },
      { title: 'ACTION', cell: (record) => printable(record.action) },
      { title: 'OUTCOME', cell: (record) => outcomePaint[record.outcome](record.outcome) },
      { title: 'RESOURCE', cell: (record) => printable(record.resource), whole: true },
    ],
    output.paint,
    output.width,
  )
  output.item(undefined, () => (first ? table : table.slice(table.indexOf('\n') + 1)))
}

function given<K extends string, T>(name: K, value: T | undefined): { [P in K]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [P in K]: T })
}
