import type { ChildProcess } from 'node:child_process'
import type { World } from '../world.ts'

/** A terminal sends these to the program itself, which is in its foreground too; sent on, they would arrive twice. */
const FROM_KEYBOARD: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']
const SENT_ON: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']

/** While held, no signal ends this process, so what must be removed at the end is. */
export interface HeldSignals {
  /** The first signal that came before there was a program to send it to. */
  readonly early: NodeJS.Signals | undefined
  /** From now on the program is sent what comes. */
  sendTo(program: ChildProcess): void
  release(): void
}

export function holdSignals({ onSignal, stdin }: World): HeldSignals {
  let program: ChildProcess | undefined
  let early: NodeJS.Signals | undefined
  const take = (signal: NodeJS.Signals) => {
    if (!program) early ??= signal
    else if (!(stdin.isTTY && FROM_KEYBOARD.includes(signal))) program.kill(signal)
  }
  const release = onSignal([...FROM_KEYBOARD, ...SENT_ON], take)
  return {
    get early() {
      return early
    },
    sendTo(started) {
      program = started
    },
    release,
  }
}
