import type { Role } from './access.ts'

/** What counts as production where nothing else is said: environments of these names, in any project. */
const PRODUCTION = ['production', 'prod', 'production-*', 'prod-*', '*-production', '*-prod']

/** The roles every organisation starts with. They come with the program and are not edited; custom roles stand beside them. */
export function defaultRoles(organisation: string): readonly Role[] {
  const everywhere = [`${organisation}/*/*`]
  const production = PRODUCTION.map((name) => `${organisation}/*/${name}`)
  return [
    role('owner', 'everything', [{ effect: 'allow', permissions: ['*'], environments: everywhere }]),
    role('admin', 'everything but opening secrets of production', [
      { effect: 'allow', permissions: ['*'], environments: everywhere },
      { effect: 'deny', permissions: ['open'], environments: production },
    ]),
    role('developer', 'reads everything, works on all but production', [
      { effect: 'allow', permissions: ['read', 'write', 'delete', 'open', 'rotate', 'deploy'], environments: everywhere },
      { effect: 'deny', permissions: ['write', 'delete', 'open', 'rotate', 'deploy'], environments: production },
    ]),
    role('operator', 'opens, deploys, rotates and approves everywhere, makes back-ups', [
      { effect: 'allow', permissions: ['read', 'open', 'rotate', 'deploy', 'approve', 'backup', 'observe'], environments: everywhere },
    ]),
    role('auditor', 'reads the audit log, what exists and who may do what; opens nothing', [
      { effect: 'allow', permissions: ['read', 'audit', 'observe'], environments: everywhere },
    ]),
    role('opener', 'reads and opens; what an access request gives, on one environment and until a time', [
      { effect: 'allow', permissions: ['read', 'open'], environments: everywhere },
    ]),
    role('viewer', 'sees what exists, opens nothing', [{ effect: 'allow', permissions: ['read'], environments: everywhere }]),
  ]
}

/** What is bound to whoever asked for access, confined to one environment and a time. */
export const OPENER_ROLE = 'opener'

/** The role whose last holder cannot be taken away. */
export const OWNER_ROLE = 'owner'

function role(name: string, description: string, statements: Role['statements']): Role {
  return { name, description, statements }
}
