/**
 * Assembly: builds the plane out of its parts and runs it, and the commands that work on a data folder without a
 * running plane. Nothing imports this but the command line, by its one door.
 */
export { type Ready, type ServeOptions, type Serving, serve } from './serve.ts'
export type { KeyChoice } from './key-choice.ts'
export { type LocalOptions, makeRootKey, resetOwner, verifyData } from './local-commands.ts'
export { type LocalRouter, routerOf, startRouterOf, stopRouterOf } from './local-router.ts'
export { type RestoreOptions, restore } from './restore.ts'
