import type { World } from '../world.ts'

export interface Progress {
  /** Replaces what is shown. */
  update(what: string): void
  /** Takes the line away; what remains to be said is the answer's business. */
  done(): void
}

/** Work shorter than this is over before a line about it could be read. */
const SHOW_AFTER_MS = 300
const REDRAW_MS = 200
const CLEAR_LINE = '\r\u001b[K'

/** A line on standard error with the seconds gone by, on a terminal only. It never keeps the process alive. */
export function startProgress(what: string, { stderr, env }: World): Progress {
  if (!stderr.isTTY || env['TERM'] === 'dumb') return { update() {}, done() {} }
  const started = performance.now()
  let shown = what
  const draw = () => {
    const gone = performance.now() - started
    if (gone >= SHOW_AFTER_MS) stderr.write(`${CLEAR_LINE}${shown} … ${Math.round(gone / 1000)} s`)
  }
  const timer = setInterval(draw, REDRAW_MS)
  timer.unref()
  return {
    update(next) {
      shown = next
      draw()
    },
    done() {
      clearInterval(timer)
      if (performance.now() - started >= SHOW_AFTER_MS) stderr.write(CLEAR_LINE)
    },
  }
}
