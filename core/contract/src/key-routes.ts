/** The keys of the installation: what there is, and their rotation. Keys themselves never pass, but a new root key that somebody hands over. */
import { defineRoutes } from './route.ts'

const keys = '/api/v1/keys'

export const keyRoutes = defineRoutes({
  readKeys: {
    method: 'GET',
    path: keys,
    summary: 'Where the root key is, how many data keys there are, and how far their rotation is',
    permission: 'admin',
    on: 'organisation',
    audit: { none: 'names, counts and times' },
    errors: [],
  },
  rotateKeys: {
    method: 'POST',
    path: `${keys}/rotation`,
    summary: 'Begin to rotate the root key, the data keys, or both; it goes on beside everything else',
    permission: 'admin',
    on: 'organisation',
    audit: 'keys.rotate',
    errors: [
      'ROTATION_RUNNING',
      'ROTATION_UNVERIFIED',
      'KEY_EXISTS',
      'KEY_UNCHANGED',
      'KEY_UNREADABLE',
      'KEY_EXPOSED',
      'KEY_SOURCE_ABSENT',
      'KEY_PASSPHRASE_WEAK',
      'KMS_UNREACHABLE',
      'KMS_REFUSED',
      'KMS_ANSWER_INVALID',
      'CHANGE_CONFLICT',
    ],
  },
  undoKeys: {
    method: 'POST',
    path: `${keys}/rotation/undo`,
    summary: 'Bring everything back under the keys there were before the rotation',
    permission: 'admin',
    on: 'organisation',
    audit: 'keys.undo',
    errors: ['ROTATION_MISSING', 'ROTATION_NOT_READY', 'CHANGE_CONFLICT'],
  },
  finishKeys: {
    method: 'POST',
    path: `${keys}/rotation/finish`,
    summary: 'Count once more that nothing is under the old keys, and take them away for good',
    permission: 'admin',
    on: 'organisation',
    audit: 'keys.finish',
    errors: ['ROTATION_MISSING', 'ROTATION_NOT_READY', 'CHANGE_CONFLICT'],
  },
})
