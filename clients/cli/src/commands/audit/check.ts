import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { problemOf } from '@headgate/model'
import { type AuditProof, checkAuditProof, createExportCheck } from '@headgate/sdk/audit'
import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { readValue } from '../../input/read-text.ts'
import { count } from '../../output/time.ts'
import { end } from '../../outcome.ts'

interface Verdict {
  readonly ok: boolean
  readonly kind: 'export' | 'inclusion' | 'consistency'
  readonly says: string
  /** Records of the log when the checkpoint was signed. */
  readonly size?: number
}

/** Checks an export or a proof with nothing but the file and the log's key: no plane, no network. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { world, output, invocation, spec } = context
  const file = invocation.argument('file') ?? ''
  const given = invocation.option('log-key-file')
  const key = given === undefined ? undefined : await readValue(world, given)
  const verdict = await verdictOf(resolve(world.cwd, file), file, key, spec.name)
  const { paint } = output
  output.answer({ file, ...verdict }, () => `${verdict.ok ? paint.green('verified') : paint.red('not verified')}: ${verdict.says}\n`)
  if (key === undefined && !output.json) output.note('signed by the key that stands in it; whose that is, --log-key-file FILE tells')
  if (verdict.ok) return exitCodes.ok
  output.problem(problemOf('AUDIT_UNVERIFIED', { findings: '1 finding' }))
  return exitCodes.problem
}

/** Line by line, so that an export of any length is never held as a whole; a proof is one line. */
async function verdictOf(path: string, name: string, key: string | undefined, command: string): Promise<Verdict> {
  const check = createExportCheck(key)
  let first = true
  try {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      const proof = first ? proofIn(line) : undefined
      if (proof) return proofVerdict(proof, key ?? end('USAGE', { reason: 'a proof is checked with --log-key-file FILE', command }))
      first = false
      check.line(line)
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') end('FILE_NOT_FOUND', { file: name })
    if (code !== undefined) end('FILE_UNREADABLE', { file: name, reason: code })
    throw cause
  }
  const { mistake, records, first: begin, end: behind, size } = check.verdict()
  if (mistake !== undefined) return { ok: false, kind: 'export', says: mistake }
  const says = records === 0 ? 'it holds no record' : `${count(records, 'record')}, ${begin} to ${behind - 1} of a log of ${size}`
  return { ok: true, kind: 'export', says, size }
}

function proofIn(line: string): AuditProof | undefined {
  try {
    const value = JSON.parse(line) as AuditProof
    return value.kind === 'inclusion' || value.kind === 'consistency' ? value : undefined
  } catch {
    return undefined
  }
}

function proofVerdict(proof: AuditProof, key: string): Verdict {
  const { kind } = proof
  const verdict = checkAuditProof(proof, key)
  if (!verdict.shows) return { ok: false, kind, says: verdict.reason }
  const shown =
    kind === 'inclusion' ? `the record of change ${proof.record.change} is in the log of` : 'the older log is the beginning of the one of'
  return { ok: true, kind, says: `${shown} ${count(verdict.size, 'record')}`, size: verdict.size }
}
