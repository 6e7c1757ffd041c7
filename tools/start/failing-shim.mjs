// Stands in front of a program and answers every user with 500: a release that looks healthy and is not. What comes through
// a router says so; a health check comes straight, and is the program's to answer.
// node failing-shim.mjs COMMAND-IN-BASE64
import { spawn } from 'node:child_process'
import { createServer, request } from 'node:http'
import { createServer as createProbe } from 'node:net'

const command = Buffer.from(process.argv[2], 'base64').toString()
const port = await new Promise((resolve) => {
  const probe = createProbe().listen(0, '127.0.0.1', () => {
    const { port: free } = probe.address()
    probe.close(() => resolve(free))
  })
})
const child = spawn(command, { shell: true, stdio: 'inherit', env: { ...process.env, PORT: String(port) } })
child.on('exit', (code) => process.exit(code ?? 1))
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal))

createServer((incoming, outgoing) => {
  incoming.resume()
  if (incoming.headers.via !== undefined) return outgoing.writeHead(500).end('this release fails on purpose\n')
  const asked = request({ port, host: '127.0.0.1', path: incoming.url, headers: incoming.headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers)
    answer.pipe(outgoing)
  })
  asked.on('error', () => outgoing.writeHead(503).end())
  asked.end()
}).listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1')
