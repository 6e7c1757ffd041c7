import type { Answer } from '@headgate/contract'
import { timeText } from './wire-route.ts'

type Listed = Answer<'listEnvironments'>['environments'][number]

/** Somebody as the protocol shows them: there is no more of them than their name. */
export function person(name: string) {
  return { githubLogin: name, name, avatarUrl: '' }
}

/** An environment in a list. */
export function orgEnvironment({ id, organisation, project, environment, created, changed, details }: Listed) {
  return {
    id,
    organization: organisation,
    project,
    name: environment,
    created: timeText(created),
    modified: timeText(changed),
    ownedBy: person(details?.owner ?? ''),
    tags: details?.labels ?? {},
    settings: { deletionProtected: details?.deletionProtected ?? false },
    referrerMetadata: { environmentReferrerCount: details?.importers ?? 0, stackReferrerCount: 0, insightsAccountReferrerCount: 0 },
  }
}

const PAGE = 500

/** One page of a list that is in order already. The token names the last entry of the page before. */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (entry: T) => string,
  token: string | undefined,
  limit: number | undefined,
): { readonly page: readonly T[]; readonly next: string } {
  const after = token === undefined ? undefined : Buffer.from(token, 'base64url').toString('utf8')
  const from = after === undefined ? 0 : all.findIndex((entry) => keyOf(entry) > after)
  const page = from < 0 ? [] : all.slice(from, from + Math.min(limit ?? PAGE, PAGE))
  const last = page.at(-1)
  const more = last !== undefined && all.at(-1) !== last
  return { page, next: more ? Buffer.from(keyOf(last)).toString('base64url') : '' }
}
