import { createWriteStream } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream as WebStream } from 'node:stream/web'
import { pipeline } from 'node:stream/promises'
import { randomBytes } from 'node:crypto'
import type { PlaneClient } from '@headgate/sdk/http'
import type { CommandContext } from '../command.ts'
import { askHidden } from '../input/ask.ts'
import { exists, readValue } from '../input/read-text.ts'
import { end, need } from '../outcome.ts'

/** Streams a back-up into a file that has its name only when it is complete. */
export async function run(context: CommandContext): Promise<void> {
  const { world, output, invocation, connect, spec } = context
  const name = invocation.option('output')
  if (name === undefined) return end('USAGE', { reason: '--output FILE says where the back-up goes', command: spec.name })
  const file = resolve(world.cwd, name)
  if (await exists(world, file)) end('FILE_EXISTS', { file: name })
  const body = await sealing(context)
  const { client } = await connect()
  const stream = need(await client.stream('createBackup', { body }))
  const progress = output.progress('writing the back-up')
  const bytes = await store(client, stream, { file, name }, (so) => progress.update(`writing the back-up, ${sizeText(so)}`)).finally(() =>
    progress.done(),
  )
  output.answer({ file, bytes }, () => `wrote ${name}, ${sizeText(bytes)}\n`)
  if (!output.json) output.note('everything is in it, the root key too: keep what opens it somewhere else')
}

/** For whom it is sealed: recipients, or a passphrase from a file or asked for twice. */
async function sealing({ world, invocation, spec }: CommandContext): Promise<{ recipients: string[] } | { passphrase: string }> {
  const recipients = [...invocation.options('recipient')]
  const passphraseFile = invocation.option('passphrase-file')
  if (recipients.length > 0 && passphraseFile !== undefined) {
    end('USAGE', { reason: '--recipient and --passphrase-file exclude each other', command: spec.name })
  }
  // An identity is a secret, which goes neither to a plane nor into a message.
  if (recipients.some((recipient) => /^age-secret-key-/i.test(recipient)))
    end('USAGE', { reason: '--recipient takes a recipient (age1…), and an identity was given: keep that to yourself', command: spec.name })
  if (recipients.length > 0) return { recipients }
  if (passphraseFile !== undefined) return { passphrase: notEmpty(await readValue(world, passphraseFile), spec.name) }
  const question = {
    text: 'Passphrase',
    what: 'a passphrase',
    instead: 'headgate backup --output FILE --recipient age1…, or --passphrase-file FILE',
  }
  const passphrase = notEmpty(await askHidden(world, question), spec.name)
  const again = await askHidden(world, { ...question, text: 'The same again' })
  if (again !== passphrase) end('USAGE', { reason: 'the two passphrases differ', command: spec.name })
  return { passphrase }
}

function notEmpty(passphrase: string, command: string): string {
  return passphrase === '' ? end('USAGE', { reason: 'the passphrase is empty', command }) : passphrase
}

/** Writes beside the name, syncs, then gives it the name, which must still be free. Whatever fails leaves nothing behind. */
async function store(
  client: PlaneClient,
  stream: ReadableStream<Uint8Array>,
  { file, name }: { file: string; name: string },
  written: (bytes: number) => void,
): Promise<number> {
  const beside = `${file}.${randomBytes(6).toString('hex')}.part`
  let bytes = 0
  try {
    const source = Readable.fromWeb(stream as WebStream)
    const counted = source.map((chunk: Uint8Array) => {
      bytes += chunk.byteLength
      written(bytes)
      return chunk
    })
    await pipeline(counted, createWriteStream(beside, { flags: 'wx', mode: 0o600, flush: true }))
    await link(beside, file)
    await syncFolder(dirname(file))
  } catch (cause) {
    const { code, syscall, message } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') return end('FILE_EXISTS', { file: name })
    // What the file system refused names its call; anything else ended the stream from the plane.
    if (syscall !== undefined) return end('FILE_UNWRITABLE', { file: name, reason: code ?? message })
    return end('PLANE_UNREACHABLE', { url: client.url, reason: `the back-up broke off: ${message}` })
  } finally {
    await rm(beside, { force: true })
  }
  return bytes
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const mebibytes = bytes / 1024 / 1024
  return mebibytes < 1 ? `${(bytes / 1024).toFixed(1)} KiB` : `${mebibytes.toFixed(1)} MiB`
}
