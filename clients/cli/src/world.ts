import type { Readable, Writable } from 'node:stream'

/**
 * What a command touches of the process it runs in. Commands take it from here and never from `process`, so a whole
 * terminal session can be replayed inside a test.
 */
export interface World {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Asks for a listener on signals, and returns how to take it away. */
  onSignal(signals: readonly NodeJS.Signals[], listener: (signal: NodeJS.Signals) => void): () => void
  /** Whether a program started from here may have the terminal itself; otherwise its streams are piped through. */
  readonly handsOverTerminal: boolean
}

/** The world of the process itself. */
export function processWorld(): World {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    onSignal(signals, listener) {
      for (const signal of signals) process.on(signal, listener)
      return () => {
        for (const signal of signals) process.off(signal, listener)
      }
    },
    handsOverTerminal: true,
  }
}
