import { removeCredentials } from '@headgate/sdk/credentials'
import type { CommandContext } from '../command.ts'
import { need } from '../outcome.ts'
import { credentialsFileOf } from '../plane/connection.ts'

/** Forgets a token. Where there was none, that is said and is no failure. */
export async function run({ world, output, url }: CommandContext): Promise<void> {
  const said = url ?? (world.env['HEADGATE_URL'] || undefined)
  const forgotten = need(await removeCredentials(said, credentialsFileOf(world)))
  output.answer({ url: forgotten ?? null }, () =>
    forgotten === undefined ? 'there was no token to forget\n' : `signed out of ${forgotten}; the token itself stays valid\n`,
  )
  if (world.env['HEADGATE_TOKEN']) output.note('HEADGATE_TOKEN is still set, and goes on being used')
}
