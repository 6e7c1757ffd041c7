import type { ArgumentSpec, CommandSpec } from './command.ts'
import type { Paint } from './output/paint.ts'

const WIDTH = 96

/** What every command takes. */
const everywhere: readonly (readonly [string, string])[] = [
  ['--json', 'answer with one JSON document'],
  ['--url <url>', 'the plane; default: HEADGATE_URL, or the one signed in to last'],
  ['-h, --help', 'this help'],
]

/** The help of the whole program, or of one noun. */
export function renderTopHelp(specs: readonly CommandSpec[], nouns: Readonly<Record<string, string>>, paint: Paint, noun?: string): string {
  const lines = noun === undefined ? topHead(paint) : [`${paint.bold(`headgate ${noun}`)}  ${nouns[noun] ?? ''}`.trimEnd(), '']
  if (noun === undefined) {
    lines.push(paint.bold('Every day'), ...rows(specs.filter((spec) => spec.daily).map(nameAndSummary), paint), '')
    lines.push(
      paint.bold('By noun'),
      ...rows(
        Object.entries(nouns).map(([word, summary]) => [verbsOf(specs, word), summary]),
        paint,
      ),
      '',
    )
    const rest = specs.filter((spec) => !spec.daily && !spec.name.includes(' '))
    lines.push(paint.bold('And'), ...rows([...rest.map(nameAndSummary), helpRow], paint), '')
    lines.push(paint.bold('Surroundings'), ...rows(surroundings, paint), '')
    lines.push(paint.bold('It ends with'), ...rows(endings, paint), '')
  } else {
    lines.push(...rows(specs.map(nameAndSummary), paint), '')
  }
  lines.push(paint.bold('Options'), ...rows(noun === undefined ? [...everywhere, ['-V, --version', 'the version']] : everywhere, paint), '')
  lines.push(`Help of a command, with examples: headgate ${noun === undefined ? '' : `${noun} `}COMMAND --help`)
  return `${lines.join('\n')}\n`
}

const helpRow = ['help', 'what --help says: headgate help COMMAND'] as const

const endings: readonly (readonly [string, string])[] = [
  ['0', 'it is done'],
  ['1', 'a problem, or a check that did not pass'],
  ['2', 'the command was not written as it is understood'],
  ['3, 4, 5, 6', 'not permitted, not there, a conflict, no plane'],
  ['128+n', 'ended by signal n; `run` ends as its program does'],
]

const surroundings: readonly (readonly [string, string])[] = [
  ['HEADGATE_URL', 'the plane'],
  ['HEADGATE_TOKEN', 'the token, instead of the one `headgate login` stored'],
  ['HEADGATE_ENVIRONMENT', 'the environment where a command leaves it out'],
  ['HEADGATE_PROJECT, HEADGATE_ORGANISATION', 'what a reference leaves out; default: the project default, your organisation'],
  ['NO_COLOR', 'no colours'],
]

/** The help of one command. */
export function renderCommandHelp(spec: CommandSpec, paint: Paint): string {
  const lines = [`${paint.bold(`headgate ${spec.name}`)}  ${spec.summary}`, '', `  headgate ${usageOf(spec)}`, '']
  for (const paragraph of spec.description ?? []) lines.push(...wrap(paragraph, WIDTH, ''), '')
  if (spec.arguments?.length) {
    lines.push(
      paint.bold('Arguments'),
      ...rows(
        spec.arguments.map((argument) => [placeOf(argument), argument.summary]),
        paint,
      ),
      '',
    )
  }
  const own = (spec.options ?? []).map((option) => [option.flags, option.summary] as const)
  lines.push(paint.bold('Options'), ...rows([...own, ...everywhere], paint), '')
  lines.push(paint.bold('Examples'))
  for (const { command, says } of spec.examples) lines.push(`  ${paint.dim(`# ${says}`)}`, `  ${command}`)
  return `${lines.join('\n')}\n`
}

/** The command with its arguments, as in `env get [environment] [path]`. */
export function usageOf(spec: CommandSpec): string {
  const places = (spec.arguments ?? []).map(placeOf)
  const options = spec.options?.length ? ['[options]'] : []
  const trailing = spec.trailing === undefined ? [] : ['--', spec.trailing]
  return [spec.name, ...options, ...places, ...trailing].join(' ')
}

function placeOf({ name, required, many }: ArgumentSpec): string {
  const word = many ? `${name}...` : name
  return required ? `<${word}>` : `[${word}]`
}

function topHead(paint: Paint): string[] {
  return [
    `${paint.bold('headgate')}  one self-hosted control plane for environments, secrets, configuration and releases`,
    '',
    '  headgate COMMAND [options]',
    '',
  ]
}

function nameAndSummary(spec: CommandSpec): readonly [string, string] {
  return [spec.name, spec.summary]
}

function verbsOf(specs: readonly CommandSpec[], noun: string): string {
  const verbs = specs.filter((spec) => spec.name.startsWith(`${noun} `)).map((spec) => spec.name.slice(noun.length + 1).split(' ')[0])
  return wrap(`${noun} ${[...new Set(verbs)].join('| ')}`, WIDTH - 4, '      ')
    .join('\n')
    .trim()
    .replaceAll('| ', '|')
}

/** Two columns, the second wrapped under itself; a first that is too wide takes a line of its own. */
function rows(pairs: readonly (readonly [string, string])[], paint: Paint): string[] {
  const WIDEST = 28
  const width = Math.min(WIDEST, Math.max(...pairs.map(([word]) => word.length)))
  const indent = ' '.repeat(width + 4)
  return pairs.flatMap(([word, summary]) => {
    const [first = '', ...more] = wrap(summary, WIDTH - indent.length, indent)
    if (word.length > width) return [`  ${paint.cyan(word)}`, first, ...more]
    return [`  ${paint.cyan(word)}${' '.repeat(width - word.length)}  ${first.trimStart()}`, ...more]
  })
}

function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(indent + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, indent + line]
}
