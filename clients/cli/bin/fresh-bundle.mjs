/**
 * Whether the bundle of the command is what the sources are, for the command's door, which reads this in the repository at every
 * start. So it is plain JavaScript, and takes Node's modules without an `import` of them (see tools/builtin-modules.ts).
 */
const { readFileSync, statSync } = process.getBuiltinModule('node:fs')
const { join } = process.getBuiltinModule('node:path')

/** What a bundle was made of, each file with its time and size; beside the bundle's own files. */
export const INPUTS = 'inputs.json'

/**
 * @param {string} repository
 * @param {string} bundle the bundle's folder
 * @returns {boolean} false too where there is none
 */
export function isFresh(repository, bundle) {
  try {
    const inputs = JSON.parse(readFileSync(join(bundle, INPUTS), 'utf8'))
    return Object.entries(inputs).every(([input, seen]) => sameFile(seen, stampOf(join(repository, input))))
  } catch {
    return false
  }
}

/**
 * What shows that a file is another one than it was, older ones put in its place among them.
 *
 * @param {string} path
 * @returns {[number, number]}
 */
export function stampOf(path) {
  const { mtimeMs, size } = statSync(path)
  return [mtimeMs, size]
}

/**
 * @param {[number, number] | null} seen
 * @param {[number, number]} now
 */
function sameFile(seen, [time, size]) {
  return seen !== null && seen[0] === time && seen[1] === size
}
