import { StringDecoder } from 'node:string_decoder'
import { end } from '../outcome.ts'
import type { World } from '../world.ts'
import { Interrupted } from './interrupted.ts'

/** What a question needs to know of itself where there is nobody to ask. */
export interface Question {
  /** As it is shown, without its colon. */
  readonly text: string
  /** What is asked for, as the subject of a sentence: `a token`. */
  readonly what: string
  /** How to give it without a terminal. */
  readonly instead: string
}

/** Asks for a line that is not shown while it is typed. Refused in words where there is no terminal. */
export async function askHidden(world: World, question: Question): Promise<string> {
  requireTerminal(world, question)
  world.stderr.write(`${question.text}: `)
  world.stdin.setRawMode?.(true)
  try {
    return await readLine(world, { raw: true })
  } finally {
    world.stdin.setRawMode?.(false)
    world.stderr.write('\n')
  }
}

/** Asks for a line. Refused in words where there is no terminal. */
export async function ask(world: World, question: Question): Promise<string> {
  requireTerminal(world, question)
  world.stderr.write(`${question.text}: `)
  return readLine(world, { raw: false })
}

/** Asks yes or no; anything but yes is no. Refused in words where there is no terminal. */
export async function confirm(world: World, question: Question): Promise<boolean> {
  const answer = await ask(world, { ...question, text: `${question.text} [y/N]` })
  return /^y(es)?$/i.test(answer.trim())
}

function requireTerminal({ stdin }: World, { what, instead }: Question): void {
  if (!stdin.isTTY) end('TERMINAL_REQUIRED', { what, instead })
}

const CTRL_C = '\u0003'
const RUB_OUT = /[\u007f\b]/
/** The end of a line, or Ctrl-D; what is behind it belongs to the next question. */
const LINE_END = /\r\n|[\r\n\u0004]/

/**
 * Reads up to the end of a line. In raw mode the terminal passes the keys on as they are, so rubbing out and Ctrl-C
 * are done here. An end of input before anything was typed is an empty line.
 */
function readLine({ stdin }: World, { raw }: { raw: boolean }): Promise<string> {
  const decoder = new StringDecoder('utf8')
  return new Promise((resolve, reject) => {
    let typed = ''
    const stop = (then: () => void) => {
      stdin.off('data', onData)
      stdin.off('end', onEnd)
      stdin.pause()
      then()
    }
    const onEnd = () => stop(() => resolve(rubbedOut(typed, raw)))
    const onData = (chunk: Buffer | string) => {
      typed += typeof chunk === 'string' ? chunk : decoder.write(chunk)
      if (raw && typed.includes(CTRL_C)) return stop(() => reject(new Interrupted()))
      const end = LINE_END.exec(typed)
      if (!end) return
      const rest = typed.slice(end.index + end[0].length)
      stop(() => resolve(rubbedOut(typed.slice(0, end.index), raw)))
      if (rest !== '') stdin.unshift(Buffer.from(rest))
    }
    if (stdin.readableEnded) return resolve('')
    stdin.on('data', onData)
    stdin.on('end', onEnd)
    stdin.resume()
  })
}

function rubbedOut(typed: string, raw: boolean): string {
  if (!raw) return typed
  const kept: string[] = []
  for (const key of Array.from(typed)) {
    if (RUB_OUT.test(key)) kept.pop()
    else kept.push(key)
  }
  return kept.join('')
}
