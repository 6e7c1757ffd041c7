import type { Diagnostic } from '@headgate/model'
import type { OpenedVariable } from './variables.ts'

/** What opening an environment gives a program. */
export interface Opened {
  readonly environment: string
  readonly revision: number
  readonly variables: readonly OpenedVariable[]
  readonly files: readonly OpenedVariable[]
  readonly diagnostics: readonly Diagnostic[]
}
