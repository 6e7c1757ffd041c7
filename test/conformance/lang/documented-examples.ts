import { type Provider, exportedValue } from '@headgate/lang'
import { testLookup } from './providers.ts'
import { type Outcome, evaluateText } from '../../../core/lang/test/evaluating.ts'

/** One example of a page: the document, what it imports, and what stands behind it. */
export interface Example {
  /** The heading it stands under. */
  readonly heading: string
  readonly text: string
  readonly imports: Readonly<Record<string, string>>
  /** What is reported, line by line; undefined where the page does not say, which means nothing. */
  readonly messages: string | undefined
  /** The values as JSON, secrets redacted; undefined where the page does not say. */
  readonly values: string | undefined
  /** Where it stands in the page. */
  readonly from: number
  readonly to: number
}

/**
 * The examples of a page: a block of `yaml`, then blocks of `yaml NAME` for what it imports, a block of `text` with what is
 * reported and a block of `json` with the values.
 */
export function documentedExamples(page: string): Example[] {
  const examples: Example[] = []
  let heading = ''
  for (const match of page.matchAll(/^(#+ (?<heading>.*)|```(?<kind>yaml|text|json)(?: (?<name>\S+))?\n(?<body>[\s\S]*?)```)$/gm)) {
    const { heading: title, kind, name, body = '' } = match.groups as Record<string, string | undefined>
    const to = match.index + match[0].length
    const last = examples.at(-1)
    if (title !== undefined) heading = title
    else if (kind === 'yaml' && name === undefined)
      examples.push({ heading, text: body, imports: {}, messages: undefined, values: undefined, from: match.index, to })
    else if (last && last.heading === heading) examples[examples.length - 1] = { ...last, ...part(last, kind, name, body), to }
  }
  return examples
}

function part(example: Example, kind: string | undefined, name: string | undefined, body: string): Partial<Example> {
  if (kind === 'yaml') return { imports: { ...example.imports, [name as string]: body } }
  return kind === 'text' ? { messages: body.trimEnd() } : { values: body.trimEnd() }
}

/** A login as a cloud would give it. */
const login: Provider = {
  schema: () => ({ inputs: { type: 'object' }, outputs: true }),
  open: async () => ({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: exportedValue('example', { secret: true }) }),
}

/** Opens an example; what it gives is what the page has to say. */
export async function evaluateDocumented({
  text,
  imports,
}: Example): Promise<{ readonly messages: readonly string[]; readonly values: unknown }> {
  const providers = { ...testLookup, provider: (name: string) => (name === 'aws-login' ? login : testLookup.provider(name)) }
  const outcome: Outcome = await evaluateText(text, { texts: imports, name: 'shop/production', host: { providers } })
  return { messages: outcome.messages, values: outcome.redacted }
}
