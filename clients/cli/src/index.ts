/**
 * The `headgate` command: what people and scripts use of Headgate all day.
 *
 * It knows the plane by its contract only (through the SDK's typed client); what works on a stopped plane's data goes
 * through one door, local-plane.ts. Commands are data in registry/, each with its code in a file of its own under
 * commands/ that is loaded when it is asked for, so `headgate run` stays small.
 */
export { runCommandLine } from './command-line.ts'
export { exitCodes } from './exit-code.ts'
export type { World } from './world.ts'
