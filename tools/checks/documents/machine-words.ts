/** Nothing in the repository tells of the machine it was written on, or of where packages came from there. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from '../finding.ts'
import { escapePattern } from './escape-pattern.ts'

const reason = "what is true on one machine only is wrong on every other, and is nobody else's business"

/** In pieces, so that this file does not find itself. */
const hosts = ['registry.npmjs', 'registry.yarnpkg', 'npm.pkg.github', 'artifactory'].map((host) => `${host}.`)

/** @param registry the address npm takes packages from here, if it is known */
export function findMachineWords(repository: string, paths: readonly string[], registry: string | undefined): Finding[] {
  const words = machineWords(repository, registry)
  return paths.flatMap((path) => {
    const text = readText(join(repository, path))
    return text === undefined ? [] : findIn(path, text, words)
  })
}

function machineWords(repository: string, registry: string | undefined): RegExp {
  const host = registry === undefined ? [] : [new URL(registry).hostname].filter((name) => name.includes('.'))
  const words = [repository, `${homedir()}/`, ...hosts, ...host]
  return new RegExp(`(?<![\\w.-])(?:${words.map(escapePattern).join('|')})`)
}

function findIn(path: string, text: string, words: RegExp): Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const found = words.exec(line)?.[0]
    return found === undefined ? [] : [{ place: `${path}:${index + 1}`, message: `holds ${JSON.stringify(found)}`, reason }]
  })
}

/** Undefined for what is no text. */
function readText(file: string): string | undefined {
  const bytes = readFileSync(file)
  return bytes.includes(0) ? undefined : bytes.toString('utf8')
}
