import type { TokenId } from '@headgate/model'
import type { Reader } from './reader.ts'

export function instancePinQueries({ one }: Reader) {
  return {
    get: (instance: string) => one('instance_pins', { instance }),
    byToken: (token: TokenId) => one('instance_pins', { token }),
  }
}
