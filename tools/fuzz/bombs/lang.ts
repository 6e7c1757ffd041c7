import type { GeneratedCase } from '../../differential/generate-document.ts'

/** Texts made to take all the time or memory there is. Each must end in a value or in a diagnostic, soon. */
export const BOMBS: readonly (() => GeneratedCase)[] = [
  () => document(`a: ${'['.repeat(9000)}`),
  () => document(`a: ${'['.repeat(9000)}${']'.repeat(9000)}`),
  () => document(`a: ${'{a: '.repeat(3000)}1${'}'.repeat(3000)}`),
  () => document(`a:\n${Array.from({ length: 900 }, (_, i) => `${' '.repeat(i + 3)}a:`).join('\n')}`),
  () => document(`a: ${'- '.repeat(5000)}x`),
  () => document(`a: "\${${'a.'.repeat(20_000)}a}"`),
  () => document(`a: "${'${'.repeat(20_000)}"`),
  () => document(`a: ${'${b}'.repeat(20_000)}\n  b: ${'x'.repeat(500)}`),
  () => document(`a: ${'"x" '.repeat(3000)}`),
  () => document(`a: &x [1]\n${Array.from({ length: 500 }, (_, i) => `  b${i}: *x`).join('\n')}`),
  () => document(`k: ${'x'.repeat(2000)}: y`),
  () => document('? '.repeat(3000)),
  () => document(`a: !!${'x%20'.repeat(5000)} y`),
  () => document(chain(3000, (i) => `\${k${i}}`)),
  () => document(chain(3000, (i) => `\${k${i}}`, true)),
  () => document(chain(30, (i) => `\${k${i}}\${k${i}}`)),
  () => document(chain(40, (i) => `{x: "\${k${i}}", y: "\${k${i}}"}`)),
  () =>
    document(
      `${chain(40, (i) => `{x: "\${k${i}}", y: "\${k${i}}"}`)}\n  j: {fn::toJSON: "\${k20}"}\n  s: {fn::toString: "\${k19}"}\n  t: <\${k18}>`,
    ),
  () => document(chain(40, (i) => `["\${k${i}}", "\${k${i}}", "\${k${i}}"]`)),
  () => document(chain(30, (i) => `{fn::concat: [["\${k${i}}"], ["\${k${i}}"]]}`)),
  () => document(chain(30, (i) => `{fn::open::test: {a: "\${k${i}}", b: "\${k${i}}"}}`)),
  () => document(chain(200, (i) => `{fn::toJSON: ["\${k${i}}"]}`)),
  () => document(`a: {fn::fromJSON: "${'['.repeat(100_000)}"}`),
  () =>
    document(
      `a: {fn::validate: {schema: {$defs: {${Array.from({ length: 25 }, (_, i) => `d${i}: {anyOf: [{$ref: "#/$defs/d${i + 1}"}, {$ref: "#/$defs/d${i + 1}"}]}`).join(', ')}, d25: {type: string}}, $ref: "#/$defs/d0"}, value: 1}}`,
    ),
  () => document(`a: {fn::validate: {schema: {pattern: "(a*)*(a*)*(a*)*b"}, value: ${'a'.repeat(5000)}}}`),
  () => document(`a: {fn::validate: {schema: {multipleOf: 0.1}, value: {fn::fromJSON: "1e2000000000"}}}`),
  () => document(`a: {fn::validate: {schema: {maximum: 1e2000000000}, value: {fn::fromJSON: "${'9'.repeat(5000)}e-2000000000"}}}`),
  () => document(`${Array.from({ length: 3000 }, (_, i) => `key${i}: 1`).join('\n  ')}\n  x: \${kee1}`),
  () => document(Array.from({ length: 2000 }, (_, i) => `k${i}: {fn::open::test: {n: ${i}}}`).join('\n  ')),
  () => document(`a: é${'${b}'.repeat(6000)}\n  b: [é, ${'é, '.repeat(6000)}é]`),
  () => document(`? ${'k'.repeat(20_000)}\n  : [${'"${z}", '.repeat(2000)}]`),
  () => document(`${lines(1000, (i) => `key${i}: 1`)}\n  ${lines(1000, (i) => `ref${i}: \${kee${i}x}`)}`),
  () => document(`a: {fn::validate: {schema: {maximum: 3}, value: {fn::fromJSON: "1${'0'.repeat(200_000)}1"}}}`),
  () => document(`a: {fn::validate: {schema: {items: {enum: [${numbers(2000)}]}}, value: [${numbers(2000)}, x]}}`),
  () => document(`a: {fn::toYAML: ${'['.repeat(400)}${'1, '.repeat(5000)}1${']'.repeat(400)}}`),
  () =>
    document(
      `${chain(13, (i) => `\${k${i}}\${k${i}}`).replace('{x: 1}', 'x'.repeat(200))}\n  ${lines(300, (i) => `b${i}: {fn::toBase64: "\${k13}"}`)}`,
    ),
  () => document(`big: {a: [${numbers(1000)}]}\n  ${lines(800, (i) => `b${i}: {fn::open::test: "\${big}"}`)}`),
  () => document(lines(600, (i) => `k${i}: {fn::rotate::swap: {inputs: {}, state: {a: x, b: y}}}`)),
  () => ladder(18),
  () => importChain(400),
  () => ({ name: 'env', files: { env: `imports: [${'a, '.repeat(3000)}a]\n`, a: 'values: {o: {p: {q: 1}}}\n' }, rotate: false }),
  () => ({
    name: 'env',
    files: Object.fromEntries<string>([
      ['env', 'imports: [e0]\n'] as const,
      ...Array.from(
        { length: 30 },
        (_, i) => [`e${i}`, `imports: [${Array.from({ length: 30 }, (__, j) => `e${j}`).join(', ')}]\nvalues: {k${i}: 1}\n`] as const,
      ),
    ]),
    rotate: false,
  }),
]

