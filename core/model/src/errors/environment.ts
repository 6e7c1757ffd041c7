import { defineErrors } from './entry.ts'

export const environmentErrors = defineErrors({
  REFERENCE_INVALID: {
    status: 400,
    message: '`{reference}` is not an environment: {reason}',
    hint: 'write project/environment, and @tag or @revision behind it where one is meant',
  },
  ENV_NOT_FOUND: { status: 404, message: 'there is no environment {environment}', hint: 'headgate env ls' },
  ENV_EXISTS: {
    status: 409,
    message: 'there is an environment {environment} already',
    hint: 'change it with `headgate env edit {environment}`',
  },
  ENV_IMPORTED: {
    status: 409,
    message: '{environment} is imported by {importers} and is not removed',
    hint: 'remove the imports first, or use --force',
  },
  REVISION_NOT_FOUND: { status: 404, message: '{environment} has no revision {revision}', hint: 'headgate env history {environment}' },
  REVISION_CONFLICT: {
    status: 409,
    message: '{environment} is at revision {actual}, and this change was made on revision {expected}',
    hint: 'look at what changed: headgate env diff {environment}@{expected} {environment}@{actual}',
  },
  TAG_NOT_FOUND: { status: 404, message: '{environment} has no revision tagged {tag}', hint: 'headgate env history {environment}' },
  TAG_INVALID: { status: 400, message: '`{tag}` cannot be a tag: {reason}' },
  TAG_CONFLICT: { status: 409, message: 'the tag {tag} of {environment} moved while this was on its way', hint: 'try again' },
  DOCUMENT_INVALID: { status: 400, message: '{environment} is not saved: {count} in its text' },
  DOCUMENT_TOO_LARGE: {
    status: 413,
    message: '{environment} would be {size} bytes, and a document may have {limit}',
    hint: 'split it, and import the parts',
  },
  HANDLE_FOREIGN: {
    status: 403,
    message: 'a sealed value at {path} belongs to another environment, which {principal} may not open',
    hint: 'enter the secret anew, or ask for the permission open on where it comes from',
  },
  HANDLE_INVALID: {
    status: 400,
    message: 'what stands as sealed value at {path} was not made by this Headgate, or was changed',
    hint: 'enter the secret anew',
  },
  PATH_NOT_FOUND: { status: 404, message: '{environment} has nothing at {path}', hint: 'headgate env get {environment}' },
  PATH_INVALID: { status: 400, message: '`{path}` is not a path: {reason}' },
  OPEN_FAILED: { status: 422, message: '{environment} cannot be opened: {count}' },
  NAME_INVALID: { status: 400, message: '`{name}` cannot be the name of {kind}: {reason}' },
})
