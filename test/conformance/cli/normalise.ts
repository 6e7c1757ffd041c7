import { secondName } from './replay.ts'

/**
 * What the suite's own fakes print and a real client over a real server cannot, made alike on both sides. Each rule says
 * what it hides.
 */
const RULES: readonly (readonly [string, RegExp, string])[] = [
  ['statuses, which the suite bypasses', /\[(?:400|404|409)\] /g, ''],
  ['what else the server says where something exists already', /already exists: there .*$/gm, 'already exists'],
  ['how it says that something is not there', /there is no (?:environment|draft|schedule) .*$/gm, 'not found'],
  ['the same, as one fake says it', /Error: environment not found/g, 'Error: not found'],
  [
    'a hint the client has for a real 404',
    /environment \S+ does not exist; pass --create .*$/gm,
    'getting environment definition: not found',
  ],
  ["the fakes' authors", /^Author: +.*$/gm, 'Author: somebody'],
  ["the fakes' clocks", /^Date: +.*$/gm, 'Date: then'],
  ['who retracted when', /Retracted by .* at .* and replaced with/g, 'Retracted and replaced with'],
  ['a made-up replacement', /replaced with revision \d+/g, 'replaced with a revision'],
  ['who changed a tag when', /^Last updated at .*$/gm, 'Last updated'],
  ['times in tables', /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g, 'THEN'],
  ['editors in tables', /<unknown>|test-user <test-user>/g, 'SOMEBODY'],
  ['ids', /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|test-request-id-12345/g, 'ID'],
  ['names of temporary files', /[^\s"=]*temp\/esc-(?:temp-)?\d+/g, 'FILE'],
  ['what an opened environment is called in places', /"environment": "default\/test"/g, '"environment": "test"'],
  ['the same in messages', /\bdefault\/test(?=:\d+:\d+)/g, 'test'],
  ['how a sealed value is laid out: ours stays in its place', /fn::secret:\n[ +-]+ciphertext: (\S+)/g, 'fn::secret: {ciphertext: $1}'],
  ['an environment that holds nothing, which the fake shows as nothing', /^(> esc open .*)\n\{\}$/gm, '$1'],
  ['when a schedule comes next: one fake never looks at its plan', /^Next execution: .*$/gm, 'Next execution'],
  ['the console, which there is none of', / \(https?:[^)]*\)| \(\)/g, ''],
  ['how a sign-in is told', /^Logging in using access token from PULUMI_ACCESS_TOKEN\n/gm, ''],
  ['an address of the console', /^Change request URL:.*$/gm, 'Change request URL:'],
  ["the operating system's words", /exec: "([^"]*)": executable file not found in \$PATH/g, 'command not found'],
  ['which of the two services: here they are one', /https:\/\/api\.(?:fake\.)?pulumi\.com|(?<=Logged in to )pulumi\.com/g, 'SERVICE'],
]

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
