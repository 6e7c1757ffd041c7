import { type Content, getPath, removePath, setPath } from '@headgate/lang'
import { type EnvironmentName, type Result, Secret, ok, refuse, shortName } from '@headgate/model'
import type { TextEdit } from './change-text.ts'
import { standingAt } from './document-text.ts'
import { assertOnlyThere } from './only-there.ts'

/** Puts content at a path. Where that very value stands there already, however it is quoted, nothing changes. */
export function setPathEdit(name: EnvironmentName, path: string, content: Content): TextEdit {
  return {
    apply: (text) => (standsThere(text, path, content) ? ok(text) : edited(name, path, text, setPath(inLines(text), path, content))),
    touched: (text) => textAt(text, path),
  }
}

/** A new environment is `values: {}`, and what is put between braces stays on that one line; without them it gets lines of its own. */
function inLines(text: string): string {
  return text.replace(/^values:[ \t]*\{[ \t]*\}/m, 'values:')
}

/** Takes away what stands at a path. */
export function removePathEdit(name: EnvironmentName, path: string): TextEdit {
  return { apply: (text) => edited(name, path, text, removePath(text, path)), touched: (text) => textAt(text, path) }
}

function textAt(text: string, path: string): string | undefined {
  const found = getPath(text, path)
  return found.ok ? found.value.text : undefined
}

/** A sealed secret never counts as standing there: only the plane could tell, and it is not asked for plaintext. */
function standsThere(text: string, path: string, content: Content): boolean {
  if (content instanceof Secret || (typeof content === 'object' && content !== null)) return false
  const found = standingAt(text, path)
  return found.ok && found.value !== undefined && !found.value.secret && found.value.value === content
}

/** An edit that is known to have changed nothing else; a refusal with the environment's name, which the language does not know. */
function edited(name: EnvironmentName, path: string, before: string, result: Result<string>): Result<string> {
  if (result.ok) {
    assertOnlyThere(before, result.value, [path])
    return result
  }
  if (result.problem.code !== 'LANG_PATH_MISSING') return result
  return refuse('PATH_NOT_FOUND', { environment: shortName(name), path })
}
