/** Where `headgate serve` listens when nothing is said, and so where the other commands look. */
export const DEFAULT_PORT = 4280
export const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`
/** Where `headgate serve` keeps its data when nothing is said. */
export const DEFAULT_DATA = '.headgate/data'
