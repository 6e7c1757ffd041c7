import { defineErrors } from './entry.ts'

export const accessErrors = defineErrors({
  TOKEN_MISSING: {
    status: 401,
    message: 'this request carries no token',
    hint: 'send it as `authorization: Bearer TOKEN`; `headgate login` stores one',
  },
  TOKEN_INVALID: { status: 401, message: 'this token is not known here', hint: 'sign in again: headgate login' },
  TOKEN_EXPIRED: { status: 401, message: 'this token expired at {expired}', hint: 'sign in again: headgate login' },
  TOKEN_REVOKED: { status: 401, message: 'this token was revoked', hint: 'ask an administrator for another' },
  PERMISSION_DENIED: {
    status: 403,
    message: '{principal} may not {permission} {resource}',
    hint: 'ask for a role that allows {permission} there',
  },
  OPEN_DENIED_IMPORT: {
    status: 403,
    message: '{environment} imports {imported}, and {principal} may not open {imported}',
    hint: 'opening an environment needs the permission open on everything it imports',
  },
  PRINCIPAL_NOT_FOUND: { status: 404, message: 'there is no principal {principal}', hint: 'headgate access principals' },
  PRINCIPAL_EXISTS: { status: 409, message: 'there is a principal {principal} already' },
  ROLE_NOT_FOUND: { status: 404, message: 'there is no role {role}', hint: 'headgate access roles' },
  ROLE_INVALID: { status: 400, message: 'the role {role} cannot be used: {reason}' },
  PATTERN_INVALID: {
    status: 400,
    message: 'the resource pattern {pattern} is not a regular expression that runs in linear time: {reason}',
    hint: 'look-around and back-references are left out, as in RE2',
  },
  ROLE_PROTECTED: { status: 409, message: 'the role {role} comes with Headgate and is not changed or removed' },
})
