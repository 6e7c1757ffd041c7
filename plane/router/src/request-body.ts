import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/**
 * The body of a request on its way to an instance. It stands between the two so that the end of the one is not the
 * end of the other: undici destroys the stream it was given when the instance answers early, and destroying the request itself would take the
 * client's connection, and the answer, with it.
 *
 * Nothing is read from the client before the instance's connection stands, so until `touched` another instance can still be given the whole body.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage
  readonly #began: () => void
  /** Something was asked of the client: this body can be sent only once. */
  touched = false
  /** The client's turn: the instance could take more. */
  wanting = false
  bytes = 0

  constructor(request: IncomingMessage, began: () => void) {
    super({ highWaterMark: 64 * 1024 })
    this.#request = request
    this.#began = began
  }

  override _read(): void {
    this.wanting = true
    if (!this.touched) this.#begin()
    this.#request.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.touched) {
      this.#request.off('data', this.#take)
      this.#request.off('end', this.#end)
      // What the client still sends must be taken off the connection, or the next request on it would never be read.
      if (!this.#request.complete) this.#request.resume()
    }
    callback(error)
  }

  #begin(): void {
    this.touched = true
    this.#began()
    this.#request.on('data', this.#take)
    this.#request.on('end', this.#end)
  }

  readonly #take = (chunk: Buffer): void => {
    this.bytes += chunk.length
    this.wanting = false
    if (!this.push(chunk)) this.#request.pause()
  }

  readonly #end = (): void => {
    this.wanting = false
    this.push(null)
  }
}
