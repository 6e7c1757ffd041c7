import { load, open, toPlain } from '@headgate/lang'

/** Many keys side by side. */
export function wideText(keys: number): string {
  return `values:\n${Array.from({ length: keys }, (_, i) => `  key${i}: value ${i}\n`).join('')}`
}

/** A document of at least so many bytes: objects with texts, numbers, lists and references to one another. */
export function largeText(bytes: number): string {
  const entry = (i: number) =>
    `  service${i}:\n    host: db${i}.internal\n    port: ${5000 + (i % 1000)}\n    url: pg://\${service${i}.host}:\${service${i}.port}/app\n    tags: [ a, b, "c ${i}" ]\n`
  let text = 'values:\n'
  for (let i = 0; text.length < bytes; i++) text += entry(i)
  return text
}

/** Environments by name, each of which imports the one before; the last is `e` and the length less one. */
export function chainTexts(length: number): Record<string, string> {
  const texts: Record<string, string> = {}
  for (let i = 0; i < length; i++) {
    const imports = i === 0 ? '' : `imports: [ e${i - 1} ]\n`
    texts[`e${i}`] = `${imports}values:\n  own${i}: ${i}\n  shared: from ${i}\n  object:\n    part${i}: \${own${i}}\n`
  }
  return texts
}

/** Parses and opens an environment, and reads all its values. */
export async function openText(text: string, texts: Readonly<Record<string, string>> = {}): Promise<void> {
  const { document } = load('bench', text)
  if (!document) throw new Error('the document does not load')
  const { environment, diagnostics } = await open(document, { imports: { load: async (name) => ({ source: texts[name] as string }) } }, {})
  if (!environment || diagnostics.length > 0) throw new Error(`the document does not open: ${JSON.stringify(diagnostics[0])}`)
  toPlain(environment, { redact: false })
}
