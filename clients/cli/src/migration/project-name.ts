import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** Where the name of a project was taken from, to say so. */
export interface ProjectName {
  readonly name: string
  readonly from: string
}

/** The name a folder's project goes by: headgate.yaml says it, else the package's name, else the folder's. */
export async function projectNameOf(folder: string): Promise<ProjectName> {
  const declared = await firstMatch(join(folder, 'headgate.yaml'), /^project:[ \t]*["']?([A-Za-z0-9_.-]+)["']?[ \t]*(?:#.*)?$/m)
  if (declared) return { name: declared, from: 'headgate.yaml' }
  const packageName = await packageNameOf(folder)
  if (packageName) return { name: packageName, from: 'package.json' }
  return { name: asName(basename(folder)) || 'app', from: "the folder's name" }
}

async function packageNameOf(folder: string): Promise<string | undefined> {
  try {
    const { name } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { name?: unknown }
    return typeof name === 'string' ? asName(name.replace(/^@[^/]*\//, '')) || undefined : undefined
  } catch {
    return undefined
  }
}

async function firstMatch(file: string, pattern: RegExp): Promise<string | undefined> {
  try {
    return pattern.exec(await readFile(file, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

/** What is left of a text when only characters of names are kept. */
function asName(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[-.]+|-+$/g, '')
    .slice(0, 100)
}
