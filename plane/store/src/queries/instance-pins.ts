import type { TokenId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function instancePinQueries({ read, checkOne }: Reader) {
  const pins = () => read.selectFrom('instance_pins').selectAll()
  return {
    get: async (instance: string) => checkOne('instance_pins', await pins().where('instance', '=', instance).executeTakeFirst()),
    byToken: async (token: TokenId) => checkOne('instance_pins', await pins().where('token', '=', token).executeTakeFirst()),
  }
}
