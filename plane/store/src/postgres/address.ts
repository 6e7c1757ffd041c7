import { HeadgateError, type Secret } from '@headgate/model'

/** An address as it may be shown: without password and without what could carry one. */
export interface ReadAddress {
  readonly place: string
  /** A word of the address that says the connection is not to be made sure of: `no-verify`, `disable`, or none at all. */
  readonly unsafe: string | undefined
}

/** Hosts to which nothing leaves this machine. */
const LOCAL = /^(?:|localhost|127(?:\.\d+){3}|\[::1\]|%2f.*)$/i

/**
 * Reads the address of a database for messages. What the connection does with it is the client's own reading.
 *
 * @throws DATABASE_ADDRESS_INVALID, whose message repeats nothing of it
 */
export function readAddress(address: Secret): ReadAddress {
  const text = address.reveal()
  if (!/^postgres(?:ql)?:\/\//.test(text)) throw invalid('it does not begin with postgres://')
  let url: URL
  try {
    url = new URL(text)
  } catch {
    // Without a host the form postgres:///name?host=/socket is the client's to read, but not a URL of the standard.
    try {
      url = new URL(text.replace(/^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)(?=[:/])/, '$1localhost'))
    } catch {
      throw invalid('it cannot be read as a URL')
    }
  }
  if (url.pathname.length < 2) throw invalid('it names no database')
  const host = url.searchParams.get('host') ?? url.hostname
  const mode = url.searchParams.get('sslmode') ?? undefined
  const local = LOCAL.test(host) || host.startsWith('/')
  const user = url.username === '' ? '' : `${url.username}@`
  const port = url.port === '' ? '' : `:${url.port}`
  return {
    place: `postgres://${user}${host.startsWith('/') ? '' : host}${port}${url.pathname}`,
    unsafe: local || (mode !== undefined && mode !== 'disable' && mode !== 'no-verify') ? undefined : (mode ?? 'no sslmode'),
  }
}

function invalid(reason: string): HeadgateError {
  return new HeadgateError('DATABASE_ADDRESS_INVALID', { reason })
}
