import type { CommandSpec } from '../../src/command.ts'
import { usageOf } from '../../src/help.ts'

/** What stands between these two lines of docs/reference/cli.md is made from the registry; the rest is written by hand. */
export const BEGIN = '<!-- made from the registry: HEADGATE_ACCEPT=1 rewrites it -->'
export const END = '<!-- end -->'

/** The part of a command's section that the registry says. */
export function renderSection(spec: CommandSpec): string {
  const lines = [BEGIN, '', sentence(spec.summary), '', '```', `headgate ${usageOf(spec)}`, '```', '']
  for (const paragraph of spec.description ?? []) lines.push(escaped(paragraph), '')
  const rows = [
    ...(spec.arguments ?? []).map(({ name, summary }) => [name, summary] as const),
    ...(spec.options ?? []).map(({ flags, summary }) => [flags, summary] as const),
  ]
  if (rows.length > 0)
    lines.push(
      '| | |',
      '| --- | --- |',
      ...rows.map(([word, summary]) => `| \`${word.replaceAll('|', '\\|')}\` | ${escaped(summary)} |`),
      '',
    )
  lines.push('```sh', ...spec.examples.map(({ command, says }) => `${command}   # ${says}`), '```', '', END)
  return lines.join('\n')
}

/** The document with every command's part renewed; a command without a section is named. */
export function renewSections(document: string, specs: readonly CommandSpec[]): { text: string; missing: string[] } {
  const missing: string[] = []
  let text = document
  for (const spec of specs) {
    const heading = `\n### headgate ${spec.name}\n`
    const at = text.indexOf(heading)
    const begin = text.indexOf(BEGIN, at)
    const end = text.indexOf(END, at)
    const next = text.indexOf('\n### ', at + 1)
    if (at < 0 || begin < 0 || end < begin || (next >= 0 && end > next)) {
      missing.push(spec.name)
      continue
    }
    text = text.slice(0, begin) + renderSection(spec) + text.slice(end + END.length)
  }
  return { text, missing }
}

function sentence(text: string): string {
  return `${escaped(text.charAt(0).toUpperCase() + text.slice(1))}.`
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*')
}
