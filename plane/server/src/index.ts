/**
 * The plane's face: turns a request into a call of a use case and its answer back into a response, and nothing else.
 * What a route needs (permission, shapes, audit event, errors) is read from the contract, so no route has code here.
 */
export { type Metrics, createMetrics } from './observing/metrics.ts'
export { type TraceOptions, type Traces, startTraces } from './observing/traces.ts'
export { type TlsFiles, readTls } from './tls.ts'
export { wireRoutes } from './pulumi/register-pulumi-routes.ts'
export { type Listening, type ServerOptions, startServer } from './start-server.ts'
