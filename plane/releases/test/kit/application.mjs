/**
 * An application for the tests: it answers which code and which configuration it runs, and misbehaves as its MODE says.
 * A changed configuration reaches it through a file; it confirms what it loaded in another.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'

const code = readFileSync(new URL('./code.txt', import.meta.url), 'utf8').trim()
const { PORT, MODE = 'ok', GREETING = '', CONFIGURATION_FILE = '', CONFIRMATION_FILE = '' } = process.env
let greeting = GREETING
let loaded = ''

if (MODE === 'crash') {
  console.log(`cannot start: ${process.env.SECRET ?? 'no secret'}`)
  process.exit(3)
}
if (CONFIGURATION_FILE !== '') {
  setInterval(() => {
    const text = existsSync(CONFIGURATION_FILE) ? readFileSync(CONFIGURATION_FILE, 'utf8') : ''
    if (text === '' || text === loaded) return
    loaded = text
    const { digest, values } = JSON.parse(text)
    greeting = values.GREETING
    writeFileSync(CONFIRMATION_FILE, digest)
  }, 10)
}

const server = createServer((request, response) => {
  if (request.url === '/healthz') {
    response.writeHead(MODE === 'never-healthy' ? 503 : 200).end()
  } else if (request.url === '/exit') {
    response.end()
    process.exit(1)
  } else if (request.url === '/file') {
    response.end(JSON.stringify({ code: readFileSync(process.env.KEY_FILE ?? '', 'utf8'), pid: process.pid }))
  } else if (request.url === '/hold') {
    setTimeout(() => response.end('held'), 400)
  } else {
    const failing = MODE === 'failing'
    const delay = MODE === 'slow' ? 120 : 0
    setTimeout(() => {
      response.writeHead(failing ? 500 : 200, { 'content-type': 'application/json', 'x-code': code })
      response.end(JSON.stringify({ code, greeting, pid: process.pid, mode: MODE }))
    }, delay)
  }
})
server.listen(MODE === 'fixed-port' ? Number(process.env.FIXED_PORT) : Number(PORT), '127.0.0.1', () => console.log(`listening as ${code}`))
process.on('SIGTERM', () => (MODE === 'stubborn' ? undefined : server.close(() => process.exit(0))))
