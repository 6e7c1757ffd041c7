import { resolve } from 'node:path'
import { Secret } from '@headgate/model'
import type { CommandContext } from '../command.ts'
import { end } from '../outcome.ts'
import type { KeyChoice } from '../local-plane.ts'
import { askHidden } from './ask.ts'
import { exists, readValue } from './read-text.ts'

const sources: readonly Source[] = ['file', 'passphrase', 'environment', 'kms']
type Source = KeyChoice['source']
type Asking = Pick<CommandContext, 'world' | 'invocation' | 'spec'>

/**
 * Reads which source of the root key a command was told of, by options or variables, and what that source needs. A
 * passphrase comes from a file (a descriptor among them, as /dev/fd/3) or is asked for, twice where it is a new one.
 *
 * @param folder the data folder; where nothing is in it yet, a passphrase is a new one
 * @param onServer whether the database is a PostgreSQL server's, which is seldom new
 */
export async function keyChoice(context: Asking, folder: string, onServer: boolean): Promise<KeyChoice> {
  const { world, invocation } = context
  const source = sourceOf(context)
  const file = invocation.option('key-file')
  const kms = serviceOf(context)
  if (source === 'kms' && !kms)
    end('USAGE', {
      reason: 'a key service needs --kms-url and --kms-key, or HEADGATE_KMS_URL and HEADGATE_KMS_KEY',
      command: context.spec.name,
    })
  const isNew = !onServer && !(await exists(world, `${folder}/headgate.db`))
  return {
    source,
    ...(file === undefined ? {} : { file: resolve(world.cwd, file) }),
    ...(source === 'passphrase' ? { passphrase: await keyPassphrase(context, isNew) } : {}),
    ...(source === 'environment' ? taken(world.env, 'HEADGATE_ROOT_KEY', 'key') : {}),
    ...(kms ? { kms } : {}),
  }
}

/** Whether a command was told anything of keys, where that only makes sense beside a data folder. */
export function namesKeySource({ invocation }: Pick<CommandContext, 'invocation'>): boolean {
  return ['key-file', 'key-source', 'key-passphrase-file', 'kms-url', 'kms-key'].some((name) => invocation.option(name) !== undefined)
}

/** The options that say where the root key is, as they are given again. Nothing secret is in them. */
export function keyWords({ invocation }: Pick<CommandContext, 'invocation'>): string {
  const names = ['key-source', 'key-file', 'key-passphrase-file', 'kms-url', 'kms-key', 'kms-mount', 'kms-token-file']
  return names
    .flatMap((name) => {
      const value = invocation.option(name)
      return value === undefined ? [] : [` --${name} ${value}`]
    })
    .join('')
}

/** The passphrase of a data folder: from a file, or asked for. */
async function keyPassphrase({ world, invocation, spec }: Asking, isNew: boolean): Promise<Secret> {
  const file = invocation.option('key-passphrase-file')
  return askPassphrase({ world, spec }, file, isNew ? 'new' : 'known', '--key-passphrase-file FILE')
}

/** A passphrase from a file or from a person, who types a new one twice. */
export async function askPassphrase(
  { world, spec }: Pick<CommandContext, 'world' | 'spec'>,
  file: string | undefined,
  kind: 'new' | 'known',
  instead: string,
): Promise<Secret> {
  if (file !== undefined) return new Secret(await readValue(world, file))
  const question = { text: kind === 'new' ? 'New passphrase of the root key' : 'Passphrase of the root key', what: 'a passphrase', instead }
  const passphrase = await askHidden(world, question)
  if (kind === 'new' && (await askHidden(world, { ...question, text: 'The same again' })) !== passphrase)
    end('USAGE', { reason: 'the two passphrases differ', command: spec.name })
  return new Secret(passphrase)
}

function sourceOf({ world, invocation, spec }: Asking): Source {
  const named = invocation.option('key-source') ?? world.env['HEADGATE_KEY_SOURCE'] ?? 'file'
  const source = sources.find((each) => each === named)
  return source ?? end('USAGE', { reason: `the source of the root key is one of ${sources.join(', ')}, not ${named}`, command: spec.name })
}

function serviceOf({ world, invocation }: Asking): KeyChoice['kms'] {
  const named = (option: string, variable: string) => invocation.option(option) ?? world.env[variable]
  const [url, key] = [named('kms-url', 'HEADGATE_KMS_URL'), named('kms-key', 'HEADGATE_KMS_KEY')]
  if (url === undefined || key === undefined) return undefined
  const mount = named('kms-mount', 'HEADGATE_KMS_MOUNT')
  const namespace = world.env['HEADGATE_KMS_NAMESPACE']
  const file = named('kms-token-file', 'HEADGATE_KMS_TOKEN_FILE')
  const { token } = taken(world.env, 'HEADGATE_KMS_TOKEN', 'token')
  return {
    url,
    key,
    ...(mount === undefined ? {} : { mount }),
    ...(namespace === undefined ? {} : { namespace }),
    // A file is read each time: whoever renews the token writes it there.
    token: async () =>
      file === undefined
        ? (token ?? end('KEY_MISSING', { place: 'HEADGATE_KMS_TOKEN, or the file of --kms-token-file' }))
        : new Secret(await readValue(world, file)),
  }
}

/** A secret from a variable, which is forgotten at once, so that no process started later inherits it. */
function taken<K extends string>(env: CommandContext['world']['env'], variable: string, name: K): { [P in K]?: Secret } {
  const value = env[variable]
  if (value === undefined || value === '') return {}
  delete (env as Record<string, string | undefined>)[variable]
  return { [name]: new Secret(value) } as { [P in K]: Secret }
}
