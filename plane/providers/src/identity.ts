import type { CallContext } from '@headgate/lang'

/**
 * Who the plane says it is when it calls outside: tokens signed with the plane's own key, which the other side checks
 * against the key set the plane publishes. The plane hands it in; a source holds no key.
 */
export interface Identity {
  /** @throws SourceFault when the token cannot be made as it is asked for */
  token(request: IdentityRequest): Promise<string>
}

export interface IdentityRequest {
  /** The URL that is called; or the name of a kind of service, to which the plane adds its organisation: `aws:main`. */
  readonly audience: string
  /** The environment whose document makes the call, and the one that was opened, as the language names them. */
  readonly context: CallContext
  /** Names of context values that make the subject, in order; the organisation and the environment unless said otherwise. */
  readonly subjectAttributes?: readonly string[]
  /** Further claims. */
  readonly claims?: Readonly<Record<string, string>>
}
