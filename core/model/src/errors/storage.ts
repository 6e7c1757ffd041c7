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
    hint: 'see what was changed: headgate audit verify --data {folder}',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    message: 'nothing can be written to the database now ({reason}), so nothing was changed or handed out',
    hint: 'make room on the disk, or look at its health; Headgate goes on by itself afterwards',
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
    message: 'the root key of this data folder is not at {place}',
    hint: 'put the key back from your back-up of it, or name where it is; without it nothing can be opened',
  },
  KEY_WRONG: {
    status: 503,
    message: 'the key at {place} (id {found}) is not the root key of this data folder (id {wanted})',
    hint: 'name the key file that was made with this data folder',
  },
  KEY_EXPOSED: {
    status: 503,
    message: 'the key file {file} can be read by others (mode {mode})',
    hint: 'chmod 600 {file}; if others were on this machine, rotate the root key',
  },
  KEY_UNREADABLE: { status: 503, message: 'the key at {place} cannot be read: {reason}' },
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
  RESTORE_REFUSED: {
    status: 400,
    message: 'what is in this back-up does not verify ({count}, the first: {first}); nothing was restored',
    hint: 'use another back-up',
  },
  BACKUP_RECIPIENT_INVALID: { status: 400, message: '`{recipient}` is not an age recipient', hint: 'a recipient starts with age1' },
})
