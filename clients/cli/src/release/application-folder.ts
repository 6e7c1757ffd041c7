import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import type { ApplicationFile } from '@headgate/contract'
import { readYaml } from '@headgate/lang'
import { type Diagnostic, hasErrors, problemOf } from '@headgate/model'
import type { CommandContext } from '../command.ts'
import { CommandEnded } from '../outcome.ts'
import { refuseFile } from './refuse-file.ts'

export const APPLICATION_FILE = 'headgate.yaml'

/** The application file of a command: as text for the plane, which reads it itself, and read here for what is done here. */
export interface Application {
  readonly name: string
  readonly text: string
  readonly folder: string
  readonly file: ApplicationFile
}

/** Reads the application file; a mistake in it ends the command with its place. */
export async function readApplication({ world, output, invocation }: CommandContext): Promise<Application> {
  const path = resolve(world.cwd, invocation.option('file') ?? APPLICATION_FILE)
  const name = basename(path)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => refuseApplication(path, cause))
  // Loaded only here: the schema brings a library that most commands have no use for.
  const { readApplicationFile } = await import('@headgate/contract')
  const tree = readYaml(name, text)
  const read = hasErrors(tree.diagnostics) ? { diagnostics: tree.diagnostics } : readApplicationFile(tree.root, name)
  if (!('file' in read) || !read.file) throw invalid(name, text, read.diagnostics)
  output.diagnostics(read.diagnostics, { [name]: text })
  return { name, text, folder: dirname(path), file: read.file }
}

function refuseApplication(path: string, cause: unknown): never {
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') refuseFile(path, cause)
  throw new CommandEnded({ ...problemOf('FILE_NOT_FOUND', { file: path }), hint: 'headgate init writes one' })
}

function invalid(name: string, text: string, diagnostics: readonly Diagnostic[]): CommandEnded {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const count = `${errors} ${errors === 1 ? 'error' : 'errors'}`
  return new CommandEnded(problemOf('APPLICATION_FILE_INVALID', { file: name, count }, diagnostics), { [name]: text })
}
