import type { FastifyInstance, FastifyRequest } from 'fastify'

export interface TraceOptions {
  /** Where spans are sent by OTLP over HTTP, as `http://collector:4318/v1/traces`. */
  readonly endpoint: string
  readonly version: string
}

export interface Traces {
  observe(app: FastifyInstance): void
  /** Sends what is left. */
  close(): Promise<void>
}

/**
 * One span a request, part of the caller's trace where they sent one. Its attributes are the route as the contract writes
 * it, method, status and request id; no path, query, header or body is among them, as those name things and hold secrets.
 * The libraries are loaded only where an endpoint is configured.
 */
export async function startTraces({ endpoint, version }: TraceOptions): Promise<Traces> {
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'headgate', 'service.version': version }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: endpoint }) })],
  })
  const tracer = provider.getTracer('headgate', version)
  const spans = new WeakMap<FastifyRequest, ReturnType<typeof tracer.startSpan>>()
  return {
    observe(app) {
      app.addHook('onRequest', (request, _reply, next) => {
        const route = request.routeOptions.url ?? 'none'
        const parent = parentOf(request.headers['traceparent'])
        const context = parent ? api.trace.setSpanContext(api.ROOT_CONTEXT, parent) : api.ROOT_CONTEXT
        const attributes = { 'http.request.method': request.method, 'http.route': route, 'headgate.request': request.id }
        spans.set(request, tracer.startSpan(`${request.method} ${route}`, { kind: api.SpanKind.SERVER, attributes }, context))
        next()
      })
      app.addHook('onResponse', (request, reply, next) => {
        const span = spans.get(request)
        span?.setAttribute('http.response.status_code', reply.statusCode)
        if (reply.statusCode >= 500) span?.setStatus({ code: api.SpanStatusCode.ERROR })
        span?.end()
        next()
      })
    },
    close: () => provider.shutdown(),
  }
}

/** The caller's span as the W3C header names it; undefined for anything else. */
export function parentOf(header: unknown) {
  const match = typeof header === 'string' ? /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header) : null
  const [, traceId = '', spanId = '', flags = ''] = match ?? []
  if (!match || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
}
