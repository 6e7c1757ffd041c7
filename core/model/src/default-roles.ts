import type { Role } from './access.ts'

/** The roles every organisation starts with. They come with the program and are not edited; custom roles stand beside them. */
export function defaultRoles(organisation: string): readonly Role[] {
  const everywhere = [`${organisation}/*/*`]
  const production = [`${organisation}/*/production`, `${organisation}/*/prod`]
  return [
    role('owner', 'everything', [{ effect: 'allow', permissions: ['*'], environments: everywhere }]),
    role('admin', 'everything but opening secrets of production', [
      { effect: 'allow', permissions: ['*'], environments: everywhere },
      { effect: 'deny', permissions: ['open'], environments: production },
    ]),
    role('developer', 'reads everything, works on all but production', [
      { effect: 'allow', permissions: ['read'], environments: everywhere },
      { effect: 'allow', permissions: ['write', 'open', 'rotate', 'deploy'], environments: everywhere },
      { effect: 'deny', permissions: ['write', 'open', 'rotate', 'deploy', 'delete'], environments: production },
    ]),
    role('operator', 'deploys, rotates and approves everywhere', [
      { effect: 'allow', permissions: ['read', 'open', 'rotate', 'deploy', 'approve', 'backup'], environments: everywhere },
    ]),
    role('auditor', 'reads the audit log and what exists, opens nothing', [
      { effect: 'allow', permissions: ['read', 'audit'], environments: everywhere },
    ]),
    role('viewer', 'sees what exists, opens nothing', [{ effect: 'allow', permissions: ['read'], environments: everywhere }]),
  ]
}

function role(name: string, description: string, statements: Role['statements']): Role {
  return { name, description, statements }
}
