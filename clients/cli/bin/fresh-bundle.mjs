/**
 * Whether the bundle of the command is what the sources are, for the command's door, which reads this in the repository at every
 * start. So it is plain JavaScript, and takes Node's modules without an `import` of them (see tools/builtin-modules.ts).
 */
const { readFileSync, statSync } = process.getBuiltinModule('node:fs')
const { join } = process.getBuiltinModule('node:path')

/** What a bundle was made of and when; beside its files. */
export const INPUTS = 'inputs.json'

/**
 * @param {string} repository
 * @param {string} bundle the bundle's folder
 * @returns {boolean} false too where there is none
 */
export function isFresh(repository, bundle) {
  try {
    const { begun, inputs } = JSON.parse(readFileSync(join(bundle, INPUTS), 'utf8'))
    return inputs.every((input) => statSync(join(repository, input)).mtimeMs < begun)
  } catch {
    return false
  }
}
