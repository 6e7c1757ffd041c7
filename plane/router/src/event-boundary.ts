const LF = 10
const CR = 13

/** Follows a `text/event-stream` to know whether the last event is complete: an empty line ends one. */
export class EventBoundary {
  /** The stream is to end at the next boundary. */
  closing = false
  /** The line under way is still empty. */
  #lineEmpty = true
  #lastWasCr = false
  atBoundary = true

  follow(chunk: Buffer): void {
    // Only the end matters, and four bytes of it decide; shorter chunks go on from what was seen before.
    const from = Math.max(0, chunk.length - 4)
    if (from > 0) this.#lastWasCr = false
    for (let index = from; index < chunk.length; index += 1) this.#byte(chunk[index] as number)
  }

  #byte(byte: number): void {
    if (byte === LF && this.#lastWasCr) {
      this.#lastWasCr = false
      return
    }
    this.#lastWasCr = byte === CR
    if (byte === LF || byte === CR) {
      this.atBoundary = this.#lineEmpty
      this.#lineEmpty = true
    } else {
      this.atBoundary = false
      this.#lineEmpty = false
    }
  }
}
