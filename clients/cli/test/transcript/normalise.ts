/** What differs from run to run, by name. Each is replaced by its name in angle brackets. */
const rules: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['url', /http:\/\/127\.0\.0\.1:\d+/g],
  ['token', /\bhg[a-z]*_[A-Za-z0-9_-]{20,}/g],
  ['id', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g],
  // Changes are counted with what is no record, and of that the machine's speed decides.
  ['change', /(?<=^ *)\d+(?= {2}20\d\d-[\d-]+ [\d:]+ {2}\w+ +\w+\.\w+ )|(?<="change":)\d+/gm],
  ['time', /\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\b/g],
  ['milliseconds', /(?<="(?:time|taken|created|changed|rolledBack|started|expires)":)\d{13}\b/g],
  // Whether the checkpoint beside the key had been written by then, which is at most a second later.
  ['anchored', /(?<="anchored":)(?:true|false)/g],
  ['seconds', /(?<="seconds":)[\d.e-]+/g],
  ['hash', /\b[0-9a-f]{64}\b/g],
  ['key-id', /\b[0-9a-f]{16}\b/g],
  // Records of the log are among them, and of those the machine's speed decides.
  ['rows', /\d+(?= rows read)/g],
  ['short-hash', /\b[0-9a-f]{12}\b/g],
  ['random', /(?<=unsaved\/edit-)\w{6}/g],
  ['pid', /(?<=in use by process )\d+/g],
  ['size', /\b\d+(\.\d)? (B|KiB|MiB)\b/g],
  ['root', /(?<=root |"root":")[A-Za-z0-9+/]{43}=/g],
  ['checkpoint', /(?<="checkpoint":")[^"]+/g],
  ['sealed', /(?<=ciphertext"?: ?\\?"?)[A-Za-z0-9+/=_-]{20,}/g],
]

/** A session's output as it is the same in every run. */
export function normalise(text: string, folder: string): string {
  const inside = text.replaceAll(folder, '<folder>')
  return rules.reduce((so, [name, pattern]) => so.replace(pattern, `<${name}>`), inside)
}
