import type { Diagnostic, Range, Secret } from '@headgate/model'
import type { Reason } from '../classify/classification.ts'

/** A file to be taken over: what it is called (a path is fine, its last part counts), and what is in it. */
export interface MigrationSource {
  readonly name: string
  readonly text: string | Uint8Array
}

/** `literal` keeps `${X}` as text, as npm dotenv reads it; `link` makes it a reference of the environment language. */
export type ReferencePolicy = 'literal' | 'link'

/** Whether placeholders are taken over. `by-environment` blocks them in production only. */
export type PlaceholderPolicy = 'import' | 'block' | 'by-environment'

/** What an environment variable is in an environment that exists already. */
export interface EnvironmentValue {
  readonly value: string | Secret
  readonly secret: boolean
}

/** By environment name, then by variable. */
export type EnvironmentValues = ReadonlyMap<string, ReadonlyMap<string, EnvironmentValue>>

export interface MigrationOptions {
  readonly project: string
  /** Where a single file goes, whatever it is called. Ignored, with a diagnostic, where there are several. */
  readonly environment?: string
  /** By file name (as given, or its last part): the environment it becomes, or null to leave it out. Wins over everything. */
  readonly environments?: Readonly<Record<string, string | null>>
  /** Puts what `.env` holds into an environment of this name, which all others then import. */
  readonly base?: string
  /** `literal` by default. */
  readonly references?: ReferencePolicy
  /** `by-environment` by default. */
  readonly placeholders?: PlaceholderPolicy
  /** What the environments hold today, so that the plan says what is new, and keeps what no file mentions. */
  readonly existing?: EnvironmentValues
}

/** Why an assignment or a line is not taken over. */
export type NotTakenCause =
  | 'broken-line'
  | 'command'
  | 'encrypted'
  | 'file-left-out'
  | 'name'
  | 'nul'
  | 'not-text'
  | 'open-quote'
  | 'overridden'
  | 'placeholder'

export type Outcome = 'plain' | 'secret' | 'not-taken'
export type Change = 'new' | 'changed' | 'same'

/** What becomes of one assignment, or of one broken line. */
export interface PlannedEntry {
  readonly file: string
  readonly line: number
  readonly range: Range
  /** The variable's name; `@line:7` for a line that sets nothing. */
  readonly key: string
  readonly outcome: Outcome
  readonly cause?: NotTakenCause
  readonly placeholder: boolean
  /** Sentences for people: why it is a secret, a placeholder, not taken. Never a value. */
  readonly reasons: readonly Reason[]
  /** What the program will get; for what is not taken, what the file says. Plain values too, so that none travels by accident. */
  readonly value: Secret
  /** Whether the value may be shown as it is. Where nothing is known about it (a broken line), it may not. */
  readonly confidential: boolean
  /** Against what the environment holds today. Absent where it is not taken. */
  readonly change?: Change
  /** The variables that the value refers to in the environment; empty unless references are linked. */
  readonly links: readonly string[]
}

/** A variable that the environment holds today and no file sets: it stays. */
export interface KeptValue {
  readonly key: string
  readonly value: Secret
  readonly secret: boolean
}

export interface PlannedEnvironment {
  readonly project: string
  readonly environment: string
  /** The files it is made of; of a variable in several, the last file's value counts. */
  readonly sources: readonly string[]
  readonly entries: readonly PlannedEntry[]
  readonly kept: readonly KeptValue[]
  /** Environments it imports, as the text names them. */
  readonly imports: readonly string[]
  /** `new` where nothing is known of it today; `same` where applying changes no variable. */
  readonly change: Change
  /** The whole text in the environment language, secrets in it as plaintext. */
  readonly text: Secret
}

/** A file no environment is made of. Its assignments are listed like any others. */
export interface LeftOutFile {
  readonly file: string
  readonly reason: string
  readonly entries: readonly PlannedEntry[]
}

export interface PlanSummary {
  readonly environments: number
  /** Assignments that are taken over as they stand, secrets among them. */
  readonly taken: number
  readonly secrets: number
  /** Placeholders, taken or not. */
  readonly placeholders: number
  readonly blocked: number
  readonly notTaken: number
  readonly kept: number
}

export interface MigrationPlan {
  readonly project: string
  readonly sources: readonly string[]
  readonly environments: readonly PlannedEnvironment[]
  readonly leftOut: readonly LeftOutFile[]
  /** What was doubtful in the files, and mistakes in the options. An error among the latter (`MIGRATION_…`) forbids applying. */
  readonly diagnostics: readonly Diagnostic[]
  readonly summary: PlanSummary
}

/** A cause with the words for it. */
export interface Refusal {
  readonly cause: NotTakenCause
  readonly text: string
}
