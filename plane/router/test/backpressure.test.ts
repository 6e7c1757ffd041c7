import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '../../../test/eventually.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { startRouter } from '../src/index.ts'
import { application, upstream } from './routed.ts'

const MIB = 1024 * 1024
const SIZE = 200 * MIB
/** A first stream brings the router's memory to where the collector keeps it. */
const WARM_UP = 60 * MIB
/** What it may grow by while a stream of `SIZE` goes through it. */
const GROWTH = 64 * MIB

async function routerBefore(context: TestContext, address: string): Promise<{ port: number; memory: () => Promise<number> }> {
  const { client, pid, port } = await startRouter({ state: join(temporaryFolder(context), 'router') })
  context.after(async () => {
    process.kill(pid, 'SIGKILL')
    await eventually(async () => (await client.status().catch(() => undefined)) === undefined)
  })
  const services = [{ id: 'web', domains: ['*'], upstreams: [upstream(address)] }]
  await client.putTable({ epoch: 1, expectedRevision: 0, table: { services } })
  const memory = async (): Promise<number> => Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
  return { port, memory }
}

/** Writes so many bytes as fast as the stream takes them. Returns how many it has written so far. */
function pour(into: NodeJS.WritableStream, size: number): () => number {
  const chunk = Buffer.alloc(256 * 1024, 'x')
  let written = 0
  const more = (): void => {
    while (written < size) {
      written += chunk.length
      if (!into.write(chunk)) return void into.once('drain', more)
    }
    into.end()
  }
  more()
  return () => written
}

test(
  'a client that reads slowly slows the instance down, and the router holds next to nothing of a large response',
  { skip: process.platform !== 'linux' },
  async (context) => {
    let written = (): number => 0
    const app = await application(context, (incoming, response) => (written = pour(response, Number(incoming.headers['x-size']))))
    const { port, memory } = await routerBefore(context, app.address)
    const download = async (size: number): Promise<void> => {
      const outgoing = request({ port, host: '127.0.0.1', agent: false, headers: { 'x-size': size } }).end()
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
      response.pause()
      await pause(300)
      assert.ok(written() < 40 * MIB, `the instance could write ${written()} bytes to a client that read none`)
      let received = 0
      response.on('data', (chunk: Buffer) => (received += chunk.length))
      response.resume()
      await once(response, 'end')
      assert.equal(received, size)
    }
    await download(WARM_UP)
    const before = await memory()
    await download(SIZE)
    const growth = (await memory()) - before
    assert.ok(growth < GROWTH, `grew by ${growth} bytes`)
  },
)

test(
  'an instance that reads slowly slows the client down, and the router holds next to nothing of a large upload',
  { skip: process.platform !== 'linux' },
  async (context) => {
    let received = 0
    const app = await application(context, (incoming, response) => {
      received = 0
      setTimeout(() => {
        incoming.on('data', (chunk: Buffer) => (received += chunk.length))
        incoming.on('end', () => response.end())
      }, 300)
    })
    const { port, memory } = await routerBefore(context, app.address)
    const upload = async (size: number): Promise<void> => {
      const outgoing = request({ port, host: '127.0.0.1', agent: false, method: 'POST' })
      const answered = once(outgoing, 'response')
      const written = pour(outgoing, size)
      await pause(250)
      assert.ok(written() < 40 * MIB, `the client could write ${written()} bytes to an instance that read none`)
      const [response] = (await answered) as [IncomingMessage]
      response.resume()
      assert.equal(received, size)
    }
    await upload(WARM_UP)
    const before = await memory()
    await upload(SIZE)
    const growth = (await memory()) - before
    assert.ok(growth < GROWTH, `grew by ${growth} bytes`)
  },
)
