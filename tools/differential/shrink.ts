import type { GeneratedCase } from './generate-document.ts'

/** Attempts one case is worth. */
const ATTEMPTS = 400

/** The smallest case found that still fails: whole environments are left out first, then lines, then pieces of lines. */
export async function shrink(start: GeneratedCase, stillFails: (candidate: GeneratedCase) => Promise<boolean>): Promise<GeneratedCase> {
  let smallest = start
  let attempts = 0
  const attempt = async (files: Record<string, string>): Promise<boolean> => {
    if (attempts++ > ATTEMPTS) return false
    const candidate = { ...smallest, files }
    if (!(await stillFails(candidate))) return false
    smallest = candidate
    return true
  }
  for (const name of Object.keys(start.files)) {
    if (name === 'env') continue
    const { [name]: _, ...rest } = smallest.files
    await attempt(rest)
  }
  for (let progress = true; progress && attempts < ATTEMPTS;) {
    progress = false
    for (const name of Object.keys(smallest.files)) if (await shrinkLines(name, () => smallest, attempt)) progress = true
  }
  return smallest
}

async function shrinkLines(
  name: string,
  current: () => GeneratedCase,
  attempt: (files: Record<string, string>) => Promise<boolean>,
): Promise<boolean> {
  let progress = false
  const count = (current().files[name] as string).split('\n').length
  for (let size = Math.max(1, count >> 1); size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; ;) {
      const lines = (current().files[name] as string).split('\n')
      if (at >= lines.length) break
      const shorter = [...lines.slice(0, at), ...lines.slice(at + size)]
      if (await attempt({ ...current().files, [name]: shorter.join('\n') })) progress = true
      else at += size
    }
  }
  return progress
}
