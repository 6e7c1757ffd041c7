import { resolve } from 'node:path'
import type { CommandContext } from '../command.ts'
import { wholeNumber } from '../input/whole-number.ts'
import { DEFAULT_DATA } from '../plane/defaults.ts'

/** Starts or stops the router of a data folder. */
export async function run({ world, output, invocation, spec }: CommandContext): Promise<void> {
  const data = resolve(world.cwd, invocation.option('data') ?? DEFAULT_DATA)
  const port = wholeNumber(invocation.option('port'), '--port', spec.name) ?? 0
  const { startRouterOf, stopRouterOf } = await import('../local-plane.ts')
  if (invocation.flag('stop')) {
    const stopped = await stopRouterOf({ data })
    output.answer({ stopped }, () =>
      stopped ? 'the router ends, after the requests under way\n' : 'no router runs for this data folder\n',
    )
    return
  }
  const router = await startRouterOf({ data, port })
  output.answer(router, () => `the router ${router.adopted ? 'runs' : 'was started'} at ${router.url}, process ${router.pid}\n`)
}
