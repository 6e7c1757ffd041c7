import { constants } from 'node:os'

/** Somebody pressed Ctrl-C at a question. Nothing was changed, and nothing needs saying. */
export class Interrupted extends Error {
  readonly number: number = constants.signals.SIGINT

  constructor() {
    super('interrupted')
    this.name = 'Interrupted'
  }
}
