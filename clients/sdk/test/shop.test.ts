import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { dotenvValues, readDotenv } from '@headgate/scan'
import type { SavedEnvironment } from './plane-double.ts'
import { type World, createWorld, freshToken, until } from './test-surroundings.ts'

/** The example is run as a program here, as anybody would run it; nothing of it is imported. */
const SHOP = join(import.meta.dirname, '..', '..', '..', 'examples', 'shop')

interface Shop {
  readonly url: string
  readonly child: ChildProcess
  readonly lines: Record<string, unknown>[]
  line(message: string): Record<string, unknown> | undefined
}

/** Starts the shop as a program of its own, against the world's plane, and waits until it is open. */
async function openShop(world: World, env: Record<string, string> = {}, program = join(SHOP, 'server.mjs')): Promise<Shop> {
  const plane = { HEADGATE_URL: world.plane.url, HEADGATE_TOKEN: world.token, HEADGATE_ENVIRONMENT: 'shop/production' }
  const child = spawn(process.execPath, [...(program.startsWith(SHOP) ? ['--conditions=source'] : []), program], {
    cwd: world.home,
    env: { PATH: process.env['PATH'], HOME: world.home, PORT: '0', ...plane, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  world.atEnd(() => {
    child.kill('SIGKILL')
    return exited
  })
  const lines: Record<string, unknown>[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) lines.push(JSON.parse(part) as Record<string, unknown>)
  })
  const line = (message: string): Record<string, unknown> | undefined => lines.find((each) => each['message'] === message)
  await until(() => line('the shop is open') !== undefined || child.exitCode !== null, 'the shop is open')
  return { url: `http://127.0.0.1:${String(line('the shop is open')?.['port'])}`, child, lines, line }
}

async function production(changes: Record<string, string> = {}): Promise<SavedEnvironment> {
  const file = readDotenv(await readFile(join(SHOP, '.env.production')), { name: '.env.production' })
  const environmentVariables = { ...Object.fromEntries(dotenvValues(file)), LOG_LEVEL: 'info', ...changes }
  return { values: { environmentVariables }, secrets: ['PAYMENT_KEY', 'SESSION_SECRET'].map((name) => `environmentVariables.${name}`) }
}

test('the shop shows what its configuration says, and picks up a change without a restart', async (t) => {
  const world = await createWorld(t)
  const key = freshToken()
  world.plane.save('shop/production', await production({ PAYMENT_KEY: key }))
  const shop = await openShop(world, { HEADGATE_RELEASE: 'r-1' })
  const page = async (): Promise<string> => (await fetch(`${shop.url}/`)).text()
  assert.match(await page(), /Good day, and welcome[\s\S]*Free shipping from 50 euros[\s\S]*Price \(EUR\)[\s\S]*€24\.50/)
  await until(() => world.plane.watching === 1, 'it follows the plane')
  world.plane.save(
    'shop/production',
    await production({ PAYMENT_KEY: key, SHOP_GREETING: 'Bonjour', SHOP_CURRENCY: 'USD', SHOP_DISCOUNT_PERCENT: '10' }),
  )
  await until(() => shop.line('configuration changed') !== undefined, 'the change is there')
  assert.match(await page(), /Bonjour[\s\S]*Price \(USD\)[\s\S]*US\$22\.05/)
  const status = (await (await fetch(`${shop.url}/status`)).json()) as Record<string, unknown>
  assert.deepEqual(
    [status['release'], status['revision'], status['source'], status['reloads'], status['pid']],
    ['r-1', 2, 'plane', 1, shop.child.pid],
  )

  world.plane.save('shop/production', await production({ PAYMENT_KEY: key, SHOP_PAGE_SIZE: 'many' }))
  await until(() => shop.lines.some((each) => each['code'] === 'schema-refused'), 'the third revision is refused')
  assert.match(await page(), /Bonjour/)
  assert.equal(JSON.stringify(shop.lines).includes(key), false)
})

test('an order is signed with the payment key, which nothing shows', async (t) => {
  const world = await createWorld(t)
  const key = freshToken()
  world.plane.save('shop/production', await production({ PAYMENT_KEY: key }))
  const shop = await openShop(world)
  const put = await fetch(`${shop.url}/cart`, { method: 'POST', body: new URLSearchParams({ product: 'rope', quantity: '2' }) })
  assert.deepEqual(await put.json(), {
    items: [{ product: 'rope', quantity: 2, cents: 4900 }],
    goods: '€49.00',
    shipping: '€4.90',
    total: '€53.90',
  })
  const cookie = put.headers.get('set-cookie')?.split(';')[0] ?? ''
  const checkout = await fetch(`${shop.url}/checkout`, { method: 'POST', headers: { cookie } })
  const { order } = (await checkout.json()) as { order: { id: string; total: number; currency: string; signature: string } }
  assert.equal(order.signature, createHmac('sha256', key).update(`${order.id} ${order.total} ${order.currency}`).digest('hex'))
  const again = await fetch(`${shop.url}/checkout`, { method: 'POST', headers: { cookie } })
  assert.equal(again.status, 409)
  const forged = await fetch(`${shop.url}/cart`, { headers: { cookie: cookie.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) } })
  assert.ok(forged.headers.has('set-cookie'), 'a cookie that was not signed here gets another')
  assert.equal(JSON.stringify(shop.lines).includes(key), false)
})

