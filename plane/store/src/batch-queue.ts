/** Things that are worked off in batches, one batch after the other, in the order they came. */
export interface BatchQueue<T> {
  add(item: T): void
  /** Something to be done while no batch is. */
  between(work: () => Promise<void>): Promise<void>
  /** Waits for what is there. */
  idle(): Promise<void>
}

/**
 * @param limit things in one batch at most, so that the first of a flood does not wait for the last
 * @param handle must not reject
 */
export function createBatchQueue<T>(limit: number, handle: (batch: readonly T[]) => Promise<void>): BatchQueue<T> {
  let waiting: T[] = []
  const betweens: (() => Promise<void>)[] = []
  let running: Promise<void> | undefined

  /** One macrotask later, so that everything the event loop has ready now is in the first batch too. */
  const start = () => {
    running ??= new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      while (waiting.length > 0 || betweens.length > 0) {
        const batch = waiting.slice(0, limit)
        waiting = waiting.slice(limit)
        if (batch.length > 0) await handle(batch)
        for (const work of betweens.splice(0)) await work()
        // Lets the sockets be read: what arrived during the commit belongs into the next batch.
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
      running = undefined
    })
  }

  return {
    add(item) {
      waiting.push(item)
      start()
    },
    between: (work) =>
      new Promise((resolve, reject) => {
        betweens.push(() => work().then(resolve, reject))
        start()
      }),
    async idle() {
      await running
    },
  }
}
