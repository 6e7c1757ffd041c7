import type { RouteName } from '@headgate/contract'
import { type Diagnostic, hasErrors } from '@headgate/model'
import type { Kept } from '../kept/kept.ts'
import type { Plane } from '../plane.ts'

/** What the plane counts about itself since its start: numbers, never names. */
export interface Statistics {
  readonly openings: { readonly hits: number; readonly misses: number; readonly bytes: number; readonly entries: number }
  readonly opened: { readonly ok: number; readonly failed: number; readonly denied: number }
  readonly validations: { readonly passed: number; readonly failed: number }
  readonly audit: { readonly committed: number; readonly commits: number; readonly waiting: number }
  /** Clients that are signed in for longer than a request. */
  readonly connected: number
}

/** What use cases note while they work. */
export class Counts {
  readonly opened = { ok: 0, failed: 0, denied: 0 }
  readonly validations = { passed: 0, failed: 0 }
  /** Requests whose record is on its way to the disk. */
  waiting = 0

  /** @param what the answer, or the problem of a request that had none */
  note(route: RouteName, outcome: 'ok' | 'failed' | 'denied', what: unknown): void {
    if (route === 'openEnvironment') this.opened[outcome] += 1
    if (!validating.has(route) || outcome === 'denied') return
    const { code, diagnostics = [] } = what as { code?: string; diagnostics?: readonly Diagnostic[] }
    if (code === 'DOCUMENT_INVALID' || (outcome === 'ok' && hasErrors(diagnostics))) this.validations.failed += 1
    else if (outcome === 'ok') this.validations.passed += 1
  }

  async whileWaiting<T>(work: Promise<T>): Promise<T> {
    this.waiting += 1
    try {
      return await work
    } finally {
      this.waiting -= 1
    }
  }
}

/** The routes that check a text. */
const validating: ReadonlySet<RouteName> = new Set<RouteName>(['checkEnvironment', 'createEnvironment', 'saveEnvironment'])

export function statisticsOf(plane: Pick<Plane, 'store'>, kept: Kept, counts: Counts, connected: number): Statistics {
  const { changes, commits } = plane.store.statistics()
  return {
    openings: kept.openings.statistics(),
    opened: { ...counts.opened },
    validations: { ...counts.validations },
    audit: { committed: changes, commits, waiting: counts.waiting },
    connected,
  }
}
