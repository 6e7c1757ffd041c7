/** What oxlint finds, with its rules that need types; the rules stand in .oxlintrc.json. */
import type { Check, Finding } from './finding.ts'
import { runProgram } from './program.ts'

interface Diagnostic {
  readonly message: string
  readonly code?: string
  readonly filename: string
  readonly help?: string
  readonly labels: readonly { readonly span: { readonly line: number } }[]
}

export const lint: Check = {
  name: 'lint',
  async run(repository) {
    const { stdout, stderr } = await runProgram(repository, ['oxlint', '--type-aware', '--format=json'])
    return readDiagnostics(stdout, stderr).map(({ filename, labels, message, code, help }): Finding => {
      const line = labels[0]?.span.line
      const finding = { place: line === undefined ? filename : `${filename}:${line}`, message: `${message} (${code ?? 'oxlint'})` }
      return help === undefined ? finding : { ...finding, hint: help }
    })
  },
}

function readDiagnostics(stdout: string, stderr: string): readonly Diagnostic[] {
  try {
    return (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics
  } catch {
    return [{ message: `oxlint failed: ${stderr.trim() || stdout.trim()}`, filename: '', labels: [] }]
  }
}
