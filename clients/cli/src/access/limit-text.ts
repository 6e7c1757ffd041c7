import type { Answer } from '@headgate/contract'

/** What a token is confined to, in a few words; empty where it may do all its principal may. */
export function limitText(limit: Answer<'readToken'>['limit']): string {
  const { roles, permissions, environments } = limit ?? {}
  const parts = [
    ...(roles ? [`as ${roles.join(', ')}`] : []),
    ...(permissions ? [`only ${permissions.join(', ')}`] : []),
    ...(environments ? [`on ${environments.join(', ')}`] : []),
  ]
  return parts.join(', ')
}
