import { existsSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import type { Diagnostic } from '@headgate/model'
import {
  type Document,
  type Environment,
  type Failure,
  type Host,
  type LoadedImport,
  type Options,
  check,
  load,
  open,
  parseJson,
  rotate,
  serialise,
  serialiseValue,
  toPlain,
  writeJson,
  quote,
} from '@headgate/lang'
import { testLookup, turnBytes } from './providers.ts'
import { type Data, diagnosticData, sortedByText } from './comparison.ts'

export interface Overrides {
  readonly showSecrets?: boolean
  readonly rootEnvironment?: string
  readonly rotate?: boolean
  readonly rotatePaths?: readonly string[]
}

export const crypter = { decrypt: async (ciphertext: Uint8Array) => turnBytes(ciphertext) }

/** Runs one folder of the suite in every mode it asks for and returns what `expected.json` would say. */
export async function runEvaluationCase(folder: string, name: string): Promise<Record<string, Data>> {
  const overrides = readOverrides(folder)
  const source = readFileSync(join(folder, 'env.yaml'))
  // The suite holds the reference's own messages, which quote from secrets.
  return evaluateSource(overrides.rootEnvironment ?? name, source, (imported) => readImport(folder, imported), overrides, 'verbatim')
}

/** Runs one text in every mode it asks for. */
export async function evaluateSource(
  name: string,
  source: string | Uint8Array,
  imports: (name: string) => LoadedImport | Failure,
  overrides: Overrides,
  messages: 'redacted' | 'verbatim' = 'redacted',
): Promise<Record<string, Data>> {
  const loaded = load(name, source)
  const outcome: Record<string, Data> = { loadDiags: diagnostics(loaded.diagnostics) }
  if (!loaded.document) return outcome
  return { ...outcome, ...(await evaluateAll(loaded.document, hostOf(imports), overrides, { trace: 'full', messages })) }
}

function readOverrides(folder: string): Overrides {
  const file = join(folder, 'overrides.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Overrides) : {}
}

function hostOf(imports: (name: string) => LoadedImport | Failure): Host {
  return {
    imports: { load: async (name) => imports(name) },
    providers: testLookup,
    crypter,
    context: { pulumi: { user: { id: 'USER_123' } } },
  }
}

function readImport(folder: string, name: string): LoadedImport | Failure {
  const file = normalize(join(folder, `${name}.yaml`))
  if (!file.startsWith(folder) || !existsSync(file)) return { failure: `environment ${quote(name)} not found` }
  return { source: readFileSync(file), crypter }
}

async function evaluateAll(document: Document, host: Host, overrides: Overrides, options: Options): Promise<Record<string, Data>> {
  const checked = await check(document, host, { ...options, showSecrets: overrides.showSecrets ?? false })
  const opened = await open(document, host, options)
  const outcome: Record<string, Data> = {
    checkDiags: diagnostics(checked.diagnostics),
    check: structure(checked.environment),
    checkJson: plain(checked.environment, true),
    evalDiags: diagnostics(opened.diagnostics),
    eval: structure(opened.environment),
    evalJsonRedacted: plain(opened.environment, true),
    evalJSONRevealed: plain(opened.environment, false),
  }
  if (!overrides.rotate) return outcome
  const rotated = await rotate(document, host, overrides.rotatePaths ?? [], options)
  const patches = rotated.rotations.flatMap((rotation) => (rotation.status === 'succeeded' ? [rotation.patch] : []))
  return {
    ...outcome,
    rotateDiags: diagnostics(rotated.diagnostics),
    rotate: structure(rotated.environment),
    rotateJson: plain(rotated.environment, true),
    rotatePatches: patches.map(
      ({ path, value }) =>
        new Map<string, Data>([
          ['DocPath', path],
          ['Replacement', parseJson(serialiseValue(value))],
        ]),
    ),
  }
}

function diagnostics(found: readonly Diagnostic[]): Data {
  return sortedByText(found.map(diagnosticData))
}

function structure(environment: Environment | undefined): Data {
  return environment ? parseJson(serialise(environment)) : null
}

function plain(environment: Environment | undefined, redact: boolean): Data {
  return environment ? parseJson(writeJson(toPlain(environment, { redact }))) : null
}
