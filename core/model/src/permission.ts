/**
 * What can be permitted. `read` shows that something exists and its text with sealed values left sealed; `open` shows
 * plaintext; `audit` shows the log and who may do what; `observe` shows figures about the plane and no names; `admin` changes principals, roles, tokens and settings of the
 * organisation.
 */
export const permissions = [
  'read',
  'write',
  'delete',
  'open',
  'rotate',
  'deploy',
  'approve',
  'audit',
  'backup',
  'observe',
  'admin',
] as const
export type Permission = (typeof permissions)[number]
