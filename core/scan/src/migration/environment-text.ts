import { commentText, escapeInterpolation, quoteYaml, yamlKey } from './yaml-scalar.ts'

/** One line or one variable of an environment's text, in the order of the file. */
export type TextLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'value'; readonly key: string; readonly expression: string; readonly comment?: string }
  | { readonly kind: 'secret'; readonly key: string; readonly value: string; readonly comment?: string }

const INDENT = '    '

/**
 * An environment in the environment language: its imports, and its variables with their comments.
 *
 * @param lines expressions of plain values are already in the language (`$` escaped, references written out)
 */
export function environmentText(imports: readonly string[], lines: readonly TextLine[]): string {
  const head = imports.length === 0 ? [] : ['imports:', ...imports.map((name) => `  - ${quoteYaml(name)}`)]
  const empty = !lines.some((line) => line.kind === 'value' || line.kind === 'secret')
  const body = withoutOuterBlanks(lines).flatMap((line) => renderLine(line, empty ? '  ' : INDENT))
  const variables = empty ? [...body, '  environmentVariables: {}'] : ['  environmentVariables:', ...body]
  return `${[...head, 'values:', ...variables].join('\n')}\n`
}

function renderLine(line: TextLine, indent: string): string[] {
  if (line.kind === 'blank') return ['']
  if (line.kind === 'comment') return [`${indent}${commentText(`#${line.text}`)}`]
  const comment = line.comment === undefined ? '' : ` ${commentText(`# ${line.comment}`)}`
  const key = `${indent}${yamlKey(line.key)}:`
  if (line.kind === 'value') return [`${key} ${quoteYaml(line.expression)}${comment}`]
  return [key, ...secretExpression(line.value).map((part) => `${indent}  ${part}`)].map((part, index, all) =>
    index === all.length - 1 ? part + comment : part,
  )
}

/**
 * A secret as the language writes it.
 *
 * The plaintext under `fn::secret` is a literal, in which `$$` is one `$`; once it is sealed it is bytes, in which it is
 * two. A plaintext that reads the same both ways is written as it is; any other goes through JSON, whose `\u0024` is a
 * `$` to nobody but the reader at the end.
 */
function secretExpression(value: string): string[] {
  if (escapeInterpolation(value) === value) return [`fn::secret: ${quoteYaml(value)}`]
  const json = JSON.stringify(value).replaceAll('$', '\\u0024')
  return ['fn::fromJSON:', `  fn::secret: ${quoteYaml(json)}`]
}

function withoutOuterBlanks(lines: readonly TextLine[]): readonly TextLine[] {
  const first = lines.findIndex((line) => line.kind !== 'blank')
  return first === -1 ? [] : lines.slice(first, lines.findLastIndex((line) => line.kind !== 'blank') + 1)
}
