import type { RouterDrainOrder, RouterDrained, RouterErrorCode, RouterPutTable, RouterStatus } from '@headgate/contract'

/** The traffic side, as far as releases need it. The client of plane/router fulfils it. */
export interface Router {
  status(signal?: AbortSignal): Promise<Pick<RouterStatus, 'run' | 'revision' | 'table' | 'latencyBoundsMs' | 'upstreams'>>
  putTable(order: RouterPutTable): Promise<{ readonly revision: number }>
  drain(order: RouterDrainOrder, signal?: AbortSignal): Promise<RouterDrained>
}

/** The code of a router's refusal; undefined for any other error. */
export function routerCode(error: unknown): RouterErrorCode | undefined {
  if (!(error instanceof Error) || error.name !== 'RouterError') return undefined
  return (error as { code?: RouterErrorCode }).code
}
