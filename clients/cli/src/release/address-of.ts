import type { Answer } from '@headgate/contract'

/** Where a service is reached through the router; undefined while none runs. */
export function addressOf(domain: string, router: Answer<'readStatus'>['router']): string | undefined {
  return router.url === undefined ? undefined : `http://${domain}:${new URL(router.url).port}`
}
