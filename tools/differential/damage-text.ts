import type { Seeded } from './seeded.ts'

/** A small accident: what people do to a file by mistake. */
export function damageText(random: Seeded, text: string): string {
  const characters = Array.from(text)
  const at = characters.slice(0, random.below(characters.length + 1)).join('').length
  const roll = random.next()
  if (roll < 0.3)
    return (
      text.slice(0, at) +
      Array.from(text.slice(at))
        .slice(1 + random.below(3))
        .join('')
    )
  if (roll < 0.7) return text.slice(0, at) + random.pick(SLIPS) + text.slice(at)
  return damageLine(random, text, roll)
}

function damageLine(random: Seeded, text: string, roll: number): string {
  const lines = text.split('\n')
  const line = random.below(lines.length)
  if (roll < 0.8) lines.splice(line, 1)
  else if (roll < 0.9) lines.splice(line, 0, lines[line] as string)
  else if (roll < 0.95) lines[line] = ` ${lines[line]}`
  else lines[line] = (lines[line] as string).slice(1)
  return lines.join('\n')
}

const SLIPS = [
  '\t',
  ':',
  ' ',
  '\n',
  '"',
  "'",
  '[',
  '}',
  '- ',
  '#',
  '*x',
  '&',
  '!',
  '\u00a0',
  '%',
  '@',
  ',',
  '\n  ',
  '|',
  '\\',
  '\u2028',
  '\r',
  '?',
  '\u0085',
  '...\n',
  '---\n',
  '`',
  '{{',
  '<<: ',
  '\ufeff',
  '\x01',
  '🏳️‍🌈',
]
