import type { Inputs } from '@headgate/lang'
import { flagOf, recordOf, recordsOf, textOf } from '../input-values.ts'
import { type OutsideSource, SourceFault } from '../outside-source.ts'
import { flag, mapOf, record, text } from '../schemas.ts'
import type { Surroundings } from '../surroundings.ts'
import { askAws, awsCredentials, awsSettings, credentialsOf, regionOf } from './aws-client.ts'

const inputs = record({
  region: text(),
  login: awsCredentials,
  get: mapOf(record({ name: text('`name`, `name:version` or `name:label`'), decrypt: flag() }, ['decrypt'])),
})

/** `aws-parameter-store`: parameters by name, version or label; a StringList as a list, a SecureString as a secret. */
export function awsParameterStore(surroundings: Surroundings): OutsideSource {
  return {
    inputs,
    outputs: mapOf(true),
    async open(given, context) {
      const settings = awsSettings(surroundings, 'ssm', regionOf(given), credentialsOf(recordOf(given, 'login')))
      surroundings.rules.check(new URL(settings.endpoint))
      const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm')
      const client = new SSMClient(settings)
      const secrets = new Set<string>()
      const read = async ([key, wanted]: readonly [string, Inputs]) => {
        const name = textOf(wanted, 'name') ?? ''
        const command = new GetParameterCommand({ Name: name, WithDecryption: flagOf(wanted, 'decrypt') ?? false })
        const send = (abortSignal: AbortSignal) => client.send(command, { abortSignal })
        const { Parameter } = await askAws(surroundings, settings.endpoint, `reading the parameter ${name}`, send, context.signal)
        if (Parameter?.Value === undefined) throw new SourceFault(`the AWS parameter ${name} has no value`)
        if (Parameter.Type === 'SecureString') secrets.add(key)
        return [key, Parameter.Type === 'StringList' ? Parameter.Value.split(',') : Parameter.Value] as const
      }
      return { value: new Map(await Promise.all(recordsOf(given, 'get').map(read))), secret: secrets }
    },
  }
}
