import type { ChildProcess } from 'node:child_process'
import type { World } from '../world.ts'

/** A terminal sends these to the program itself, which is in its foreground too; sent on, they would arrive twice. */
const FROM_KEYBOARD: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']
const SENT_ON: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']
/** Whoever sends one of these wants an end; without a program to send it to, there is none to begin any more. */
const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP']

/** While held, no signal ends this process, so what must be removed at the end is. */
export interface HeldSignals {
  /** The first signal that came before there was a program to send it to. */
  readonly early: NodeJS.Signals | undefined
  /** The last signal that asked for an end, whether a program heard it or not. */
  readonly ending: NodeJS.Signals | undefined
  /** From now on the program is sent what comes. */
  sendTo(program: Pick<ChildProcess, 'kill'>): void
  release(): void
}

export function holdSignals({ onSignal, stdin }: Pick<World, 'onSignal' | 'stdin'>): HeldSignals {
  let program: Pick<ChildProcess, 'kill'> | undefined
  let early: NodeJS.Signals | undefined
  let ending: NodeJS.Signals | undefined
  const take = (signal: NodeJS.Signals) => {
    if (ENDING.includes(signal)) ending = signal
    if (!program) early ??= signal
    else if (!(stdin.isTTY && FROM_KEYBOARD.includes(signal))) program.kill(signal)
  }
  const release = onSignal([...FROM_KEYBOARD, ...SENT_ON], take)
  return {
    get early() {
      return early
    },
    get ending() {
      return ending
    },
    sendTo(started) {
      program = started
    },
    release,
  }
}
