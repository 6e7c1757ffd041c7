import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { classify, classifyFile, readDotenv } from '@headgate/scan'

/** Names, or NAME=value, by what a rule makes of them. What a list does not speak of is not asked. */
interface RuleCases {
  readonly rule: string
  readonly secret?: readonly string[]
  readonly open?: readonly string[]
  readonly standIn?: readonly string[]
  readonly real?: readonly string[]
}

const cases = JSON.parse(readFileSync(new URL('../testdata/classify/cases.json', import.meta.url), 'utf8')) as RuleCases[]

for (const { rule, secret = [], open = [], standIn = [], real = [] } of cases) {
  test(rule, () => {
    const wrong = [
      ...secret.filter((line) => !judge(line).secret).map((line) => `${line} is a secret`),
      ...open.filter((line) => judge(line).secret).map((line) => `${line} is no secret`),
      ...standIn.filter((line) => !judge(line).placeholder).map((line) => `${line} is a placeholder`),
      ...real.filter((line) => judge(line).placeholder).map((line) => `${line} is no placeholder`),
    ]
    assert.deepEqual(wrong, [])
  })
}

function judge(line: string) {
  const split = line.indexOf('=')
  return split === -1 ? classify(line, '') : classify(line.slice(0, split), line.slice(split + 1))
}

/** What a file makes of its variables: S for secret, P for placeholder. */
function judgeFile(text: string): Record<string, string> {
  const file = readDotenv(text)
  return Object.fromEntries(
    [...classifyFile(file)].map(([{ name }, { secret, placeholder }]) => [name, `${secret ? 'S' : ''}${placeholder ? 'P' : ''}`]),
  )
}

test('S5: a connection string is no secret where the password has a variable of its own', () => {
  assert.deepEqual(judgeFile('REDIS_URL=redis://cache\nREDIS_PASSWORD=\nMONGO_URL=mongodb://db\n'), {
    REDIS_URL: '',
    REDIS_PASSWORD: 'S',
    MONGO_URL: 'S',
  })
})

test('S9: a comment that begins by naming a secret makes one', () => {
  assert.deepEqual(judgeFile('# Access password, separated by comma\nCODE=qX7pL2mN9v\n\n# Password reset page\nRESET=/reset\n'), {
    CODE: 'S',
    RESET: '',
  })
})

test('P3: a secret that repeats the user or the product is a placeholder', () => {
  assert.equal(judgeFile('APP_NAME=Acme-4711\nDB_PASSWORD=acme-4711\n')['DB_PASSWORD'], 'SP')
  assert.equal(judgeFile('DB_PASSWORD=acme-4711x8\n')['DB_PASSWORD'], 'S')
})

test('P4: a section that says to change its values makes placeholders of them, up to the next section', () => {
  const text =
    '####\n# YOU MUST CHANGE ALL THE DEFAULT VALUES BELOW\n####\n\nTOKEN=q8Zr1vXw\nUSER_NAME=max\nEMPTY=\n\n####\n# URLs\n####\n\nSITE=http://x.org\n'
  assert.deepEqual(judgeFile(text), { TOKEN: 'SP', USER_NAME: 'P', EMPTY: 'P', SITE: '' })
})

test('P5: an empty value is a placeholder where its comment or its section says it must be set', () => {
  assert.deepEqual(
    judgeFile('# (required)\nA=\n\n# Optional. Required if B is used\nB=\n\n# YOU MUST SET THESE VARIABLES\nC=\nD=\n\nE=\n'),
    {
      A: 'P',
      B: '',
      C: 'P',
      D: 'P',
      E: '',
    },
  )
})

test('P7: a comment that says to replace a value makes a placeholder, one that allows it does not', () => {
  assert.deepEqual(
    judgeFile('A=q1w2 # change this in production\nB=8080 # change this if the port is taken\n# You need not change this\nC=x\n'),
    {
      A: 'P',
      B: '',
      C: '',
    },
  )
})

test('a comment about passwords asks nothing of the host name beside them', () => {
  const text = '# To stay secure, please change the default password\nDB_DRIVER=mysql\nDB_LOGIN=homestead\nDB_PASSWORD=q8Zr1vXw77\n'
  assert.deepEqual(judgeFile(text), { DB_DRIVER: '', DB_LOGIN: '', DB_PASSWORD: 'SP' })
})

test('P9: a value made of references is secret where what it refers to is', () => {
  const text = 'DB_PASSWORD=x\nPAIR=me:${DB_PASSWORD}\nTWICE=$PAIR\nCIRCLE=${CIRCLE}\nHOST_ALIAS=${HOST}\n'
  assert.deepEqual(judgeFile(text), { DB_PASSWORD: 'SP', PAIR: 'S', TWICE: 'S', CIRCLE: '', HOST_ALIAS: '' })
})

test('no reason ever holds a value', () => {
  const secret = 'Zx81QqLmNoPq7734'
  for (const name of ['DB_PASSWORD', 'DATABASE_URL', 'X']) {
    const { reasons } = classify(name, `postgres://u:${secret}@h`, { comment: 'change this' })
    assert.ok(!JSON.stringify(reasons).includes(secret))
  }
})
