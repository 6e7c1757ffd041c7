import type { KeptInstance } from './instances.ts'
import { listeningPorts } from './process/listening-ports.ts'
import { tailOf } from './process/output-log.ts'
import type { Exit } from './process/process-driver.ts'
import { sessionMembers } from './process/process-table.ts'
import { REDACTED, type Secret } from '@headgate/model'

/** How much of an instance's output a message quotes. */
const TAIL = { bytes: 8192, lines: 25, width: 300 } as const

/** Why an instance's process ended, with the end of what it printed. */
export async function explainExit(kept: KeptInstance, exit: Exit | undefined, folder: string): Promise<string> {
  const how = exit === undefined ? 'ended' : exit.signal === null ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`
  const state = kept.row.state === 'starting' ? ' before it was healthy' : ''
  // One that is being stopped did nothing that its output would have to explain.
  return `its process ${how}${state}${kept.leaving ? '' : await quoteOutput(kept, folder)}`
}

/** Why an instance that runs is not healthy; where it listens elsewhere, that is said. */
export async function explainIllness(kept: KeptInstance, folder: string): Promise<string> {
  const reason = kept.watch?.reason ?? 'it was not looked at yet'
  const members = kept.process ? await sessionMembers(kept.process) : []
  const others = (await listeningPorts(members)).filter((port) => port !== kept.row.port)
  const where = others.length > 0 ? `; its process listens on port ${others.join(' and ')}, and should on the one in PORT` : ''
  return `${reason}${where}${await quoteOutput(kept, folder)}`
}

/**
 * The end of an instance's output, only while its secrets are at hand to be struck out: a program may print what it
 * was given, and messages go further than its log.
 */
async function quoteOutput({ secrets }: KeptInstance, folder: string): Promise<string> {
  if (secrets === undefined) return ''
  const lines = (await tailOf(folder, TAIL.bytes)).slice(-TAIL.lines).map((line) => strikeOut(line, secrets).slice(0, TAIL.width))
  return lines.length === 0 ? '' : `; it printed last:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

/** Shorter values would strike out parts of ordinary words. */
const SHORTEST = 4

/** A text without any of these values, also where one of several lines is in it only by a line. */
export function strikeOut(text: string, secrets: readonly Secret[]): string {
  const values = secrets.flatMap((secret) => secret.reveal().split('\n')).filter((value) => value.length >= SHORTEST)
  return values.toSorted((one, other) => other.length - one.length).reduce((result, value) => result.replaceAll(value, REDACTED), text)
}
