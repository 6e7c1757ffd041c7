const LEVELS = { debug: 10, info: 20, warn: 30, error: 40 }

/** Writes one line of JSON for each event, from the level on that is asked for at that moment. */
export function createLog(levelNow) {
  const write =
    (level) =>
    (message, fields = {}) => {
      if (LEVELS[level] < LEVELS[levelNow()]) return
      process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`)
    }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
