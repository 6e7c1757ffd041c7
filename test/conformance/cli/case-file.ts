import { readFileSync } from 'node:fs'
import { type Document, type YAMLMap, parseDocument } from 'yaml'

/** One case: a script of commands, what is there before, and what they print. */
export interface CliCase {
  readonly run: string
  /** Whether the script must fail. */
  readonly fails: boolean
  readonly files: Readonly<Record<string, string>>
  readonly environ: Readonly<Record<string, string>>
  /** Scripts that stand for programs, by their names. */
  readonly commands: Readonly<Record<string, string>>
  readonly environments: readonly SeededEnvironment[]
  readonly stdout: string
  readonly stderr: string
}

export interface SeededEnvironment {
  readonly organisation: string
  readonly project: string
  readonly name: string
  /** Set where the seed is a draft of the environment, which then has no other text. */
  readonly draft?: boolean
  readonly revisions: readonly SeededRevision[]
  readonly labels: Readonly<Record<string, string>>
  readonly webhooks: readonly SeededWebhook[]
}

export interface SeededRevision {
  readonly text: string
  readonly tags: readonly string[]
  readonly retracted?: { readonly replacement: number; readonly reason: string }
}

export interface SeededWebhook {
  readonly name: string
  readonly 'display-name': string
  readonly 'payload-url': string
  readonly active: boolean
  readonly format: 'raw' | 'slack' | 'ms_teams'
  readonly filters?: readonly string[]
  readonly groups?: readonly string[]
}

/** Reads a case: three parts divided by `---`. */
export function readCase(file: string): CliCase {
  const [header = '', stdout = '', stderr = ''] = readFileSync(file, 'utf8').split('\n---\n')
  const document = parseDocument(header)
  const plain = document.toJS() as {
    run: string
    error?: string
    process?: { fs?: Record<string, string>; environ?: Record<string, string>; commands?: Record<string, string> }
    environments?: Record<string, unknown>
  }
  const seeds = document.get('environments') as YAMLMap | undefined
  return {
    run: plain.run,
    fails: (plain.error ?? '') !== '',
    files: plain.process?.fs ?? {},
    environ: plain.process?.environ ?? {},
    commands: plain.process?.commands ?? {},
    environments: Object.entries(plain.environments ?? {}).map(([key, value]) => seedOf(document, seeds, key, value)),
    stdout,
    stderr,
  }
}

const DRAFT = '_DRAFT'

function seedOf(document: Document, seeds: YAMLMap | undefined, key: string, value: unknown): SeededEnvironment {
  const [organisation = '', project = '', name = ''] = key.split('/')
  const parts = (typeof value === 'object' && value !== null ? value : {}) as {
    revisions?: { tags?: string[]; retracted?: { replacement: number; reason: string } }[]
    tags?: Record<string, string>
    webhooks?: SeededWebhook[]
  }
  const node = seeds?.get(key, true)
  const revisions = parts.revisions
    ? parts.revisions.map((revision, index) => ({
        text: textOf(document, seeds?.getIn([key, 'revisions', index, 'yaml'], true)),
        tags: revision.tags ?? [],
        ...(revision.retracted ? { retracted: revision.retracted } : {}),
      }))
    : [{ text: textOf(document, node), tags: [] }]
  const base = { organisation, project, revisions, labels: parts.tags ?? {}, webhooks: parts.webhooks ?? [] }
  return name.endsWith(DRAFT) ? { ...base, name: name.slice(0, -DRAFT.length), draft: true } : { ...base, name }
}

/** A part of the header as the suite's own harness writes it again: indented by four, everything else as it was. */
function textOf(document: Document, node: unknown): string {
  const part = document.clone()
  part.contents = node as never
  part.commentBefore = null
  return part.toString({ indent: 4, indentSeq: true, lineWidth: 0, flowCollectionPadding: false, directives: false })
}
