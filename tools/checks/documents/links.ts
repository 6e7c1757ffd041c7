/** Links between documents lead somewhere: to a file that is there, and to a heading that it has. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Finding } from '../finding.ts'

export function findBrokenLinks(repository: string, documents: readonly string[]): Finding[] {
  return documents.flatMap((path) => {
    const text = readFileSync(join(repository, path), 'utf8')
    return linksOf(text)
      .map(({ to, line }) => ({ to, line, trouble: troubleWith(repository, path, to) }))
      .flatMap(({ to, line, trouble }) =>
        trouble === undefined ? [] : [{ place: `${path}:${line}`, message: `links to ${to}: ${trouble}` }],
      )
  })
}

/** The links of a Markdown text that stay inside the repository; what stands in code is no link. */
function linksOf(text: string): { to: string; line: number }[] {
  const prose = text
    .replace(/^```[^]*?^```/gm, (block) => block.replace(/[^\n]/g, ' '))
    .replace(/`[^`\n]*`/g, (code) => ' '.repeat(code.length))
  return [...prose.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]:\s*(\S+)/gm)]
    .map((match) => ({ to: match[1] ?? match[2] ?? '', line: prose.slice(0, match.index).split('\n').length }))
    .filter(({ to }) => !/^[a-z]+:/i.test(to))
}

function troubleWith(repository: string, from: string, to: string): string | undefined {
  const [file = '', heading] = to.split('#')
  const path = file === '' ? from : posix.normalize(posix.join(posix.dirname(from), decodeURI(file)))
  if (path.startsWith('../')) return 'it leaves the repository'
  const target = join(repository, path)
  if (!existsSync(target)) return 'there is no such file'
  if (heading === undefined || statSync(target).isDirectory()) return undefined
  return headingsOf(readFileSync(target, 'utf8')).has(heading) ? undefined : `it has no heading #${heading}`
}

/** The names headings are linked by. */
function headingsOf(text: string): Set<string> {
  const titles = [...text.matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, title = '']) => title.trim())
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  )
}
