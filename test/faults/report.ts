import { table } from '../../bench/proof-page.ts'
import type { Result } from './cells.ts'
import { LATE_AT_MOST_MS } from './doors.ts'
import type { Killed } from './kills.ts'
import { DOORS, type Door } from './order.ts'
import type { Trouble, What } from './troubles.ts'

/** In the order in which an order meets them. */
const ORDER: readonly What[] = [
  ...([
    'Nothing',
    'Payment provider',
    'DataFast',
    'KV read',
    'KV write',
    'Order object',
    'Books',
    'Rate limiter',
    'Runtime killed',
  ] as const),
]
const WHENS: readonly Trouble['when'][] = ['—', 'before', 'during', 'after']

/** The matrix as it is published: what went wrong, when and how, and what became of the orders at each door. */
export function summary(results: readonly Result[], killed: Killed, seconds: number): string {
  const rows = ORDER.flatMap((what) =>
    WHENS.flatMap((when) => rowsOf(results.filter(({ cell: { trouble } }) => trouble.what === what && trouble.when === when))),
  )
  const columns = ['What goes wrong', 'When', 'How', ...DOORS, 'Posts']
  return [introduction(results, killed, seconds), table(columns, rows), notes(results)].join('\n\n')
}

function introduction(results: readonly Result[], { kills, again: met }: Killed, seconds: number): string {
  const cells = new Set(
    results.map(({ cell: { trouble, door, provider, times } }) =>
      [trouble.what, trouble.when, trouble.how, trouble.step, door, provider, times].join(),
    ),
  )
  const providers = new Set(results.map(({ cell }) => cell.provider))
  const again = results.filter(({ ending }) => ending.posts > 1).length
  const landings = results.filter(({ order }) => order.door === 'redirect').map(({ ending }) => ending.landing)
  const slowest = Math.max(...landings.map(({ ms }) => ms))
  const latest = Math.max(...landings.map(({ lateMs }) => lateMs))
  const broken = results.filter(isBroken).length
  const sum = `${cells.size} cells with ${results.length} orders at ${providers.size} providers, and ${kills} kills, in ${seconds} s: ${broken || 'none'} broken.`
  const isOnce = results.every(({ ending }) => ending.broken.every(({ promise }) => promise !== 'once'))
  const posted = `${again} orders were posted more than once${isOnce ? ', each under one id' : ''}.`
  const landed = `The slowest landing took ${slowest} ms, after at most ${latest} ms were taken off for timers that went off late.`
  const second = met && `Of ${met.sought} orders that a second kill was to meet in the same step, it met ${met.met} there.`
  return [sum, posted, landed, second].filter(Boolean).join(' ')
}

/** Also a trouble that never came proves nothing. */
function isBroken({ ending, missed }: Result): boolean {
  return ending.broken.length > 0 || missed.length > 0
}

/** What ended alike shares a row. */
function rowsOf(results: readonly Result[]): string[][] {
  const hows = Map.groupBy(results, ({ cell }) => cell.trouble.how)
  const ended = Array.from(hows, ([how, some]) => ({
    how,
    posts: Math.max(...some.map(({ ending }) => ending.posts)),
    marks: DOORS.map((door) =>
      markOf(
        some.filter(({ cell }) => cell.door === door),
        door,
      ),
    ),
  }))
  const alike = Map.groupBy(ended, ({ marks }) => marks.join('|'))
  const { what = '', when = '' } = results[0]?.cell.trouble ?? {}
  return Array.from(alike.values(), (some) => {
    const posts = Math.max(...some.map((one) => one.posts))
    return [what, when, some.map(({ how }) => how).join(', '), ...(some[0]?.marks ?? []), `${posts}`]
  })
}

const LANDED: Record<Door, string> = { redirect: 'landed · ', webhook: 'taken · ', sweep: '' }

function markOf(results: readonly Result[], door: Door): string {
  if (!results.length) return '—'
  const broken = results.filter(isBroken)
  if (broken.length) return `**${broken.length} of ${results.length} broken**`
  const { ends } = results[0]?.cell.trouble ?? {}
  if (ends === 'believed') return `${LANDED[door]}believed ¹`
  return `${LANDED[door]}once · attributed${ends ? ' ²' : ''}`
}

function notes(results: readonly Result[]): string {
  const known = results.map(({ cell }) => cell.trouble).filter(({ step }) => step)
  const steps = ORDER.flatMap((what) => {
    const named = new Set(known.filter((trouble) => trouble.what === what).map(({ step }) => step))
    return named.size ? [`${what}: ${[...named].join(', ')}`] : []
  })
  const refused = results.filter(({ order, cell }) => order.door === 'webhook' && cell.trouble.what !== 'Runtime killed')
  const deliveries = Math.max(...refused.map(({ ending }) => ending.landing.tries))
  return `*landed*: a 303 to a configured page within \`VERIFY_BUDGET_MS\` + 500 ms by the Worker’s clock, less how late a timer beside the visit went off (a machine that stands \
still delays everybody, and so does whoever keeps the Worker busy; beyond ${LATE_AT_MOST_MS / 1000} s it is a failure); after a kill, of the buyer whose connection it broke and who \
reloads. A connection that breaks without a kill is a failure. *taken*: 200, or, only where the news could be kept nowhere, 503 and then 200 when the provider sends it again, \
at the latest with delivery ${deliveries}. *once*: the right transaction id, amount and currency, and no other \
payment. *attributed*: to the visitor of the cookie, or to the one that the provider carries; nobody carries one to the sweep for Lemon Squeezy, Gumroad and one-time sales \
at Creem, and there it is recorded without. *Posts*: how often DataFast took an order at most, each time under the same id; whoever counts posts instead of ids would count so many. In each of these cells nothing is owed at the end: the object’s debts are paid, its alarm is set, KV has its entry, the books say \`recorded\`. The cron run comes every \
few seconds instead of every 15 minutes, and with it the books try again what they would have tried later; orders and objects keep their own schedules.

*before*: nothing was done. *during*: it was done or told badly. *after*: it was done, and the answer was lost. What never answers inside the Worker is cut off after two minutes, as the platform does later still. There a slow drip is a late answer, and what \
our own objects tell each other is not garbled: only what KV, the limiter and the books say. Steps: ${steps.join('; ')}.

¹ DataFast answers 200 and has taken nothing: a status code is believed, whatever the page looks like, so the sale is missing there.
² Nothing could be kept, or the address had asked too often: the buyer lands all the same, and the sale is recorded at the next visit, as it would be by the webhook or the sweep.`
}

/** What went wrong that should not have, cell by cell. */
export function failures(results: readonly Result[]): string[] {
  return results.flatMap(({ cell, order, ending, missed }) => {
    const { what, when, how, step } = cell.trouble
    const parts = [what, step, when, how, cell.times > 1 && 'twice', cell.door, `${order.reference}`].filter(Boolean)
    return [
      ...ending.broken.map(({ promise, expected, seen }) => `${parts.join(' × ')}\n  ${promise}: expected ${expected}, seen ${seen}`),
      ...missed.map((name) => `${parts.join(' × ')}\n  never happened: ${name}`),
    ]
  })
}
