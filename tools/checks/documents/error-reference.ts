/** docs/reference/errors.md lists every code of the catalogue. It is written from the catalogue. */
import { errorCatalogue } from '@headgate/model'
import type { GeneratedDocument } from './generated-document.ts'

interface Entry {
  readonly status: number
  readonly message: string
  readonly hint?: string
}

const opening = `# Error codes

Every code Headgate can answer with, as its catalogue (\`core/model/src/errors\`) has it; \`npm run ready -- --fix\` writes this
page. A program decides by the code, never by the message. The status is that of the HTTP answer, where there is one.
Words in braces are filled in where the error occurs, and never hold a secret. A retired code is never used again.
`

export const errorReference: GeneratedDocument = {
  path: 'docs/reference/errors.md',
  text: () => describeCatalogue(errorCatalogue),
}

export function describeCatalogue(catalogue: Readonly<Record<string, Entry>>): string {
  const sections = Object.entries(catalogue)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { status, message, hint }]) =>
      [`## ${code}`, '', `Status ${status}. ${plain(message)}`, ...(hint === undefined ? [] : ['', `Try: ${plain(hint)}`]), ''].join('\n'),
    )
  return [opening, ...sections].join('\n')
}

/** Angle brackets would be taken for HTML. */
function plain(text: string): string {
  return text.replaceAll('<', '&lt;')
}
