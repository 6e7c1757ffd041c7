/** What the comments around a variable say about it. */
import type { ClassifyContext, Reason } from './classification.ts'

/** Longer comments are read up to here; what a variable must be is said near its beginning. */
const LONGEST = 4000

/** Sections are asked about for every variable in them, so the last answer is kept. */
function remember<T>(ask: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly answer: T } | undefined
  return (text) => {
    if (last?.text !== text) last = { text, answer: ask(text) }
    return last.answer
  }
}

/** The comment begins by naming the thing: "Access password", "The API key of …". What it says later may be about anything. */
const NAMES_A_SECRET =
  /^(?:\W*\(?(?:optional|required)\)?[:,.]?\s)?\W*(?:the |your |an? |this |admin |root |master |access |secret |private |api |auth |user |initial )*(password|passphrase|passcode|secret|private key|secret key|api[- ]key|access token|auth(?:entication)? token|access code)s?(?=$|[\s,.:;(])(?! (?:reset|policy|length|settings?|options?|configuration|login|authentication|rotation|manager|store|required|enabled|expir|hash(?:ing)?|file|path))/i

/** S9: whether the comment says that the value is secret although the name does not. */
export function commentNamesSecret(context: ClassifyContext): Reason | undefined {
  const lines = [...lastLines(context.comment), context.inlineComment ?? '']
  const found = lines.map((line) => NAMES_A_SECRET.exec(line.trim())?.[1]).find((word) => word !== undefined)
  return found === undefined ? undefined : { rule: 'S9', text: `the comment calls it a ${found.toLowerCase()}` }
}

/** A comment of many lines tells a story; its first line says what the variable is. */
function lastLines(comment: string | undefined): string[] {
  return comment === undefined ? [] : comment.split('\n').slice(0, 1)
}

const REQUIRED =
  /\b(?:required|mandatory|obligatory|must (?:be )?(?:set|changed?|provided?|specif(?:y|ied)|filled?(?: in)?|configured?|defined?|replaced?)|must be|(?:has|have|needs?) to be (?:set|changed|provided|filled|specified)|(?:won't|will not|cannot|can't) (?:start|work|run|boot) (?:unless|without|if)|make sure (?:to|you) (?:set|use|generate|change|fill)|please (?:set|change|fill|provide|enter|replace)|set (?:this|these|it) to (?:a |your )?(?:strong|random|secure|secret|long))\b/i
const BY_ITSELF =
  /\b(?:not|isn't|aren't|un|never) ?required\b|\boptional(?:ly)?\b|\bleave (?:it |this |them )?(?:blank|empty|unset)\b|\bif you (?:want|wish|would like|need|use|are using|don't)\b/i
const BOUND =
  /\b(?:required|must be|mandatory|needed)\b[^.\n]{0,60}\b(?:if|when|unless|for|only|by)\b|\b(?:if|when|only)\b[^.\n]{0,60}\b(?:required|must|mandatory)\b|\bonly required\b/i

/** P5a: whether a comment or the section says that the empty value must be filled in. */
export function saysRequired(context: ClassifyContext): boolean {
  const own = join(context.comment, context.inlineComment)
  if (own !== '' && (BY_ITSELF.test(own) || /\bonly required\b|\brequired only\b/i.test(own))) return false
  if (own !== '' && REQUIRED.test(own)) return /\brequired\b|\bmandatory\b/i.test(own) || !BOUND.test(own)
  return sectionRequires(context.section ?? '')
}

const sectionRequires = remember((section) => {
  const text = section.slice(0, LONGEST)
  return REQUIRED.test(text) && !BOUND.test(text) && !/\boptional\b/i.test(text)
})

const CHANGE =
  /\b(?:must|should|need(?:s)? to|have to|has to|please|always|be sure to|make sure (?:to|you)|remember to|don't forget to)\b[^.\n]{0,40}\b(?:change|changed|replace|replaced|regenerate|regenerated|generate|generated|rotate|update|updated|randomi[sz]e|override|overridden|set your own|use your own)\b|\bchange (?:all |any of )?(?:this|these|it|me|them|the defaults?|the default values?|before|in production|for production|to (?:a|your))\b|\breplace (?:this|these|it|them|me|with|the values?|the defaults?)\b|\b(?:do not|don't|never) use (?:this|these|it|them|the defaults?)?[^.\n]{0,40}\bproduction\b|\bnot (?:for|safe (?:for|in)|suitable for) production\b|\b(?:insecure|unsafe) (?:default|value|in production)\b|\bset (?:this|these|it) to your\b|\buse a (?:strong|secure|long|random|unique|different)\b/i
/** "You need not change these", "change this if the port is taken", "can be changed": these ask for nothing. */
const NOT_NEEDED =
  /\b(?:don't|do not|doesn't|does not|not|no|never|rarely|seldom)\b.{0,20}\b(?:need|needs|needed|have|has|necessary|required|want|should)\b|\bneed not\b/i
const CONDITIONAL = /\b(?:if|when|unless|in case|can|may|might|could|feel free|optionally)\b/i
const URGENT = /\b(?:must|should|always|production|please)\b/i

/** The sentences of a comment that ask for something. */
function demands(comment: string): string[] {
  return comment.split(/[\n.!;]/).filter((sentence) => !NOT_NEEDED.test(sentence) && (URGENT.test(sentence) || !CONDITIONAL.test(sentence)))
}

/** "Change the default password" asks for nothing of the host name beside it. */
const ABOUT_SECRETS = /\b(?:passwords?|passphrases?|secrets?|tokens?|keys?|credentials?)\b/i

function asksForChange(sentences: readonly string[], secret: boolean): boolean {
  return sentences.some((sentence) => CHANGE.test(sentence) && (secret || !ABOUT_SECRETS.test(sentence)))
}

const TEST_VALUE =
  /\b(?:default|test(?:ing)?|dummy|fake|sample|example|well[- ]known|demo) (?:hardhat |anvil |ganache |development |dev )?(?:account|key|value|secret|token|password|credential)s?\b|\b(?:for )?(?:local |development )?(?:test(?:ing)?|development) (?:purposes )?only\b|\bhardhat\b|\bplaceholder\b/i
const GENERATE =
  /\bopenssl rand\b|\bgenerate (?:a|an|one|it|your|this|with|using|by|new|via|random|secure|strong|these|them)\b|\bcan be generated\b|\bsecrets\.token_|\brandombytes\b|\b(?:php artisan|rails|rake|mix) (?:key:generate|secret|phx\.gen\.secret)\b/i

/** P4 and P7: whether a comment says that the value is to be replaced, or, of a secret, that it is a test value or is to be generated. */
export function saysReplace(context: ClassifyContext, secret: boolean): Reason | undefined {
  const own = demands(join(context.comment, context.inlineComment))
  if (asksForChange(own, secret)) return { rule: 'P7', text: 'its comment says to replace it' }
  if (secret && own.some((sentence) => TEST_VALUE.test(sentence))) return { rule: 'P4', text: 'its comment calls it a test value' }
  if (secret && own.some((sentence) => GENERATE.test(sentence))) return { rule: 'P7', text: 'its comment says to generate one' }
  if (asksForChange(sectionDemands(context.section ?? ''), secret)) {
    return { rule: 'P4', text: 'the section says to change what is in it' }
  }
  return undefined
}

/** What the heading of a section asks for concerning everything in it. */
const sectionDemands = remember((section) =>
  demands(section.slice(0, LONGEST)).filter((sentence) => /\b(?:all|any|these|defaults?|below|following|values)\b/i.test(sentence)),
)

function join(...parts: readonly (string | undefined)[]): string {
  return parts
    .filter((part) => part !== undefined && part !== '')
    .join('\n')
    .slice(0, LONGEST)
}
