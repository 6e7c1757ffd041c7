import { ok } from '@headgate/model'
import { type LogExport, exportLog, writtenRecord } from '@headgate/vault'
import type { Plane, UseCase } from '../plane.ts'
import { ocsfEvent } from './ocsf-event.ts'

/**
 * The records of a time, read while they are sent. As JSON lines with what proves them, so that an export can be checked
 * when the log has long let go of it; or as OCSF events for whoever collects such.
 */
export const exportAudit: UseCase<'exportAudit'> = async (plane, _caller, { query }) => {
  const { format = 'jsonl', since, until } = query
  const exported = await exportLog(plane.vault, plane.store, { from: since, until })
  if (!exported.ok) return exported
  const { head, tail } = exported.value
  const lines = format === 'ocsf' ? ocsfLines(plane, exported.value) : provableLines(plane, exported.value)
  return ok({ answer: lines, details: { format, first: head.first, end: tail.end } })
}

async function* provableLines(plane: Plane, { head, records, tail }: LogExport): AsyncGenerator {
  yield head
  for await (const row of records) yield writtenRecord(plane.vault, row)
  yield tail
}

async function* ocsfLines(plane: Plane, { records }: LogExport): AsyncGenerator {
  for await (const row of records)
    yield ocsfEvent(plane.vault.openAudit(row), { organisation: plane.organisation.name, version: plane.version })
}
