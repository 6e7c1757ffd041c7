import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { WebSocketServer } from 'ws'
import { seed, times } from '../../../test/proving.ts'
import { EventBoundary } from '../src/event-boundary.ts'
import { FrameTracker, closeFrame } from '../src/websocket-frames.ts'
import { application, raw, routed, upstream } from './routed.ts'

function frame(opcode: number, payload: Buffer, masked: boolean): Buffer {
  const flag = masked ? 0x80 : 0
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10)
  head[0] = 0x80 | opcode
  head[1] = flag | (head.length === 2 ? payload.length : head.length === 4 ? 126 : 127)
  if (head.length === 4) head.writeUInt16BE(payload.length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([head, masked ? randomBytes(4) : Buffer.alloc(0), payload])
}

const frames = fc.array(
  fc.record({ opcode: fc.constantFrom(0, 1, 2, 9, 10), size: fc.oneof(fc.nat(300), fc.nat(70_000)), masked: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
)

test('where frames end is known, however the bytes come', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 }), (made, sizes) => {
      const whole = made.map(({ opcode, size, masked }) => frame(opcode, Buffer.alloc(size, 0x88), masked))
      const ends = new Set<number>()
      let end = 0
      for (const one of whole) ends.add((end += one.length))
      const bytes = Buffer.concat(whole)
      const tracker = new FrameTracker()
      let offset = 0
      for (let n = 0; offset < bytes.length; n += 1) {
        const size = sizes[n % sizes.length] as number
        tracker.follow(bytes.subarray(offset, offset + size))
        offset = Math.min(bytes.length, offset + size)
        assert.equal(tracker.atBoundary, ends.has(offset))
      }
      // Payload that looks like a close frame is none.
      assert.equal(tracker.closeSeen, false)
    }),
    { numRuns: times({ short: 100, long: 5_000 }), seed },
  )
})

test('a chunk is followed to its first boundary and no further', () => {
  const first = frame(2, Buffer.alloc(500), false)
  const tracker = new FrameTracker()
  tracker.follow(first.subarray(0, 3))
  assert.equal(tracker.followToBoundary(Buffer.concat([first.subarray(3), frame(1, Buffer.from('next'), false)])), first.length - 3)
  assert.equal(tracker.atBoundary, true)
})

test('close frames are seen, and those of the router are such, masked as a client must', () => {
  for (const side of ['server', 'client'] as const) {
    const tracker = new FrameTracker()
    const bytes = closeFrame(1012, 'service restart', side)
    tracker.follow(bytes)
    assert.deepEqual([tracker.closeSeen, tracker.atBoundary, ((bytes[1] as number) & 0x80) !== 0], [true, true, side === 'client'])
  }
})

test('a stream of events is at a boundary after an empty line, whatever its line ends, and however the bytes come', () => {
  const cases: [readonly string[], boolean][] = [
    [[], true],
    [['data: x\n\n'], true],
    [['data: x\n'], false],
    [['data: x\n', '\n'], true],
    [['data: x\r\n\r\n'], true],
    [['data: x\r\n\r', '\n'], true],
    [['data: x\r\n'], false],
    [['data: x\r', '\n'], false],
    [['data: x\r\r'], true],
    [['data: x\n\ndata'], false],
    [['data: ', 'x\n\nid: 4\n'], false],
    ['data: x\r\n\r\n'.split(''), true],
  ]
  for (const [chunks, boundary] of cases) {
    const stream = new EventBoundary()
    for (const chunk of chunks) stream.follow(Buffer.from(chunk))
    assert.equal(stream.atBoundary, boundary, JSON.stringify(chunks))
  }
})

test('what a client sends right behind its upgrade request reaches the instance', async (context) => {
  const app = await application(context, (_request, response) => response.end())
  const sockets = new WebSocketServer({ server: app.server })
  context.after(() => sockets.clients.forEach((socket) => socket.terminate()))
  sockets.on('connection', (socket) => {
    socket.send('welcome')
    socket.on('error', () => {}).on('message', (data) => socket.send(`echo ${String(data)}`))
  })
  const { port, put } = await routed(context)
  await put([upstream(app.address)])
  const head =
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n'
  const early = Buffer.from([0x81, 0x85, 0, 0, 0, 0, ...Buffer.from('early')])
  const answer = await raw(port, head + early.toString('latin1'))
  assert.match(answer, /^HTTP\/1\.1 101 Switching Protocols\r\n/)
  assert.match(answer, /sec-websocket-accept: /i)
  assert.match(answer, /welcome/)
  assert.match(answer, /echo early/)
})
