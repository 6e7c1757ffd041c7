import type { CommandContext } from '../../command.ts'

/** Prints a new root key. Nothing keeps it but whoever asked. */
export async function run({ output }: CommandContext): Promise<void> {
  const { makeRootKey } = await import('../../local-plane.ts')
  const key = makeRootKey().reveal()
  output.answer({ key }, () => `${key}\n`)
}
