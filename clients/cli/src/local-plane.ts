/**
 * The one door to the plane's own code: what works on a data folder of this machine goes through here. Loaded only
 * by the commands that need it, as it brings the whole plane.
 */
export type { KeyChoice } from '@headgate/main'
export { makeRootKey, resetOwner, restore, routerOf, serve, startRouterOf, stopRouterOf, verifyData } from '@headgate/main'
