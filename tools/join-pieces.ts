import { basename } from 'node:path'
import { type BuildOptions, type Metafile, type Plugin, build } from 'esbuild'

type Outputs = ReadonlyMap<string, Metafile['outputs'][string]>

/**
 * Puts an entry and all it imports at once into one file. The bundler makes a piece of every set of modules that the same
 * entries need, so that a command would begin by reading twenty small files, which costs more than what stands in them. What is
 * loaded later takes from the one file what it took from the pieces; each thing is there once, as before.
 *
 * @param texts the pieces by name
 * @param entry the name of the one that is loaded first
 * @returns the text of every file, by its name
 */
export async function joinPieces(metafile: Metafile, texts: ReadonlyMap<string, string>, entry: string): Promise<[string, string][]> {
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]))
  const together = loadedWith(entry, outputs)
  const asked = new Set(
    [...outputs.values()].flatMap(({ imports }) =>
      imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => basename(path)),
    ),
  )
  const doors = [...together]
    .filter((name) => name !== entry && asked.has(name))
    .map((name): [string, string] => [name, doorText(name, entry, outputs)])
  const [whole, rest] = await Promise.all([
    buildPieces({ stdin: { contents: wholeText(entry, together, outputs), sourcefile: entry } }, [insideOf(together, texts)]),
    buildPieces({ entryPoints: [...texts.keys()].filter((name) => !together.has(name)) }, [outsideOf(entry, together, outputs, texts)]),
  ])
  return [[entry, whole[0]?.text ?? ''], ...rest.map(({ path, text }): [string, string] => [basename(path), text]), ...doors]
}

async function buildPieces(what: Pick<BuildOptions, 'stdin' | 'entryPoints'>, plugins: Plugin[]) {
  const options = { bundle: true, format: 'esm', platform: 'node', target: 'node24', logLevel: 'silent', write: false } as const
  return (await build({ ...options, ...what, plugins, outdir: 'bundle', minifyWhitespace: true, minifySyntax: true })).outputFiles
}

/** The entry and, one after another, all that is imported by statement. */
function loadedWith(entry: string, outputs: Outputs): ReadonlySet<string> {
  const seen = new Set([entry])
  for (const name of seen) {
    for (const { path, kind, external } of outputs.get(name)?.imports ?? [])
      if (kind === 'import-statement' && external !== true) seen.add(basename(path))
  }
  return seen
}

/** Everything the pieces export, under names of its own. */
function wholeText(entry: string, together: ReadonlySet<string>, outputs: Outputs): string {
  const lines = [...together].map((name) => {
    const keys = outputs.get(name)?.exports ?? []
    return `export { ${keys.map((key) => (name === entry ? key : `${key} as ${handle(name, key)}`)).join(', ')} } from './${name}'`
  })
  return lines.join('\n')
}

/** In the place of a piece: what was in it, from the one file. */
function doorText(name: string, entry: string, outputs: Outputs): string {
  const keys = outputs.get(name)?.exports ?? []
  return `export { ${keys.map((key) => (name === entry ? key : `${handle(name, key)} as ${key}`)).join(', ')} } from './${entry}'\n`
}

/** What something of a piece is called in the one file. Of the piece's name, so that whoever runs from an earlier bundle finds it too. */
function handle(piece: string, key: string): string {
  return `${piece.replaceAll(/\W/g, '_')}_${key}`
}

function insideOf(together: ReadonlySet<string>, texts: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'inside',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, ({ path, kind }) => {
        const isInside = kind === 'import-statement' && together.has(basename(path))
        return isInside ? { path: basename(path), namespace: 'piece' } : { path, external: true }
      })
      onLoad({ filter: /./, namespace: 'piece' }, ({ path }) => ({ contents: texts.get(path) ?? '' }))
    },
  }
}

function outsideOf(entry: string, together: ReadonlySet<string>, outputs: Outputs, texts: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'outside',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, ({ path, kind, namespace }) => {
        if (kind === 'entry-point') return { path, namespace: 'piece' }
        const isInside = kind === 'import-statement' && namespace === 'piece' && together.has(basename(path))
        return isInside ? { path: basename(path), namespace: 'door' } : { path, external: true }
      })
      onLoad({ filter: /./, namespace: 'piece' }, ({ path }) => ({ contents: texts.get(path) ?? '' }))
      onLoad({ filter: /./, namespace: 'door' }, ({ path }) => ({ contents: doorText(path, entry, outputs) }))
    },
  }
}
