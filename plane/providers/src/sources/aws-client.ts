import type { Inputs } from '@headgate/lang'
import { textOf } from '../input-values.ts'
import { SourceFault } from '../outside-source.ts'
import type { Surroundings } from '../surroundings.ts'
import { record, text } from '../schemas.ts'

export const awsCredentials = record({ accessKeyId: text(), secretAccessKey: text(), sessionToken: text() }, ['sessionToken'])

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export function credentialsOf(login: Inputs | undefined): AwsCredentials {
  const sessionToken = textOf(login, 'sessionToken')
  return {
    accessKeyId: textOf(login, 'accessKeyId') ?? '',
    secretAccessKey: textOf(login, 'secretAccessKey') ?? '',
    ...(sessionToken ? { sessionToken } : {}),
  }
}

/** A region becomes part of a host name, so it must be one. */
export function regionOf(given: Inputs): string {
  const region = textOf(given, 'region') ?? ''
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
    throw new SourceFault(`${JSON.stringify(region)} is no AWS region; one such as eu-central-1 is looked for`)
  return region
}

/** The settings of every AWS client: our connections, our retries, and no credentials of the plane's own machine. */
export function awsSettings({ http, awsEndpoint }: Surroundings, service: string, region: string, credentials: AwsCredentials) {
  return {
    region,
    credentials,
    endpoint: awsAddress(awsEndpoint, service, region),
    maxAttempts: 1,
    requestHandler: { httpAgent: http.agents.http, httpsAgent: http.agents.https },
  }
}

/** Where a service is asked: AWS's own address of it in the region, or what the operator set for all of them. */
export function awsAddress(endpoint: string | undefined, service: string, region: string): string {
  return endpoint ?? `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
}

/**
 * One question to AWS within the limits of its address.
 *
 * @param asked what is asked, in words, for when it is refused
 * @throws SourceFault
 */
export async function askAws<T>(
  { limits }: Surroundings,
  address: string,
  asked: string,
  send: (abortSignal: AbortSignal) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const call = (abortSignal: AbortSignal) =>
    send(abortSignal).catch((error: unknown) => {
      throw awsFault(error, asked)
    })
  return limits.run(new URL(address).origin, call, signal)
}

/** A refusal of AWS in words: its code, never its sentence, which may repeat what it was sent. */
function awsFault(error: unknown, asked: string): SourceFault {
  if (error instanceof SourceFault) return error
  const { name, $metadata, $retryable } = error as { name?: string; $metadata?: { httpStatusCode?: number }; $retryable?: object }
  const status = $metadata?.httpStatusCode
  const code = typeof name === 'string' && /^[A-Za-z.]{1,80}$/.test(name) ? name : 'an error'
  const passing =
    status === undefined || status >= 500 || status === 429 || $retryable !== undefined || /Throttl|TooManyRequests/.test(code)
  return new SourceFault(`AWS answered ${code}${status === undefined ? '' : ` (${status})`} to ${asked}`, { passing, cause: error })
}
