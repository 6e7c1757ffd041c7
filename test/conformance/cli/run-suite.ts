import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { startServer } from '@headgate/server'
import { pino } from 'pino'
import { ProtocolSchema } from '../../pulumi/protocol-schema.ts'
import { type Exchange, startWatchingProxy } from '../../pulumi/watching-proxy.ts'
import { type CliCase, readCase } from './case-file.ts'
import { openConformancePlane } from './conformance-plane.ts'
import { asExpected, normalise } from './normalise.ts'
import { type Printed, replayCase, withUrls } from './replay.ts'
import type { Recorded } from './recording.ts'
import { seedCase } from './seed.ts'
import { replayRecorded } from './wire-twin.ts'

export interface CaseResult {
  readonly name: string
  /** What is wrong, for people; absent where the case passes. */
  readonly failure?: string
  /** What went over the wire. */
  readonly exchanges: readonly Exchange[]
}

/** The files of a suite's cases, by their names. */
export function caseFiles(folder: string): string[] {
  const cases = readdirSync(folder).includes('cases') ? join(folder, 'cases') : folder
  return readdirSync(cases)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => join(cases, name))
}

/** Runs one case with the real client against a plane of its own, every answer judged by the protocol's description. */
export async function runCase(file: string, binary: string): Promise<CaseResult> {
  const each = readCase(file)
  const ground = await openGround(each)
  try {
    const printed = await replayCase(each, { binary, url: ground.url, token: ground.token })
    const exchanges = ground.take()
    const wrong = [...compare(each, printed, ground.url), ...judge(exchanges)]
    return { name: basename(file, '.yaml'), exchanges, ...(wrong.length > 0 ? { failure: wrong.join('\n') } : {}) }
  } finally {
    await ground.close()
  }
}

/** Runs one case by the wire twin: the recorded requests, each answer compared with the recorded one and judged alike. */
export async function twinCase(file: string, recorded: readonly Recorded[] | undefined): Promise<CaseResult> {
  const name = basename(file, '.yaml')
  if (recorded === undefined) return { name, exchanges: [], failure: '  nothing is recorded of it' }
  const ground = await openGround(readCase(file))
  try {
    const wrong = await replayRecorded(recorded, ground.url, ground.token)
    const exchanges = ground.take()
    wrong.push(...judge(exchanges))
    return { name, exchanges, ...(wrong.length > 0 ? { failure: wrong.join('\n') } : {}) }
  } finally {
    await ground.close()
  }
}

export interface Ground {
  readonly url: string
  readonly token: string
  take(): Exchange[]
  close(): Promise<void>
}

/** A plane with what a case begins with, served behind a proxy that keeps what goes over the wire. */
export async function openGround(each: CliCase): Promise<Ground> {
  const plane = await openConformancePlane()
  await seedCase(plane.planes, each)
  const log = pino(process.env['DEBUG_LOG'] ? {} : { level: 'silent' })
  const server = await startServer({ operations: plane.operations, log, version: '0.0.0', host: '127.0.0.1', port: 0 })
  const proxy = await startWatchingProxy(server.url)
  return {
    url: proxy.url,
    token: plane.token.reveal(),
    take: () => proxy.take(),
    close: async () => {
      await proxy.close()
      await server.close()
      await plane.close()
    },
  }
}

function compare(each: CliCase, printed: Printed, url: string): string[] {
  const wrong: string[] = []
  for (const stream of ['stdout', 'stderr'] as const) {
    const expected = normalise(withUrls(each[stream], url), url)
    const found = asExpected(expected, normalise(printed[stream], url))
    if (expected !== found) wrong.push(`  ${stream} differs\n${difference(expected, found)}`)
  }
  if (each.fails !== (printed.code !== 0)) wrong.push(`  it ended with ${printed.code}`)
  return wrong
}

/** Lines that are on one side alone, in their order. */
function difference(expected: string, found: string): string {
  const [left, right] = [expected.split('\n'), found.split('\n')]
  let from = 0
  while (from < left.length && left[from] === right[from]) from += 1
  const shown = (lines: readonly string[], mark: string) => lines.slice(from, from + 12).map((line) => `    ${mark} ${line}`)
  return [...shown(left, '-'), ...shown(right, '+')].join('\n')
}

let schema: ProtocolSchema | undefined

/** What the protocol's description says against any of the answers. */
export function judge(exchanges: readonly Exchange[]): string[] {
  schema ??= ProtocolSchema.load()
  return exchanges.flatMap(({ method, url, status, responseHeaders, responseBody }) => {
    const path = (url.split('?')[0] ?? '').replace(/\/+/g, '/')
    const failure = schema?.judge(method, path, status, String(responseHeaders['content-type'] ?? ''), responseBody).failure
    return failure === undefined ? [] : [`  ${failure}`]
  })
}
