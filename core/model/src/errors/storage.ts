import { defineErrors } from './entry.ts'

export const storageErrors = defineErrors({
  DATA_LOCKED: {
    status: 503,
    message: 'the data folder {folder} is in use by process {pid}',
    hint: 'stop that plane first, or name another folder with --data',
  },
  DATA_NEWER: {
    status: 503,
    message: 'the database in {folder} is of format {found}, and this Headgate knows formats up to {known}',
    hint: 'use the Headgate that wrote it, or a newer one',
  },
  DATA_MISSING: {
    status: 404,
    message: 'there is no Headgate database in {folder}',
    hint: 'name the folder given to `headgate serve --data`',
  },
  DATA_DAMAGED: {
    status: 503,
    message: 'the database in {folder} cannot be read: {reason}',
    hint: 'keep a copy of the folder, and restore the last back-up into an empty one: headgate restore',
  },
  DATA_ROLLED_BACK: {
    status: 503,
    message: 'the database in {folder} is older than its own log: {found} records, but a signed checkpoint in {anchor} knows {kept}',
    hint: 'somebody put an older copy back, or records were cut off; `headgate audit verify --data` tells more',
  },
  LOG_DIVERGED: {
    status: 503,
    message: 'the audit log of {folder} is not the one that was signed: it does not fit the checkpoint in {place}',
    hint: 'see what was changed: headgate audit verify --data {folder}; a new data folder takes a key file that no other has used',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    message: 'nothing can be written to the database now ({reason}), so nothing was changed or handed out',
    hint: 'make room on the disk, or look at its health; Headgate goes on by itself afterwards',
  },
  STORE_UNCERTAIN: {
    status: 503,
    message: 'the connection to the database was lost while this was committed ({reason}), so it may have been written or not',
    hint: 'look whether it is there before doing it again',
  },
  DATABASE_ADDRESS_INVALID: {
    status: 400,
    message: 'this is no address of a PostgreSQL database: {reason}',
    hint: 'it has the form postgres://user@host:port/database?sslmode=verify-full',
  },
  DATABASE_UNREACHABLE: {
    status: 503,
    message: 'the database at {place} cannot be reached: {reason}',
    hint: 'see that the server runs, that the address is right and that it lets this user in',
  },
  DATABASE_UNSUITABLE: { status: 503, message: 'the database at {place} cannot be used: {reason}' },
  STORE_FULL: {
    status: 507,
    message: 'the disk of {place} is full, so nothing could be recorded, and nothing was changed or handed out',
    hint: 'make room there, or let old records go: headgate audit prune; signing in, status, pruning and export still work, and Headgate goes on by itself',
  },
  AUDIT_RECORD_NOT_FOUND: {
    status: 404,
    message: 'there is no audit record of change {record}',
    hint: 'it may have been let go of with an old segment; numbers are in `headgate audit ls`, as change',
  },
  CHECKPOINT_FOREIGN: {
    status: 400,
    message: 'this is not a checkpoint signed by the log {log}',
    hint: 'give the text that `headgate audit checkpoint` printed, as it is',
  },
  CHECKPOINT_NEWER: {
    status: 409,
    message:
      'the log has {size} records, and this checkpoint of it says {claimed}: records were cut off, or an older database was put back',
    hint: 'see what is missing: headgate audit verify',
  },
  STORE_CLOSED: { status: 503, message: 'the database is closed: this plane is stopping' },
  CHANGE_CONFLICT: {
    status: 409,
    message: '{what} changed while this was on its way ({reason})',
    hint: 'look at it again, then try again',
  },
  ROW_TAMPERED: {
    status: 500,
    message: 'the row {key} of {table} was changed outside of Headgate and is not used',
    hint: 'see what else was changed: headgate audit verify',
  },
  SEAL_TAMPERED: {
    status: 500,
    message: 'the sealed {type} {id} is damaged, or was moved there from somewhere else, and is not opened',
    hint: 'see what else was changed: headgate audit verify',
  },
  SEAL_UNKNOWN: {
    status: 500,
    message: 'the sealed {type} {id} is of a form this Headgate does not know ({reason})',
    hint: 'use the Headgate that wrote it, or a newer one',
  },
  KEY_UNKNOWN: {
    status: 500,
    message: 'the sealed {type} {id} needs the data key {key}, which is not in the keyring',
    hint: 'see what else is missing: headgate audit verify',
  },
  KEY_MISSING: {
    status: 503,
    message: 'no root key of this data folder was found: looked for it at {place}',
    hint: 'put it back from your back-up of it, or say where it is (--key-source, --key-file); without it nothing can be opened',
  },
  KEY_WRONG: {
    status: 503,
    message: 'the key at {place} (id {found}) is not the root key of this data folder (id {wanted})',
    hint: 'say where the root key of this data folder is: --key-source, --key-file; after a rotation, where the new one is',
  },
  KEY_EXPOSED: {
    status: 503,
    message: 'the key file {file} can be read by others (mode {mode})',
    hint: 'chmod 600 {file}; if others were on this machine, rotate the root key',
  },
  KEY_IN_DATA: {
    status: 400,
    message: 'the key file {file} would be in the data folder {folder}, so that a copy of the data is a copy of the key',
    hint: 'name a place outside of it with --key-file, or leave it out: then it is in your configuration folder',
  },
  KEY_UNREADABLE: { status: 503, message: 'the key at {place} cannot be read: {reason}' },
  KEY_PASSPHRASE_WRONG: {
    status: 503,
    message: 'the passphrase does not open the root key of this data folder',
    hint: 'give the passphrase that was set last; capitals and spaces count',
  },
  KEY_PASSPHRASE_WEAK: {
    status: 400,
    message: 'a passphrase of {length} characters is too short to protect everything with; {least} are the least',
    hint: 'take several words that nobody would guess together',
  },
  KEY_UNCHANGED: {
    status: 409,
    message: 'the new root key is the one in use',
    hint: 'make a new one: headgate secrets new-key',
  },
  KEY_SOURCE_ABSENT: {
    status: 409,
    message: 'this plane was started without {source}, so no root key can be put there',
    hint: 'start it with the options for {source} beside the ones it has, then rotate',
  },
  KMS_INSECURE: { status: 400, message: 'the key service at {url} cannot be used: {reason}' },
  KMS_UNREACHABLE: {
    status: 503,
    message: 'the key service at {url} cannot be reached ({reason})',
    hint: 'start it, or look at the way to it; nothing was changed',
  },
  KMS_REFUSED: { status: 503, message: 'the key service at {url} refuses (status {status}): {reason}' },
  KMS_ANSWER_INVALID: { status: 503, message: 'the answer of the key service at {url} cannot be used: {reason}' },
  ROTATION_RUNNING: {
    status: 409,
    message: 'keys are being rotated already ({what}, {state})',
    hint: 'see how far it is: headgate secrets keys; then finish it or undo it',
  },
  ROTATION_MISSING: { status: 404, message: 'no rotation of keys is under way' },
  ROTATION_NOT_READY: {
    status: 409,
    message: 'the rotation of keys is {state}, and {what} has to wait',
    hint: 'see how far it is: headgate secrets keys',
  },
  ROTATION_UNVERIFIED: {
    status: 409,
    message: 'keys are not rotated over data that does not verify ({count}, the first: {first})',
    hint: 'see all of it: headgate audit verify',
  },
  KEY_EXISTS: {
    status: 409,
    message: 'there is a different key at {place} already, and it is left as it is',
    hint: 'move it away, or name another place for the key',
  },
  BACKUP_LOCKED: {
    status: 400,
    message: 'this back-up does not open with what was given ({reason})',
    hint: 'give the identity or the passphrase it was made for',
  },
  BACKUP_DAMAGED: { status: 400, message: 'this back-up is damaged: {reason}', hint: 'use another copy of it; nothing was restored' },
  BACKUP_NEWER: {
    status: 400,
    message: 'this back-up is of format {found}, and this Headgate knows formats up to {known}',
    hint: 'use the Headgate that wrote it, or a newer one',
  },
  RESTORE_NOT_EMPTY: {
    status: 409,
    message: '{folder} is not empty, and a restore overwrites nothing',
    hint: 'name a folder that is empty or not there',
  },
  RESTORE_BESIDE: {
    status: 409,
    message:
      'the plane of this back-up is still in {folder}, and would be refused as rolled back once another copy has its key and checkpoint',
    hint: 'to try the back-up beside it, give it a key file of its own: --key-file FILE; to go back for good, --take-over, and do not start {folder} again',
  },
  RESTORE_REFUSED: {
    status: 400,
    message: 'what is in this back-up does not verify ({count}, the first: {first}); nothing was restored',
    hint: 'use another back-up',
  },
  BACKUP_RECIPIENT_INVALID: { status: 400, message: '`{recipient}` is not an age recipient', hint: 'a recipient starts with age1' },
})