function lines(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join('\n  ')
}

function numbers(count: number): string {
  return Array.from({ length: count }, (_, i) => i).join(', ')
}

function document(values: string): GeneratedCase {
  return { name: 'env', files: { env: `values:\n  ${values}\n` }, rotate: false }
}

/** k1 made of k0, k2 of k1 and so on; backwards, so that the first key needs all others. */
function chain(length: number, value: (i: number) => string, backwards = false): string {
  const name = (i: number) => (backwards ? length - i : i)
  return ['k0: {x: 1}', ...Array.from({ length }, (_, i) => `k${i + 1}: ${value(i)}`)]
    .map((line) => (backwards ? line.replace(/k([0-9]+)/g, (_, i: string) => `k${String(name(Number(i))).padStart(5, '0')}`) : line))
    .join('\n  ')
}

function ladder(levels: number): GeneratedCase {
  const files: Record<string, string> = { e0: 'values: {o: {e0: 1}}\n' }
  for (let k = 1; k <= levels; k++) {
    files[`l${k}`] = `imports: [e${k - 1}]\nvalues: {o: {l${k}: 1}}\n`
    files[`r${k}`] = `imports: [e${k - 1}]\nvalues: {o: {r${k}: 1}}\n`
    files[`e${k}`] = `imports: [l${k}, r${k}]\nvalues: {o: {e${k}: 1}}\n`
  }
  return { name: 'env', files: { ...files, env: `imports: [e${levels}]\n` }, rotate: false }
}

function importChain(length: number): GeneratedCase {
  const files: Record<string, string> = { env: `imports: [e${length}]\n`, e0: 'values: {a: 1}\n' }
  for (let k = 1; k <= length; k++) files[`e${k}`] = `imports: [e${k - 1}]\nvalues: {a: {k${k}: 1}}\n`
  return { name: 'env', files, rotate: false }
}
