/**
 * What the plane and its clients agree on, as data: the routes of the native API with their shapes, permissions,
 * audit events and errors, and the messages of the socket. The Pulumi wire format is not here but in plane/server.
 *
 * No Node built-ins: the browser loads this.
 */
export * from './application-file.ts'
export * from './events.ts'
export * from './openapi.ts'
export * from './read-input.ts'
export * from './router.ts'
export * from './routes.ts'
export * from './schemas/index.ts'
