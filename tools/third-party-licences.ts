import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

interface Library {
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly license: string
}

/**
 * The licences of the libraries that went into a bundle, as their authors ask whoever passes their work on.
 *
 * @param inputs the files of the bundle, from the repository
 */
export function thirdPartyLicences(repository: string, inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []))
  const libraries = [...folders].map((folder) => libraryIn(join(repository, folder)))
  const parts = libraries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, version, license, folder }) => {
      const text = textIn(folder)
      return `${name} ${version} (${license})\n${text === undefined ? '' : `\n${text.trim()}\n`}`
    })
  return `Headgate's command holds these libraries, each under its own licence.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`
}

function libraryIn(folder: string): Library {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Library
  return { folder, name, version, license }
}

function textIn(folder: string): string | undefined {
  const name = existsSync(folder) ? readdirSync(folder).find((file) => /^(?:licen[cs]e|copying)/i.test(file)) : undefined
  return name === undefined ? undefined : readFileSync(join(folder, name), 'utf8')
}
