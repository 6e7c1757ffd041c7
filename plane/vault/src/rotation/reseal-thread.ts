/**
 * A thread of its own that seals values anew while the plane's goes on with everything else. It is told the keys with
 * every message, keeps nothing between two, and ends when whoever started it does.
 */
import { parentPort } from 'node:worker_threads'
import { reseal } from '@headgate/crypto'
import { HeadgateError } from '@headgate/model'
import { type ResealAnswer, type ResealRequest, packBytes, unpackRequest } from './reseal-message.ts'

parentPort?.on('message', (request: ResealRequest) => {
  const answer = answerTo(request)
  parentPort?.postMessage(answer, 'bytes' in answer ? [answer.bytes.buffer] : [])
})

function answerTo(request: ResealRequest): ResealAnswer {
  try {
    return packBytes(unpackRequest(request).map(reseal))
  } catch (error) {
    if (!(error instanceof HeadgateError)) throw error
    return { problem: { code: error.problem.code, details: error.problem.details } }
  }
}
