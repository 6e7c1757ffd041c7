import { once } from 'node:events'
import { type Socket, connect } from 'node:net'

/** A kept connection that sends one request after the other and reads each answer: no more than that, so that the sender is not in the way. */
export class KeptConnection {
  readonly #socket: Socket
  readonly #host: string
  #received = ''
  #waiting: PromiseWithResolvers<string> | undefined

  private constructor(socket: Socket, host: string) {
    this.#socket = socket
    this.#host = host
    socket.setEncoding('latin1')
    socket.on('data', (part: string) => this.#receive(part))
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error(`${host} closed the connection`)))
  }

  static async open(url: string): Promise<KeptConnection> {
    const { hostname, port, host } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    await once(socket, 'connect')
    return new KeptConnection(socket, host)
  }

  /** The body of a successful answer; its bytes as Latin-1. */
  ask(method: string, path: string, token?: string, body = ''): Promise<string> {
    this.#waiting = Promise.withResolvers<string>()
    const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`
    const length = Buffer.byteLength(body)
    this.#socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${authorization}content-length: ${length}\r\n\r\n${body}`)
    return this.#waiting.promise
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #receive(part: string): void {
    this.#received += part
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const [, status = '', length = ''] = /^HTTP\/1\.1 (\d+)[^]*\r\ncontent-length: (\d+)\r\n/i.exec(this.#received.slice(0, end + 2)) ?? []
    const whole = end + 4 + Number(length)
    if (length !== '' && this.#received.length < whole) return
    const answer = this.#received.slice(end + 4)
    this.#received = ''
    if (status.startsWith('2') && length !== '') this.#waiting?.resolve(answer)
    else this.#waiting?.reject(new Error(`answered with ${status}: ${answer}`))
  }
}
