import type { Reason } from './classification.ts'
import { nameWords } from './name-words.ts'

/** A pattern that only a stand-in matches, and how to say so. Applied to the trimmed value of any variable. */
interface Sign {
  readonly rule: string
  readonly pattern: RegExp
  readonly text: string
}

const SIGNS: readonly Sign[] = [
  {
    rule: 'P1',
    pattern: /(?:^|[^a-z])your(?:[-_ .]|$|domain|site|app|company|name|email|key|secret|token|password|user|host|org|project|bucket)/i,
    text: 'it says "your …"',
  },
  { rule: 'P1', pattern: /(?:@|\/\/|www\.)your[a-z-]*\./i, text: 'it says "your …"' },
  {
    rule: 'P1',
    pattern: /^(?:Some|Valid|Any|Enter|Insert)(?=[A-Z _-])[A-Za-z _-]+$|(?:That|Which)(?:Will|Is|Should)[A-Z]/,
    text: 'it describes what belongs here',
  },
  { rule: 'P1', pattern: /[-_ ]here$|^!{2,}.*!{2,}$/i, text: 'it says what belongs here' },
  {
    rule: 'P1',
    pattern:
      /(?:^|[^a-z])my[-_ ]?(?:secret|api|key|token|password|domain|bucket|client|app[-_]?(?:id|secret|key)|account|project[-_]?id|super)(?:[^a-z]|$)/i,
    text: 'it says "my …"',
  },
  {
    rule: 'P1',
    pattern:
      /^<[^<>@]*>$|<(?:your|insert|enter|api|my|the|some|put|add|replace|project|user|pass|key|secret|token|host|domain|region|id|name|db|bucket|account)[^<>@]*>|:\/\/[^\s]*<[^<>@\s]+>|:\/\/[^\s/]*\{[A-Za-z_-]+\}/i,
    text: 'it stands in angle brackets',
  },
  {
    rule: 'P1',
    pattern: /^\[[A-Za-z][A-Za-z0-9 _-]*\]$|^\{\{.*\}\}$|^\{[A-Za-z_][A-Za-z0-9_ -]*\}$|^%[A-Za-z_]+%$|^@[A-Z_]+@$|^__[A-Za-z0-9_]+__$/,
    text: 'it stands in brackets',
  },
  {
    rule: 'P1',
    pattern:
      /(?:change|replace|edit|generate|fix|set|fill|tag|update|rename|insert|enter|add|put)[-_ ]?(?:me|it|this|with|here|your)(?:[^a-z]|$)/i,
    text: 'it asks to be changed',
  },
  {
    rule: 'P1',
    pattern:
      /(?:^|[^a-z])(?:fixme|todo|tbd|placeholder|dummy|fake|mock|stub|sample|to[-_ ]?be[-_ ]?(?:modified|changed|replaced|set|defined|generated|filled)|to[-_ ]?modif(?:y|ied)|insert[-_ ]|fill[-_ ]in)(?:[^a-z]|$)/i,
    text: 'it calls itself a stand-in',
  },
  { rule: 'P1', pattern: /^(?:tobemodified|tobechanged|toreplace|xxx|any|anything)/i, text: 'it calls itself a stand-in' },
  {
    rule: 'P1',
    pattern:
      /(?:^|[^a-z])(?:change|modify|replace|update)[-_ ](?:in|for|before|on)[-_ ]|should[-_ ]be[-_ ](?:changed|updated|replaced)|do[-_ ]?not[-_ ]use|(?:is|are)[-_ ]?insecure|insecure[-_ ]|not[-_ ]?(?:a[-_ ])?(?:secure|secret|real)|made[-_ ]?up|(?:^|[^a-z])dev[-_ ]?only/i,
    text: 'it says it is not meant for use',
  },
  { rule: 'P1', pattern: /^[a-z0-9_-]*[a-z][-_](?:from|in)[-_](?:the[-_])?[a-z0-9_-]+$/i, text: 'it says where the value is found' },
  {
    rule: 'P1',
    pattern: /^[Ee]xamples?(?:$|[A-Z]|[^a-z])|[-_/:@=]example(?:$|[-_/:@0-9])|EXAMPLE(?:KEY)?$|example[A-Z]/,
    text: 'it calls itself an example',
  },
  { rule: 'P1', pattern: /blah|lorem|(?:^|[^a-z])foobar(?:[^a-z]|$)/i, text: 'it is filler text' },
  { rule: 'P1', pattern: /^(?:x{3,}|\*{3,}|-{2,}|\.{3,}|_{3,}|\?{2,}|#{3,}|0{6,}|-|\.|\u2026)$/i, text: 'it is nothing but fill' },
  { rule: 'P1', pattern: /(?:^|[^a-z0-9])x{3,}(?:$|[^a-z0-9])|x{5,}|\*{3,}/i, text: 'a part of it is x-ed out' },
  { rule: 'P1', pattern: /^\S*(?:\.{3,}|\u2026)\S*$/, text: 'it is cut off' },
  { rule: 'P6', pattern: /^[A-Za-z0-9_.-]+(?:,? or [A-Za-z0-9_.-]+)+(?:\s*\([^)]*\))?$/, text: 'it lists what could stand here' },
  { rule: 'P6', pattern: /^[A-Za-z][A-Za-z0-9_-]*(?: ?\| ?[A-Za-z][A-Za-z0-9_-]*)+$/, text: 'it lists what could stand here' },
  {
    rule: 'P6',
    pattern:
      /^(?:sk|pk|rk|whsec|gh[pousr]|github_pat|xox[abp]|AIza|eyJ|GOCSPX|re|SG|hf|phc|price|prod|key|sk[-_](?:proj|ant|live|test)|pk[-_](?:live|test)|lsv2_pt)[-_.]*$/,
    text: 'it is only the beginning of a key',
  },
  { rule: 'P6', pattern: /^[a-z]{2,8}[-_]([a-z])\1{2,}$/i, text: 'it is only the beginning of a key' },
  {
    rule: 'P2',
    pattern: /(?:^|[^a-z0-9])example\.[a-z]|\.example(?:$|[^a-z0-9])|\.invalid(?:$|[^a-z0-9])|\.tld(?:$|[^a-z0-9])/i,
    text: 'the host is reserved for examples',
  },
  {
    rule: 'P2',
    pattern:
      /(?:^|[^a-z0-9])(?:your-?|my-?|some-?|the-?)?(?:domain|website|company|mysite|myapp|yourapp|mydomain|yourdomain|mycompany)\.(?:com|org|net|io|dev|tld|local|co)(?:$|[^a-z])|\bmy\.domain\b|\byour\.domain\b|\bhost\.domain\b/i,
    text: 'the host is a stand-in',
  },
  { rule: 'P2', pattern: /@(?:admin|test|foo|bar|email|mail|user)\.(?:com|org|net)$/i, text: 'the address is a stand-in' },
  {
    rule: 'P2',
    pattern:
      /(?:^|[^a-z])path[/\\]to(?:$|[/\\])|[/\\](?:home|Users)[/\\](?:me|you|user|username|your[a-z-]*)(?:$|[/\\])|[/\\]some[/\\]path/i,
    text: 'the path is a stand-in',
  },
  { rule: 'P2', pattern: /\b[0-9]{1,3}\.[0-9]{1,3}\.(?:[0-9]{1,3}|x{1,3})\.x{1,3}\b/i, text: 'the address is not filled in' },
  {
    rule: 'P2',
    pattern: /^\+?(?:0?123456789[0-9]*|1234567890[0-9]*|987654321[0-9]*|1?5551234567|1?555[0-9]{7}|15555555555|0{9,})$/,
    text: 'the number is a stand-in',
  },
  { rule: 'P2', pattern: /^\+[0-9 ]*x{4,}$/i, text: 'the number is a stand-in' },
]

/** What marks a value as a stand-in whatever its variable is called; undefined where nothing does. */
export function standInSign(name: string, value: string, secret: boolean): Reason | undefined {
  if (value === '' || value.length > LONGEST) return undefined
  const prose = !secret && value.split(' ').length > MOST_WORDS
  const sign = SIGNS.find(({ rule, pattern }) => !(prose && rule === 'P1') && pattern.test(value))
  if (sign) return { rule: sign.rule, text: sign.text }
  if (isUnlikeGoogleId(name, value)) return { rule: 'P6', text: 'a Google client id looks different' }
  return namesItsField(name, value) ? { rule: 'P1', text: 'it only repeats what the variable is called' } : undefined
}

/** A plain value of more words is a sentence, and may well speak of samples. */
const MOST_WORDS = 5

/** Google's client ids all end alike, so a cut-off one shows. */
function isUnlikeGoogleId(name: string, value: string): boolean {
  return /GOOGLE(?:_[A-Z]+)*_CLIENT_?ID$/i.test(name) && !value.endsWith('.apps.googleusercontent.com')
}

/** Stand-ins are short; a certificate or a JSON document that says "example" somewhere is none for that. */
const LONGEST = 300

/** What a field may be called, and whose. */
const FIELDS = new Set('name user username email key id secret token password domain bucket dsn host'.split(' '))
const OWNERS = new Set(
  'database db email mail smtp user client access project bucket tenant account secret private org organization'.split(' '),
)

/** `DATABASE_NAME=database_name`, `EMAIL_USER=email_user`, `USER=username`. */
function namesItsField(name: string, value: string): boolean {
  if (value.toUpperCase() === name.toUpperCase() && /[_-]/.test(value)) return true
  if (value.toLowerCase() === 'username') return true
  if (!/^[A-Za-z]+(?:[-_][A-Za-z]+)+$/.test(value)) return false
  const words = value.toLowerCase().split(/[-_]/)
  const field = words.pop() ?? ''
  const known = new Set(nameWords(name).map((word) => word.toLowerCase()))
  return FIELDS.has(field) && words.every((word) => known.has(word) || OWNERS.has(word))
}
