/** One rule that spoke, and what it saw. The rules are described in docs/reference/dotenv.md. Never holds a value. */
export interface Reason {
  readonly rule: string
  readonly text: string
}

/** What a variable is, going by its name first, then by its value and what the file says around it. */
export interface Classification {
  /** A production value under this name would be confidential. */
  readonly secret: boolean
  /** The value is a stand-in, or plainly unusable in production. */
  readonly placeholder: boolean
  readonly reasons: readonly Reason[]
}

/** What the file says around a variable. Everything may be absent; less is then seen. */
export interface ClassifyContext {
  /** The comment lines directly above. */
  readonly comment?: string
  /** The comment behind the value. */
  readonly inlineComment?: string
  /** The comment that heads the block of lines the variable stands in. */
  readonly section?: string
  /** The comment at the top of the file. */
  readonly header?: string
  /** Every variable of the file with its value. */
  readonly siblings?: ReadonlyMap<string, string>
}
