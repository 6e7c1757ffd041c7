import { type WireRoute, answerWith, json } from './wire-route.ts'

/** Newest client that was tested, and the oldest that speaks everything used here. */
const CLIENT = { latestVersion: '3.259.0', oldestWithoutWarning: '3.243.0', latestDevVersion: '3.259.0' }

/** Who signs in, and what clients ask before they do anything. */
export const accountRoutes: readonly WireRoute[] = [
  {
    method: 'GET',
    path: '/user',
    answer: async ({ ask }) =>
      answerWith(await ask('getSession'), ({ user, kind, organisation, organisations, token, roles }) =>
        json({
          id: user,
          githubLogin: user,
          name: user,
          email: '',
          avatarUrl: '',
          organizations: organisations.map((name) => ({
            githubLogin: name,
            name,
            avatarUrl: '',
            role: roles.includes('owner') ? 'admin' : 'member',
          })),
          identities: [],
          hasMFA: false,
          isManagedByMultiOrg: false,
          isOrgManaged: false,
          siteAdmin: roles.includes('owner'),
          // Of a person's own token there is nothing more to say; clients take this for one of an organisation.
          ...(kind === 'machine' ? { tokenInfo: { name: token.name, organization: organisation, team: '' } } : {}),
        }),
      ),
  },
  {
    method: 'GET',
    path: '/user/organizations/default',
    answer: async ({ ask }) => answerWith(await ask('getSession'), ({ organisation }) => json({ GitHubLogin: organisation, Messages: [] })),
  },
  // Nothing optional is spoken: stacks are not kept here, and every capability is about them.
  { method: 'GET', path: '/capabilities', open: true, answer: async () => json({ capabilities: [] }) },
  { method: 'GET', path: '/cli/version', open: true, answer: async () => json(CLIENT) },
]
