import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './plane-process.ts'

/** The `sh` blocks of a page, or of one of its `##` sections, word for word and in their order. */
export function shellBlocks(page: string, section?: string): string[] {
  const text = readFileSync(join(repository, page), 'utf8')
  const part = section === undefined ? text : text.split(/^## /m).find((each) => each.startsWith(`${section}\n`))
  if (part === undefined) throw new Error(`${page} has no section "${section}"`)
  return [...part.matchAll(/^```sh\n(?<commands>.*?)^```$/gms)].map((match) => match.groups?.['commands'] ?? '')
}
