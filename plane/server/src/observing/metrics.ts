import type { Operations } from '@headgate/operations'
import type { FastifyInstance } from 'fastify'
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import { LatencyHistogram } from './latency-histogram.ts'

/** Seconds; most answers take a millisecond or two, and one that takes ten seconds is an alert whatever lies between. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

export interface Metrics {
  /** Everything in the text format of Prometheus. */
  render(): Promise<string>
  /** Counts the requests of a server, and takes the plane's own figures from its operations when they are asked for. */
  observe(app: FastifyInstance, operations: Pick<Operations, 'statistics'>): void
}

/** The figures of one plane. Labels are routes, methods and status codes: never a name somebody chose. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new LatencyHistogram(
    'headgate_api_seconds',
    'Time from a request to the end of its answer, by route as the contract writes it',
    BUCKETS,
  )
  return {
    render: async () => `${await registry.metrics()}\n${requests.render()}\n${loadsAmong(requests)}`,
    observe(app, operations) {
      app.addHook('onResponse', (request, reply, next) => {
        const route = request.routeOptions.url ?? 'none'
        requests.observe(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
        next()
      })
      observePlane(registry, operations)
    },
  }
}

function loadsAmong(requests: LatencyHistogram): string {
  return requests.renderTogether(
    'headgate_configuration_load_seconds',
    'Time it took to open an environment, its audit record on disk included',
    (route, status) => route.endsWith('/open') && status < 300,
  )
}

type Statistics = ReturnType<Operations['statistics']>

/** The plane's own counts, read when somebody asks. */
function observePlane(registry: Registry, operations: Pick<Operations, 'statistics'>): void {
  const read = (name: string, help: string, value: (statistics: Statistics) => number): void => {
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(value(operations.statistics())) })
  }
  const counted = (
    name: string,
    help: string,
    label: string,
    values: (statistics: Statistics) => Readonly<Record<string, number>>,
  ): void => {
    const counter: Counter = new Counter({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        // What is counted elsewhere is set, not added to.
        counter.reset()
        for (const [key, value] of Object.entries(values(operations.statistics()))) counter.inc({ [label]: key }, value)
      },
    })
  }
  counted('headgate_opened_total', 'Environments opened, by outcome', 'outcome', ({ opened }) => opened)
  counted(
    'headgate_cache_reads_total',
    'Openings that were at hand, sealed in memory, and those that were not',
    'result',
    ({ openings }) => ({
      hit: openings.hits,
      miss: openings.misses,
    }),
  )
  read('headgate_cache_hit_ratio', 'Share of openings that were at hand since the start', ({ openings: { hits, misses } }) =>
    hits + misses === 0 ? 0 : hits / (hits + misses),
  )
  read('headgate_cache_bytes', 'Sealed bytes of kept openings', ({ openings }) => openings.bytes)
  counted('headgate_validations_total', 'Texts checked or saved, by result', 'result', ({ validations }) => validations)
  read('headgate_validation_success_ratio', 'Share of checked or saved texts without an error since the start', ({ validations }) =>
    validations.passed + validations.failed === 0 ? 1 : validations.passed / (validations.passed + validations.failed),
  )
  read('headgate_audit_waiting', 'Requests whose audit record is on its way to the disk', ({ audit }) => audit.waiting)
  counted('headgate_commits_total', 'Changes committed, and the durable transactions that took', 'of', ({ audit }) => ({
    changes: audit.committed,
    transactions: audit.commits,
  }))
  read('headgate_connected_clients', 'Clients that are told of changes', ({ connected }) => connected)
}
