import type { Inputs } from '@headgate/lang'
import { recordOf, recordsOf, textOf } from '../input-values.ts'
import { type OutsideSource, SourceFault } from '../outside-source.ts'
import { mapOf, record, text } from '../schemas.ts'
import type { Surroundings } from '../surroundings.ts'
import { askAws, awsCredentials, awsSettings, credentialsOf, regionOf } from './aws-client.ts'

const inputs = record({
  region: text(),
  login: awsCredentials,
  get: mapOf(record({ secretId: text(), versionId: text(), versionStage: text() }, ['versionId', 'versionStage'])),
})

/** `aws-secrets`: secrets of AWS Secrets Manager by name; text as it is, bytes in base64. */
export function awsSecrets(surroundings: Surroundings): OutsideSource {
  return {
    inputs,
    outputs: mapOf(true),
    async open(given, context) {
      const settings = awsSettings(surroundings, 'secretsmanager', regionOf(given), credentialsOf(recordOf(given, 'login')))
      surroundings.rules.check(new URL(settings.endpoint))
      const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager')
      const client = new SecretsManagerClient(settings)
      const read = async ([name, wanted]: readonly [string, Inputs]) => {
        const secret = textOf(wanted, 'secretId') ?? ''
        const command = new GetSecretValueCommand({
          SecretId: secret,
          VersionId: textOf(wanted, 'versionId'),
          VersionStage: textOf(wanted, 'versionStage'),
        })
        const send = (abortSignal: AbortSignal) => client.send(command, { abortSignal })
        const answer = await askAws(surroundings, settings.endpoint, `reading the secret ${secret}`, send, context.signal)
        const { SecretString, SecretBinary } = answer
        if (SecretString === undefined && SecretBinary === undefined)
          throw new SourceFault(`the AWS secret ${secret} has no value in that version`)
        return [name, SecretString ?? Buffer.from(SecretBinary as Uint8Array).toString('base64')] as const
      }
      return { value: new Map(await Promise.all(recordsOf(given, 'get').map(read))), secret: true }
    },
  }
}
