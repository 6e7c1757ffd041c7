/** One thing a check has against the repository. */
export interface Finding {
  /** `file`, `file:line`, or a package's folder, below the repository. */
  readonly place: string
  readonly message: string
  /** Why the rule is there. */
  readonly reason?: string
  /** What to do about it. */
  readonly hint?: string
}

/** One check of `npm run ready`. It looks, and answers with what it found; only `fix` writes. */
export interface Check {
  readonly name: string
  /** @param repository path of the tree to look at */
  run(repository: string): Promise<readonly Finding[]>
  /** Puts right what can be put right without judgement; `npm run ready -- --fix`. */
  fix?(repository: string): Promise<void>
}

/** A finding as a person reads it. */
export function describeFinding({ place, message, reason, hint }: Finding): string {
  const lines = [place === '' ? message : `${place}  ${message}`]
  if (reason !== undefined) lines.push(`  because ${reason}`)
  if (hint !== undefined) lines.push(`  try: ${hint}`)
  return lines.join('\n')
}
