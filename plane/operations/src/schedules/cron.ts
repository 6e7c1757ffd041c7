/** A time plan of five fields, as cron writes it: minute, hour, day of the month, month, day of the week; in UTC. */
export interface CronPlan {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  /** Where both days are given, either counts; that is cron's own rule. */
  readonly eitherDay: boolean
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS = ['minute', 'hour', 'day of the month', 'month', 'day of the week'] as const
const SHORTHANDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** The plan, or what is wrong with it in words. */
export function parseCron(text: string): CronPlan | { readonly reason: string } {
  const fields = (SHORTHANDS[text.trim().toLowerCase()] ?? text).trim().toLowerCase().split(/\s+/)
  if (fields.length !== FIELDS.length) return { reason: `a plan has five fields, and \`${text}\` has ${fields.length}` }
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const minutes = parseField(minute, 0, 59)
  const hours = parseField(hour, 0, 23)
  const days = parseField(day, 1, 31)
  const months = parseField(month, 1, 12, MONTHS)
  const week = parseField(weekday, 0, 7, WEEKDAYS)
  if (!minutes || !hours || !days || !months || !week) {
    const wrong = [minutes, hours, days, months, week].findIndex((set) => set === undefined)
    return { reason: `\`${fields[wrong]}\` is not a ${FIELDS[wrong]}` }
  }
  const weekdays = new Set([...week].map((number) => number % 7))
  return { minutes, hours, days, months, weekdays, eitherDay: !day.startsWith('*') && !weekday.startsWith('*') }
}

/** One field: a list of numbers, names, ranges and steps. */
function parseField(text: string, low: number, high: number, names: readonly string[] = []): Set<number> | undefined {
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const [range = '', step = '1', ...rest] = part.split('/')
    const every = /^[0-9]{1,4}$/.test(step) ? Number(step) : 0
    const bounds = boundsOf(range, low, high, names, part.includes('/'))
    if (!bounds || every < 1 || rest.length > 0) return undefined
    for (let number = bounds[0]; number <= bounds[1]; number += every) found.add(number)
  }
  return found
}

function boundsOf(range: string, low: number, high: number, names: readonly string[], stepped: boolean): [number, number] | undefined {
  if (range === '*') return [low, high]
  const [from = '', to, ...rest] = range.split('-')
  const first = numberOf(from, low, names)
  const last = to === undefined ? (stepped ? high : first) : numberOf(to, low, names)
  if (first === undefined || last === undefined || rest.length > 0 || first < low || last > high || first > last) return undefined
  return [first, last]
}

function numberOf(text: string, low: number, names: readonly string[]): number | undefined {
  const named = names.indexOf(text)
  if (named >= 0) return named + low
  return /^[0-9]{1,2}$/.test(text) ? Number(text) : undefined
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** A plan that means no day within so many days never comes: the 29th of February is at most eight years away. */
const HORIZON = 9 * 366

/** The first moment of a plan after a time, in milliseconds since 1970; undefined where there is none. */
export function nextTime(plan: CronPlan, after: number): number | undefined {
  const from = Math.floor(after / MINUTE) * MINUTE + MINUTE
  const firstDay = Math.floor(from / DAY) * DAY
  for (let day = 0; day <= HORIZON; day++) {
    const start = firstDay + day * DAY
    if (!isDay(plan, new Date(start))) continue
    for (let time = Math.max(start, from); time < start + DAY; time += MINUTE) {
      const moment = new Date(time)
      if (plan.hours.has(moment.getUTCHours()) && plan.minutes.has(moment.getUTCMinutes())) return time
    }
  }
  return undefined
}

function isDay({ days, months, weekdays, eitherDay }: CronPlan, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false
  const [inMonth, inWeek] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())]
  return eitherDay ? inMonth || inWeek : inMonth && inWeek
}
