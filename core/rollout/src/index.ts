/**
 * Decides how a release gets live: what is there and what is wanted go in, the steps between come out.
 *
 * Everything here is pure and runs in a browser, so that the same code that the plane executes by can show a person
 * the plan, with the inverse of each step, before anything happens. It acts on nothing and knows no clock.
 */
export * from './artifact.ts'
export * from './changes.ts'
export * from './identity.ts'
export * from './judge.ts'
export * from './observed.ts'
export * from './plan.ts'
export * from './routing.ts'
export * from './step.ts'
