import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'

/** A line to a port that a test can cut and open again: what lies between a client and its plane. */
export class TcpLine {
  readonly #server: Server
  readonly #ends = new Set<Socket>()
  #open = true
  /** How many connections went over it. */
  connections = 0

  private constructor(target: () => number) {
    this.#server = createServer((near) => {
      this.connections += 1
      if (!this.#open) return near.destroy()
      const far = connect(target(), '127.0.0.1')
      for (const [end, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#ends.add(end)
        end.on('error', () => {})
        end.on('close', () => {
          this.#ends.delete(end)
          other.destroy()
        })
      }
      near.pipe(far).pipe(near)
    })
  }

  static async to(target: () => number): Promise<TcpLine> {
    const line = new TcpLine(target)
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve))
    return line
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Cuts every connection there is; new ones get through. */
  cut(): void {
    for (const end of this.#ends) end.destroy()
  }

  /** Cuts every connection and lets none through until `restore`. */
  block(): void {
    this.#open = false
    this.cut()
  }

  restore(): void {
    this.#open = true
  }

  async close(): Promise<void> {
    this.block()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
