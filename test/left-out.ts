import { type TestContext, test } from 'node:test'

/**
 * Says that something is not tested here, and why. The run goes on, and `npm test` lists it before its last line.
 *
 * Outside a test it stands in the place of the tests it leaves out:
 *
 *     const corpus = sharedFolder('env-corpus')
 *     if (corpus === undefined) leaveOut('the corpus of .env files', 'no ../shared beside the repository')
 *     else test(…)
 *
 * Inside a running test, hand its context over and return: `return leaveOut('a killed write', 'strace is not installed', t)`.
 *
 * @param reason what this machine lacks; the same words for the same lack, so that they are counted together
 */
export function leaveOut(what: string, reason: string, context?: TestContext): void {
  if (context) context.skip(reason)
  else void test(what, { skip: reason })
}
