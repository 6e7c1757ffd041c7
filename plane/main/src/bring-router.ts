import { HeadgateError } from '@headgate/model'
import { type StartRouterOptions, type StartedRouter, RouterError, startRouter } from '@headgate/router'
import { join } from 'node:path'

/**
 * The router of a data folder: the one that runs, or a new one.
 *
 * @throws ROUTER_PORT_TAKEN, ROUTER_PORT_DIFFERS, ROUTER_NOT_STARTED: what a person can do something about
 */
export async function bringRouter(options: StartRouterOptions): Promise<StartedRouter> {
  try {
    return await startRouter(options)
  } catch (cause) {
    if (!(cause instanceof RouterError)) throw cause
    throw inWords(cause, options)
  }
}

function inWords(cause: RouterError, { state }: StartRouterOptions): HeadgateError {
  const reason = cause.message
  if (cause.code === 'port-taken') return new HeadgateError('ROUTER_PORT_TAKEN', { reason }, { cause })
  if (cause.code === 'port-differs') return new HeadgateError('ROUTER_PORT_DIFFERS', { reason }, { cause })
  return new HeadgateError('ROUTER_NOT_STARTED', { reason, log: join(state, 'router.log') }, { cause })
}
