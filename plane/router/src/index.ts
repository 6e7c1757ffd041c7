/**
 * The traffic router: it splits the requests of a service between releases by weight, drains what an instance holds
 * before it is stopped, and holds requests while nothing can answer them.
 *
 * It is a process of its own (`router-main.ts`), so that traffic flows on whatever becomes of the plane. This index is the plane's side: it starts that
 * process or finds the one that runs, and commands it over its control socket. What is commanded is described by the types in the contract.
 */
export { RouterClient } from './client.ts'
export { RouterError } from './router-error.ts'
export { type StartRouterOptions, type StartedRouter, findRouter, startRouter } from './start-router.ts'
