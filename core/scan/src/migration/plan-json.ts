import { maskSecret } from './mask.ts'
import type { KeptValue, MigrationPlan, PlannedEntry, PlannedEnvironment } from './migration-plan.ts'

export interface PlanJsonOptions {
  /** `masked` (the default) shows of a secret what a list may show, and leaves the texts out. */
  readonly secrets?: 'masked' | 'revealed'
}

/** A plan as plain data, for `--json` and for keeping. `JSON.stringify(plan)` itself shows no value at all. */
export function planToJson(plan: MigrationPlan, options: PlanJsonOptions = {}): Record<string, unknown> {
  const reveal = options.secrets === 'revealed'
  return {
    project: plan.project,
    sources: plan.sources,
    summary: plan.summary,
    environments: plan.environments.map((environment) => environmentToJson(environment, reveal)),
    leftOut: plan.leftOut.map(({ file, reason, entries }) => ({
      file,
      reason,
      entries: entries.map((entry) => entryToJson(entry, reveal)),
    })),
    diagnostics: plan.diagnostics,
  }
}

function environmentToJson(environment: PlannedEnvironment, reveal: boolean): Record<string, unknown> {
  const { project, environment: name, sources, imports, change } = environment
  return {
    project,
    environment: name,
    sources,
    imports,
    change,
    entries: environment.entries.map((entry) => entryToJson(entry, reveal)),
    kept: environment.kept.map((kept) => keptToJson(kept, reveal)),
    ...(reveal ? { text: environment.text.reveal() } : {}),
  }
}

function entryToJson(entry: PlannedEntry, reveal: boolean): Record<string, unknown> {
  const { file, line, key, outcome, cause, placeholder, reasons, change, links } = entry
  const value = entry.value.reveal()
  return {
    file,
    line,
    key,
    outcome,
    ...(cause ? { cause } : {}),
    placeholder,
    confidential: entry.confidential,
    value: entry.confidential && !reveal ? maskSecret(value) : value,
    ...(change ? { change } : {}),
    ...(links.length > 0 ? { links } : {}),
    reasons,
  }
}

function keptToJson({ key, value, secret }: KeptValue, reveal: boolean): Record<string, unknown> {
  return { key, secret, value: secret && !reveal ? maskSecret(value.reveal()) : value.reveal() }
}
