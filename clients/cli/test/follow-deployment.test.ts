import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CommandContext } from '../src/command.ts'
import type { Output } from '../src/output/output.ts'
import type { Connection } from '../src/plane/connection.ts'
import { followDeployment } from '../src/release/follow-deployment.ts'

const step = (sequence: number, key: string) => ({ sequence, type: 'step', key, text: key, state: 'done', direction: 'forward', time: 0 })
const target = { organisation: 'main', project: 'shop', environment: 'production' }

/** Follows a deployment over streams that break off one after another; answers what was shown, and the exit code. */
async function follow(...streams: readonly (readonly object[])[]): Promise<{ code: number; shown: unknown[]; said: string[] }> {
  const [shown, said, left]: [unknown[], string[], (readonly object[])[]] = [[], [], [...streams]]
  const output = {
    item: (event: unknown) => shown.push(event),
    note: (text: string) => said.push(text),
    warn: (text: string) => said.push(text),
  } as unknown as Output
  const stream = () => {
    const events = left.shift() ?? []
    const bytes = events.map((event) => new TextEncoder().encode(`${JSON.stringify(event)}\n`))
    const open = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const next = bytes.shift()
        if (next) controller.enqueue(next)
        else if (left.length > 0) controller.error(new Error('cut'))
        else controller.close()
      },
    })
    return Promise.resolve({ ok: true, value: open })
  }
  const client = { stream, call: () => Promise.reject(new Error('not here')) }
  const code = await followDeployment({ output } as CommandContext, { client } as unknown as Connection, target, 'd1')
  return { code, shown, said }
}

test('a deployment is followed over a plane that is lost, and each event is shown once', async () => {
  const live = { sequence: 4, type: 'deployment', state: 'live', time: 0 }
  const first = [step(1, 'a'), step(2, 'b')]
  const followed = await follow(first, [...first, step(3, 'c'), live])
  assert.equal(followed.code, 0)
  assert.deepEqual(followed.shown, [...first, step(3, 'c'), live])
  assert.deepEqual(followed.said, ['the plane was lost from sight; asking it again'])
})

test('a plane that took over may count less than the one that is gone: its end is the end', async () => {
  const failed = { sequence: 3, type: 'deployment', state: 'failed', time: 0 }
  const followed = await follow([step(1, 'a'), step(2, 'b'), step(3, 'c'), step(4, 'd')], [step(1, 'a'), step(2, 'b'), failed])
  assert.equal(followed.code, 1)
  assert.deepEqual(followed.shown.at(-1), failed)
})
