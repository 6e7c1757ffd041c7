import { end } from '../outcome.ts'
import { holdSignals } from '../run/hold-signals.ts'
import { runProgram } from '../run/run-program.ts'
import type { World } from '../world.ts'

/** The editor that was asked for; without one, vi on a terminal. */
export function editorOf({ env, stdin }: World): string {
  const editor = env['VISUAL'] || env['EDITOR']
  if (editor) return editor
  if (!stdin.isTTY) end('TERMINAL_REQUIRED', { what: 'an edit', instead: 'set EDITOR, or use --file FILE' })
  return 'vi'
}

/** Opens a file and waits for the editor to end. The shell takes the command apart, as `code --wait` has options. */
export async function openEditor(editor: string, file: string, world: World): Promise<number> {
  const signals = holdSignals(world)
  const set = Object.entries(world.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  try {
    const { exitCode } = await runProgram(['/bin/sh', '-c', `${editor} "$1"`, 'headgate', file], Object.fromEntries(set), world, signals)
    return exitCode
  } finally {
    signals.release()
  }
}
