import { secondName } from './replay.ts'

/** Whom the suite's fakes and this plane name as having done something. */
const PEOPLE = /Test Tester <test-tester>|pulumipus <pulumipus>|test-user <test-user>|<unknown>/g

/**
 * What the suite's own fakes print and a real client over a real server cannot, made alike on both sides. Each rule says
 * what it hides, and is written for that alone.
 */
const RULES: readonly (readonly [string, RegExp, string])[] = [
  ['the words of a real server for a 404, whose status the suite bypasses', /(?<=^Error: (?:[a-z ]+: )?)\[404\] .*$/gm, 'not found'],
  ['the same, as some fakes say it', /(?<=^Error: (?:[a-z ]+: )?)(?:environment|source env) not found$/gm, 'not found'],
  ['the words for what is there already', /(?<=^Error: (?:[a-z ]+: )?)\[409\] already exists: .*$/gm, 'already exists'],
  ['the words of the language for an import that is not there', /(?<=^Error: )there is no environment \S+$/gm, 'not found'],
  [
    'a hint the client has for a real 404',
    /(?<=^Error: )environment \S+ does not exist; pass --create to create it, or run `esc env init \S+` first$/gm,
    'getting environment definition: not found',
  ],
  ["the fakes' clocks", /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g, 'THEN'],
  ["the fakes' people", PEOPLE, 'SOMEBODY'],
  ['ids', /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|test-request-id-12345/g, 'ID'],
  ['names of temporary files', /(?:\/[^\s"=]*\/headgate-cli-\w+\/)?temp\/esc-(?:temp-)?\d+/g, 'FILE'],
  ['what an opened environment is called in places: the fake leaves its project out', /(?<="environment": ")default\/(?=[\w.-]+")/g, ''],
  ['the same in messages', /\bdefault\/(?=[\w.-]+:\d+:\d+)/g, ''],
  ['how a sealed value is laid out: ours stays in its place', /fn::secret:\n[ +-]+ciphertext: (\S+)/g, 'fn::secret: {ciphertext: $1}'],
  ['an environment that holds nothing, which the fake shows as nothing', /^(> esc open \S+)\n\{\}$/gm, '$1'],
  [
    'at what time a schedule comes next: one fake never looks at its plan',
    /(?<=^Next execution: \d{4}-\d\d-\d\dT)\d\d:\d\d:\d\dZ$/gm,
    'TIME',
  ],
  ['the console, which there is none of', /(?<=^Logged in to \S+ as \S+) \((?:https:[^)]*)?\)$/gm, ''],
  ['how a sign-in is told', /^Logging in using access token from PULUMI_ACCESS_TOKEN\n/gm, ''],
  ['an address of the console', /(?<=^Change request URL:) (?:https:\S+)?$/gm, ''],
  ["the operating system's words", /exec: "[^"]*": executable file not found in \$PATH/g, 'command not found'],
  ['which of the two services: here they are one', /https:\/\/api\.(?:fake\.)?pulumi\.com|(?<=Logged in to )pulumi\.com/g, 'SERVICE'],
]

/** A retraction without a replacement: the fake makes one up, which no revision has. */
const MADE_UP = /(?<=Retracted by SOMEBODY at THEN and replaced with revision )42(?=\.)/
const REPLACED = /(?<=Retracted by SOMEBODY at THEN and replaced with revision )\d+(?=\.)/

/** What was printed as it is expected, where the expectation is made up; both are normalised, and have as many lines. */
export function asExpected(expected: string, found: string): string {
  const wanted = expected.split('\n')
  return found
    .split('\n')
    .map((line, index) => (MADE_UP.test(wanted[index] ?? '') ? line.replace(REPLACED, '42') : line))
    .join('\n')
}

/** Rows of tables, whose widths follow what stands in them. */
const TABLE = /^[┌├└│]/

export function normalise(text: string, url: string): string {
  let plain = text.replaceAll(secondName(url), 'https://api.pulumi.com').replaceAll(url, 'https://api.fake.pulumi.com')
  for (const [, pattern, replacement] of RULES) plain = plain.replace(pattern, replacement)
  return plain
    .split('\n')
    .map((line) => (TABLE.test(line) ? line.replace(/─+/g, '─').replace(/ +/g, ' ') : line).trimEnd())
    .join('\n')
    .trim()
}
