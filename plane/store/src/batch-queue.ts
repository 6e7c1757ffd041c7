/** Things that are worked off in batches, one batch after the other, in the order they came. */
export interface BatchQueue<T> {
  add(item: T): void
  /** Something to be done while no batch is. */
  between(work: () => Promise<void>): Promise<void>
  /** Waits for what is there. */
  idle(): Promise<void>
}

/** Turns of the event loop a batch waits at most for more to come, as long as each brings some. */
const GATHERING = 8

/**
 * @param limit things in one batch at most, so that the first of a flood does not wait for the last
 * @param handle must not reject
 */
export function createBatchQueue<T>(limit: number, handle: (batch: readonly T[]) => Promise<void>): BatchQueue<T> {
  let waiting: T[] = []
  const betweens: (() => Promise<void>)[] = []
  let running: Promise<void> | undefined

  /**
   * Lets the sockets be read, so that everything that arrived during the last batch is in the next. What a commit costs
   * is shared by its batch: as long as a turn brings more, the next one is waited for too.
   */
  const gather = async (): Promise<void> => {
    for (let turn = 0, before = -1; turn < GATHERING && waiting.length > before && waiting.length < limit; turn += 1) {
      before = waiting.length
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  const start = () => {
    running ??= gather().then(async () => {
      while (waiting.length > 0 || betweens.length > 0) {
        const batch = waiting.slice(0, limit)
        waiting = waiting.slice(limit)
        if (batch.length > 0) await handle(batch)
        for (const work of betweens.splice(0)) await work()
        await gather()
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
