import type { Body } from '@headgate/contract'
import type { CommandContext } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { askPassphrase } from '../../input/key-choice.ts'
import { followRotation, restOf, sayRotation } from '../../keys/follow-rotation.ts'
import { end, need } from '../../outcome.ts'

type What = Body<'rotateKeys'>['what']
type Target = NonNullable<Body<'rotateKeys'>['to']>

const whats: readonly What[] = ['root', 'data', 'all']

/** Begins a rotation and watches it until everything is under the new keys; the old ones stay unless --finish is given. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { output, invocation, spec, connect } = context
  const what = whats.find((each) => each === invocation.argument('what'))
  if (!what) return end('USAGE', { reason: `what is rotated is one of ${whats.join(', ')}`, command: spec.name })
  const wait = !invocation.flag('detach')
  const finish = invocation.flag('finish')
  if (finish && !wait) end('USAGE', { reason: '--finish waits, so it excludes --detach', command: spec.name })
  const to = await targetOf(context, what)
  const { client } = await connect()
  need(await client.call('rotateKeys', { body: { what, ...(to ? { to } : {}) } }))
  const started = to && to.source !== 'file' && !output.json ? `from now on the plane is started with --key-source ${to.source}` : undefined
  if (!finish) {
    const code = await followRotation(context, client, wait)
    if (started !== undefined) output.note(`${started}; finish only after that`)
    return code
  }
  const moved = await restOf(context, client)
  if (moved.problem) {
    sayRotation(context, moved)
    return exitCodes.problem
  }
  need(await client.call('finishKeys', {}))
  const code = await followRotation(context, client)
  if (started !== undefined) output.note(started)
  return code
}

/** Where the root key comes to, with what that takes. Secrets come from a file, a variable or a person, never from an option. */
async function targetOf({ world, invocation, spec }: CommandContext, what: What): Promise<Target | undefined> {
  const source = invocation.option('to')
  const file = invocation.option('passphrase-file')
  if (source === undefined) {
    if (file !== undefined) end('USAGE', { reason: '--passphrase-file goes with --to passphrase', command: spec.name })
    return undefined
  }
  if (what === 'data') end('USAGE', { reason: '--to says where the root key comes to, so it goes with root or all', command: spec.name })
  if (source === 'file' || source === 'kms') return { source }
  if (source === 'passphrase') {
    const instead = 'headgate secrets rotate-keys root --to passphrase --passphrase-file FILE'
    return { source, passphrase: (await askPassphrase({ world, spec }, file, 'new', instead)).reveal() }
  }
  const key = world.env['HEADGATE_ROOT_KEY']
  if (key === undefined || key === '') {
    const reason = 'the new key is taken from HEADGATE_ROOT_KEY, which is empty; make one with headgate secrets new-key'
    return end('USAGE', { reason, command: spec.name })
  }
  return { source: 'environment', key }
}
