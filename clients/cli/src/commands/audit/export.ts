import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as WebStream } from 'node:stream/web'
import type { CommandContext } from '../../command.ts'
import { exists } from '../../input/read-text.ts'
import { optionalTime } from '../../input/optional-time.ts'
import { end, need } from '../../outcome.ts'

/** Streams the records of a time to standard output, or into a new file. */
export async function run(context: CommandContext): Promise<void> {
  const { world, output, invocation, connect, spec } = context
  const name = invocation.option('output')
  if (name !== undefined && (await exists(world, name))) end('FILE_EXISTS', { file: name })
  const since = optionalTime(invocation.option('from'), '--from', spec.name)
  const until = optionalTime(invocation.option('to'), '--to', spec.name)
  const format = invocation.option('format') as 'jsonl' | 'ocsf' | undefined
  const query = { ...(format ? { format } : {}), ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
  const { client } = await connect()
  const stream = Readable.fromWeb(need(await client.stream('exportAudit', { query })) as WebStream)
  const target = name === undefined ? world.stdout : createWriteStream(resolve(world.cwd, name), { flags: 'wx', mode: 0o600, flush: true })
  try {
    await pipeline(stream, target, { end: name !== undefined })
  } catch (cause) {
    const { syscall, code, message } = cause as NodeJS.ErrnoException
    // What becomes of standard output is the whole process's to say.
    if (syscall !== undefined && name === undefined) return
    if (syscall !== undefined && name !== undefined) end('FILE_UNWRITABLE', { file: name, reason: code ?? message })
    end('PLANE_UNREACHABLE', { url: client.url, reason: `the export broke off: ${message}` })
  }
  if (name !== undefined && !output.json) output.note(`wrote ${name}`)
}
