import { Secret } from '@headgate/model'
import type { CommandContext } from '../command.ts'
import { readValue } from '../input/read-text.ts'
import { end } from '../outcome.ts'

type Asking = Pick<CommandContext, 'world' | 'invocation' | 'spec'>

/**
 * The address of the database: an option's, a file's or the environment's. A password is not taken from the command
 * line, which every user of the machine can read.
 *
 * @param called the command line as it was typed, where `context` is completed from elsewhere
 */
export async function databaseAddress(context: Asking, called: Asking = context): Promise<Secret | undefined> {
  const { world, invocation, spec } = context
  const typed = called.invocation.option('database')
  const file = invocation.option('database-file')
  if (typed !== undefined && called.invocation.option('database-file') !== undefined)
    end('USAGE', { reason: '--database and --database-file exclude each other', command: spec.name })
  if (typed !== undefined && carriesPassword(typed)) {
    const reason =
      'everybody on this machine can read a password on the command line; put the address into HEADGATE_DATABASE or a file (--database-file)'
    end('USAGE', { reason, command: spec.name })
  }
  const said = () => invocation.option('database') ?? world.env['HEADGATE_DATABASE']
  const address = typed ?? (file === undefined ? said() : await readValue(world, file))
  return address === undefined || address === '' ? undefined : new Secret(address)
}

function carriesPassword(address: string): boolean {
  return /^[^/]*\/\/[^@/]*:[^@/]*@/.test(address) || /[?&](?:password|sslpassword)=/.test(address)
}
