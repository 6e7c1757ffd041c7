/** Writing figures down in docs/benchmarks.md, each with the machine and the day it was measured on. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import type { BenchTable } from '../../bench/table.ts'
import { markdownTable } from './print.ts'

const opening = `# Benchmarks

Speed is stated as processor time per operation, as a ratio to something measured in the same run, or as a count: a bare
clock says more about what else the machine was doing. \`npm run bench\` measures all of it here; \`npm run bench -- NAME --full
--record\` measures one with long counts and writes it down below. A missed target is stated and fails nothing.
`

/** Replaces a bench's part of the document, or adds it; the rest of the document stays. */
export function record(file: string, name: string, tables: readonly BenchTable[]): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : opening
  writeFileSync(file, withSection(before, name, [`## ${name}`, '', machine(), '', ...tables.map(markdownTable)].join('\n')))
}

export function withSection(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- bench ${name} -->`, `<!-- end of bench ${name} -->`]
  const section = `${begin}\n${text.trimEnd()}\n${end}`
  const from = document.indexOf(begin)
  const to = document.indexOf(end, from)
  if (from === -1 || to === -1) return `${document.trimEnd()}\n\n${section}\n`
  return document.slice(0, from) + section + document.slice(to + end.length)
}

function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor'
  const memory = Math.round(totalmem() / 1024 ** 3)
  const day = new Date().toISOString().slice(0, 10)
  return `${day}, ${availableParallelism()} cores (${model}), ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`
}
