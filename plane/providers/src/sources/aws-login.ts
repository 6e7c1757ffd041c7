import type { CallContext, Inputs } from '@headgate/lang'
import { recordOf, textOf, textsOf } from '../input-values.ts'
import { type Opened, type OutsideSource, SourceFault } from '../outside-source.ts'
import { listOf, record, text } from '../schemas.ts'
import type { Surroundings } from '../surroundings.ts'
import { askAws, awsAddress, awsCredentials, awsSettings, credentialsOf } from './aws-client.ts'

const inputs = record(
  {
    oidc: record(
      { roleArn: text(), sessionName: text(), duration: text(), policyArns: listOf(text()), subjectAttributes: listOf(text()) },
      ['duration', 'policyArns', 'subjectAttributes'],
    ),
    static: awsCredentials,
  },
  ['oidc', 'static'],
)

/** Where roles are assumed; the credentials are good in every region. */
const STS_REGION = 'us-east-1'
const TWO_HOURS = 7200

/** `aws-login`: credentials of AWS, by assuming a role with the plane's own identity (`oidc`) or as they were given. */
export function awsLogin(surroundings: Surroundings): OutsideSource {
  return {
    inputs,
    outputs: awsCredentials,
    async open(given, context): Promise<Opened> {
      const oidc = recordOf(given, 'oidc')
      const fixed = recordOf(given, 'static')
      if ((oidc === undefined) === (fixed === undefined)) throw new SourceFault('aws-login needs one of oidc and static, and not both')
      return { value: fixed ? credentialsOf(fixed) : await assumeRole(surroundings, oidc as Inputs, context), secret: true }
    },
  }
}

async function assumeRole(surroundings: Surroundings, oidc: Inputs, context: CallContext) {
  const { identity, rules } = surroundings
  const address = new URL(awsAddress(surroundings.awsEndpoint, 'sts', STS_REGION))
  rules.check(address)
  const role = textOf(oidc, 'roleArn') ?? ''
  const subjectAttributes = textsOf(oidc, 'subjectAttributes')
  const token = await identity.token({ audience: 'aws', context, ...(subjectAttributes ? { subjectAttributes } : {}) })
  const { AssumeRoleWithWebIdentityCommand, STSClient } = await import('@aws-sdk/client-sts')
  const client = new STSClient(awsSettings(surroundings, 'sts', STS_REGION, { accessKeyId: '', secretAccessKey: '' }))
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: role,
    RoleSessionName: textOf(oidc, 'sessionName'),
    WebIdentityToken: token,
    DurationSeconds: secondsOf(textOf(oidc, 'duration')),
    PolicyArns: textsOf(oidc, 'policyArns')?.map((arn) => ({ arn })),
  })
  const send = (abortSignal: AbortSignal) => client.send(command, { abortSignal })
  const answer = await askAws(surroundings, address.href, `assuming the role ${role}`, send, context.signal)
  const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials ?? {}
  if (!AccessKeyId || !SecretAccessKey) throw new SourceFault(`AWS let the role ${role} be assumed and gave no credentials`)
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, ...(SessionToken ? { sessionToken: SessionToken } : {}) }
}

/** A duration such as `1h`, `90m` or `1h30m`, in seconds. */
function secondsOf(duration: string | undefined): number {
  if (duration === undefined) return TWO_HOURS
  const [, hours = '0', minutes = '0', seconds = '0'] = /^(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/.exec(duration) ?? []
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  if (total < 900 || total > 43_200)
    throw new SourceFault(`${JSON.stringify(duration)} is no duration of an AWS session; one from 15m to 12h, such as 1h30m, is looked for`)
  return total
}
