/**
 * `npm run conformance:env -- FOLDER`: whether every `.env` file of a folder is read as npm dotenv reads it.
 *
 * The folder holds NAME.env files and beside each a NAME.readers.json, whose key `dotenv` is the norm. Without an argument
 * it is the shared corpus. It ends with `N passed, N failed`, one for each file, and exits with 1 if any failed and with 2
 * if there was nothing to do.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sharedFolder } from '../shared-folder.ts'
import { type FileVerdict, judgeFile } from './env/judge-file.ts'
import { renderVerdict } from './env/render-verdict.ts'

/** Judges every file of a folder, in the order of their names. */
export function judgeFolder(folder: string): FileVerdict[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.env') && statSync(join(folder, name)).isFile())
    .toSorted()
    .map((name) => judgeFile(folder, name))
}

function main(argument: string | undefined): number {
  const folder = argument === undefined ? sharedFolder('env-corpus') : resolve(argument)
  if (folder === undefined || !existsSync(folder) || !statSync(folder).isDirectory()) {
    console.error(`there is no folder ${folder ?? 'of shared data'}; name one: npm run conformance:env -- FOLDER`)
    return 2
  }
  const verdicts = judgeFolder(folder)
  if (verdicts.length === 0) {
    console.error(`no file in ${folder} ends in .env`)
    return 2
  }
  for (const verdict of verdicts) console.log(renderVerdict(verdict))
  const failed = verdicts.filter((verdict) => !verdict.passed).length
  console.log(`${verdicts.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = main(process.argv[2])
}
