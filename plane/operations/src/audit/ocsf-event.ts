import type { AuditEvent } from '@headgate/model'

const OCSF_VERSION = '1.3.0'
/** Classes of the Open Cybersecurity Schema Framework: identity and access management, and application activity. */
const AUTHENTICATION = { category_uid: 3, class_uid: 3002, class_name: 'Authentication' } as const
const API_ACTIVITY = { category_uid: 6, class_uid: 6003, class_name: 'API Activity' } as const
const LOGON = { activity_id: 1, activity_name: 'Logon' } as const
const activities = {
  create: { activity_id: 1, activity_name: 'Create' },
  read: { activity_id: 2, activity_name: 'Read' },
  update: { activity_id: 3, activity_name: 'Update' },
  delete: { activity_id: 4, activity_name: 'Delete' },
  other: { activity_id: 99, activity_name: 'Other' },
} as const

/** What the verb of an action comes to. One that is not here is an activity of its own name. */
const verbs: Readonly<Record<string, keyof typeof activities>> = {
  create: 'create',
  mint: 'create',
  clone: 'create',
  assemble: 'create',
  read: 'read',
  open: 'read',
  unseal: 'read',
  export: 'read',
  verify: 'read',
  save: 'update',
  update: 'update',
  change: 'update',
  tag: 'update',
  untag: 'update',
  rename: 'update',
  restore: 'update',
  rotate: 'update',
  apply: 'update',
  rollback: 'update',
  delete: 'delete',
  remove: 'delete',
  revoke: 'delete',
  purge: 'delete',
  prune: 'delete',
}

const outcomes = {
  ok: { status_id: 1, status: 'Success', severity_id: 1, severity: 'Informational' },
  denied: { status_id: 2, status: 'Failure', severity_id: 3, severity: 'Medium' },
  failed: { status_id: 2, status: 'Failure', severity_id: 2, severity: 'Low' },
} as const

/** An audit record as an OCSF event: an authentication for what is done to a session, API activity for the rest. */
export function ocsfEvent(event: AuditEvent, plane: { readonly organisation: string; readonly version: string }): Record<string, unknown> {
  const { details = {}, action, actor, actorName, resource } = event
  const [noun = '', verb = ''] = action.split('.')
  const signIn = noun === 'session'
  const kind = signIn ? AUTHENTICATION : API_ACTIVITY
  const activity = signIn ? LOGON : { ...activities[verbs[verb] ?? 'other'], ...(verb in verbs ? {} : { activity_name: verb }) }
  const user = { name: actorName, ...(actor === null ? {} : { uid: actor }), org: { name: plane.organisation } }
  return {
    ...kind,
    ...activity,
    type_uid: kind.class_uid * 100 + activity.activity_id,
    time: event.time,
    ...outcomes[event.outcome],
    ...(typeof details['code'] === 'string' ? { status_code: details['code'] } : {}),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Headgate', vendor_name: 'Headgate', version: plane.version },
      uid: String(event.change),
      log_name: 'audit',
      ...(event.leaf === null ? {} : { sequence: event.leaf }),
    },
    actor: { user },
    ...(signIn ? { user } : {}),
    api: { operation: action, ...requestOf(details) },
    resources: [{ name: resource, type: resource.split(':')[0] }],
    ...(typeof details['address'] === 'string' ? { src_endpoint: { ip: details['address'] } } : {}),
    unmapped: details,
  }
}

/** The request it answers. What goes out with a change answers the requests by which sockets were opened: the first stands for all. */
function requestOf({ request, sessions }: NonNullable<AuditEvent['details']>): { request?: Record<string, unknown> } {
  if (typeof request === 'string') return { request: { uid: request } }
  if (!Array.isArray(sessions) || typeof sessions[0] !== 'string') return {}
  return { request: { uid: sessions[0], ...(sessions.length > 1 ? { data: { sessions } } : {}) } }
}