test('uploads are measured up to the limit, and stock changes are streamed', async (t) => {
  const world = await createWorld(t)
  world.plane.save('shop/production', await production({ UPLOAD_LIMIT_KB: '64', STOCK_EVERY: '10ms' }))
  const shop = await openShop(world)
  const post = async (bytes: number): Promise<Response> => fetch(`${shop.url}/uploads`, { method: 'POST', body: new Uint8Array(bytes) })
  assert.equal(((await (await post(65_536)).json()) as { bytes: number }).bytes, 65_536)
  assert.equal((await post(65_537)).status, 413)
  const events = await fetch(`${shop.url}/events`)
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('event: stock')) text += (await reader.read()).value ?? ''
  assert.match(text, /data: \{"product":"[a-z]+","stock":\d+\}/)
  await reader.cancel()
})

test('on SIGTERM it finishes what it began, ends its streams, and is gone', async (t) => {
  const world = await createWorld(t)
  world.plane.save('shop/production', await production())
  const shop = await openShop(world)
  const events = await fetch(`${shop.url}/events`)
  let sent = (_: Uint8Array): void => {}
  let end = (): void => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      sent = (chunk) => controller.enqueue(chunk)
      end = () => controller.close()
    },
  })
  const upload = fetch(`${shop.url}/uploads`, { method: 'POST', body, duplex: 'half' })
  sent(new Uint8Array(1000))
  await until(() => world.plane.watching === 1, 'it follows the plane')
  await new Promise((resolve) => setTimeout(resolve, 50))
  shop.child.kill('SIGTERM')
  assert.match(await events.text(), /event: closing/)
  await assert.rejects(fetch(`${shop.url}/healthz`))
  sent(new Uint8Array(1000))
  end()
  const exited = once(shop.child, 'exit')
  assert.equal(((await (await upload).json()) as { bytes: number }).bytes, 2000)
  assert.deepEqual(await exited, [0, null])
  assert.ok(shop.line('the shop is closed'))
  assert.equal(world.plane.connections, 0)
})

test('without a plane it says why it does not start, and starts from .env where that is allowed', async (t) => {
  const world = await createWorld(t)
  await world.plane.close()
  const shut = await openShop(world)
  assert.equal(shut.child.exitCode, 1)
  assert.match(String(shut.line('the shop cannot start')?.['reason']), /no plane answers at/)
  await copyFile(join(SHOP, '.env'), join(world.home, '.env'))
  const shop = await openShop(world, { ESC_BACKWARD_COMPATIBILITY: 'on', HEADGATE_ENVIRONMENT: 'shop/dev' })
  assert.match(await (await fetch(`${shop.url}/`)).text(), /Everything for the towpath[\s\S]*Hello from the development shop/)
  assert.match(await (await fetch(`${shop.url}/terms`)).text(), /They must be dry/)
})

test('what is built holds everything: it runs where no package is installed', async (t) => {
  const world = await createWorld(t)
  world.plane.save('shop/production', await production())
  const dist = join(world.home, 'somewhere else', 'dist')
  await promisify(execFile)(process.execPath, [join(SHOP, 'build.mjs'), dist])
  assert.deepEqual((await readdir(dist)).toSorted(), ['package.json', 'server.mjs'])
  const shop = await openShop(world, {}, join(dist, 'server.mjs'))
  assert.match(await (await fetch(`${shop.url}/`)).text(), /Good day, and welcome/)
  await until(() => world.plane.watching === 1, 'it follows the plane')
})
