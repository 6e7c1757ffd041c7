/** What one look found. `fix` is there wherever something can be done. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly what: string
  readonly state: 'ok' | 'warning' | 'failed' | 'left out'
  /** What is the case, for people. Never a secret. */
  readonly says: string
  readonly fix?: string
}

export const ok = (what: string, says: string): Finding => ({ what, state: 'ok', says })
export const leftOut = (what: string, says: string): Finding => ({ what, state: 'left out', says })
export const warning = (what: string, says: string, fix: string): Finding => ({ what, state: 'warning', says, fix })
export const failed = (what: string, says: string, fix: string): Finding => ({ what, state: 'failed', says, fix })
