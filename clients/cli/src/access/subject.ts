import { end } from '../outcome.ts'

/** Who holds something: a principal by its name, or a team as `team:NAME`. */
export interface Subject {
  readonly kind: 'principal' | 'team'
  readonly name: string
}

export function subjectOf(text: string | undefined, command: string): Subject {
  if (!text || text === 'team:') return end('USAGE', { reason: 'nobody is named: a principal, or team:NAME', command })
  return text.startsWith('team:') ? { kind: 'team', name: text.slice('team:'.length) } : { kind: 'principal', name: text }
}

export function subjectText({ kind, name }: Subject): string {
  return kind === 'team' ? `team:${name}` : name
}
