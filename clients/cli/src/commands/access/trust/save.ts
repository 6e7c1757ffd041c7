import type { Permission } from '@headgate/model'
import { scopeOf, wordOf } from '../../../access/terms.ts'
import { trustText } from '../../../access/trust-text.ts'
import type { CommandContext } from '../../../command.ts'
import { wholeNumber } from '../../../input/whole-number.ts'
import { end, need } from '../../../outcome.ts'

const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'

/** Makes a trust rule, or replaces what one says: the two commands differ by their name alone. */
export async function run(context: CommandContext): Promise<void> {
  const { output, invocation, connect, spec } = context
  const name = wordOf(context, 'rule')
  const required = (option: string) => invocation.option(option) ?? end('USAGE', { reason: `--${option} is missing`, command: spec.name })
  const lifetime = wholeNumber(invocation.option('lifetime'), '--lifetime', spec.name)
  const claims = claimsOf(context)
  const { client } = await connect()
  const environments = await scopeOf(context)
  const permissions = [...(invocation.options('permission') as readonly Permission[])]
  const limit = { ...(permissions.length > 0 ? { permissions } : {}), ...(environments ? { environments } : {}) }
  const terms = {
    issuer: invocation.option('issuer') ?? GITHUB_ISSUER,
    audience: required('audience'),
    claims,
    principal: required('for'),
    ...(Object.keys(limit).length > 0 ? { limit } : {}),
    ...(lifetime === undefined ? {} : { lifetime }),
    once: invocation.flag('once'),
  }
  const creates = spec.name === 'access trust create'
  const rule = need(
    creates
      ? await client.call('createTrustRule', { body: { name, ...terms } })
      : await client.call('updateTrustRule', { params: { rule: name }, body: terms }),
  )
  output.answer(rule, () => trustText(rule, output))
}

/** `--claim sub=repo:acme/shop:*`; the same claim twice means either value. */
function claimsOf({ invocation, spec }: CommandContext): Record<string, string[]> {
  const claims: Record<string, string[]> = {}
  for (const text of invocation.options('claim')) {
    const equals = text.indexOf('=')
    if (equals < 1) end('USAGE', { reason: `--claim takes NAME=VALUE, not ${text}`, command: spec.name })
    ;(claims[text.slice(0, equals)] ??= []).push(text.slice(equals + 1))
  }
  return claims
}
