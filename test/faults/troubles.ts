import type { ProviderName } from '../../src/providers/index.ts'
import { PROVIDER_NAMES } from '../bundle/sellers.ts'
import { DOORS, type Door, type Order } from './order.ts'
import type { Mishap, Place, Strike, Weather } from './strikes.ts'

export type What =
  | 'Nothing'
  | 'Runtime killed'
  | 'Payment provider'
  | 'DataFast'
  | 'KV read'
  | 'KV write'
  | 'Order object'
  | 'Books'
  | 'Rate limiter'

/** Something that can go wrong on an order's way, at one step of it. */
export type Trouble = {
  what: What
  when: '—' | 'before' | 'during' | 'after'
  /** In words, for the table. */
  how: string
  /** At which step, where there are several of the kind. */
  step: string
  doors: readonly Door[]
  /** Where only these come to that step. */
  providers?: readonly ProviderName[]
  strikes(order: Order, times: number): Unnamed[]
  /** Too slow for the short form. */
  isLong?: boolean
  /** It strikes whoever is there, and not one order alone: once is enough. */
  isShared?: boolean
  /**
   * How it ends otherwise, by design. `next-visit`: nothing is recorded before the buyer, or anybody else, comes again;
   * `believed`: DataFast said yes, and is believed.
   */
  ends?: 'next-visit' | 'believed'
}

type Unnamed = Strike extends infer One ? (One extends Strike ? Omit<One, 'name'> : never) : never

const HANDING_OVER: readonly ProviderName[] = ['creem']

const WEATHER: readonly [Weather, Trouble['when'], string][] = [
  ['http-500', 'before', 'answers 500'],
  ['http-429', 'before', 'answers 429'],
  ['http-401', 'before', 'answers 401'],
  ['reset', 'before', 'breaks the connection'],
  ['hangs', 'before', 'never answers'],
  ['half', 'during', 'half a JSON'],
  ['breaks', 'during', 'connection breaks in the body'],
  ['drip', 'during', 'slow drip'],
  ['done-reset', 'after', 'connection reset'],
  ['done-hangs', 'after', 'no answer'],
  ['done-502', 'after', '502'],
]
const GARBAGE_OF_PROVIDERS: readonly [Weather, Trouble['when'], string][] = [
  ['html', 'during', 'a page of HTML'],
  ['other-json', 'during', 'some other JSON'],
]
const GARBAGE_OF_DATAFAST: readonly [Weather, Trouble['when'], string][] = [['done-html', 'after', 'a page of HTML']]

/** One for each provider, since a list that failed rests for a while. */
const PAGE_WEATHER = [...WEATHER, ...GARBAGE_OF_PROVIDERS].filter(([how]) => !/^done|401|breaks|other/.test(how))

/** What the first page of each provider's sales is asked for with. */
const PAGES: Record<ProviderName, string> = {
  stripe: 'sessions?status=complete',
  dodo: 'payments?status=succeeded',
  creem: 'search?page_number=1',
  polar: '/orders/?created_after',
  lemonsqueezy: '/orders?sort=',
  paddle: 'transactions?status=completed',
  gumroad: '/sales?after=',
}

const MISHAPS: Record<Mishap, [Trouble['when'], string]> = {
  throws: ['before', 'error'],
  hangs: ['before', 'never answers'],
  late: ['during', 'late'],
  nonsense: ['during', 'nonsense'],
  refuses: ['during', 'says no'],
  'done-throws': ['after', 'error'],
  'done-hangs': ['after', 'no answer'],
}

const ALL: readonly Mishap[] = ['throws', 'hangs', 'late', 'done-throws', 'done-hangs']

/** Everything that can go wrong for one order alone. */
export const TROUBLES: readonly Trouble[] = [
  // Only the first event of each provider is noted: these are.
  ...within('Books', 'door:books.noteWebhook', 'told that webhooks come', ALL, ['webhook']).map((trouble, place): Trouble => {
    return { ...aimed(trouble, ({ provider }) => ({ mark: `"${provider}"` })), providers: [PROVIDER_NAMES[place] ?? 'stripe'] }
  }),

  { what: 'Nothing', when: '—', how: '—', step: '', doors: DOORS, strikes: () => [] },

  ...[...WEATHER, ...GARBAGE_OF_PROVIDERS].map(([how, when, words]): Trouble => {
    const strikes: Trouble['strikes'] = ({ mark }, times) => [{ at: 'network', how, mark, times }]
    return { what: 'Payment provider', when, how: words, step: 'asked about the order', doors: DOORS, strikes }
  }),
  ...(['reset', 'hangs', 'drip', 'html'] as const).map((how): Trouble => {
    const [, when = 'before', words = ''] = [...WEATHER, ...GARBAGE_OF_PROVIDERS].find(([name]) => name === how) ?? []
    const strikes: Trouble['strikes'] = ({ mark }, times) => [{ at: 'network', how, mark, times, after: 1 }]
    const doors: readonly Door[] = ['redirect', 'webhook']
    return { what: 'Payment provider', when, how: words, step: 'asked the second question', doors, providers: ['creem', 'polar'], strikes }
  }),

  ...[...WEATHER, ...GARBAGE_OF_DATAFAST].map(([how, when, words]): Trouble => {
    const strikes: Trouble['strikes'] = ({ transactionId }, times) => [{ at: 'network', how, mark: `"${transactionId}"`, times }]
    return { what: 'DataFast', when, how: words, step: 'posted to', doors: DOORS, strikes }
  }),
  {
    what: 'DataFast',
    when: 'during',
    how: 'a 200 in HTML, and nothing was taken',
    step: 'posted to',
    doors: DOORS,
    strikes: ({ transactionId }, times) => [{ at: 'network', how: 'html', mark: `"${transactionId}"`, times }],
    ends: 'believed',
  },

  ...within('KV read', 'door:memory.getWithMetadata', 'by the visit', [...ALL, 'nonsense'], ['redirect']),
  ...within('KV read', 'order:memory.getWithMetadata', 'by the order', [...ALL, 'nonsense'], DOORS),
  ...within('KV read', 'books:memory.get', 'by the sweep', [...ALL, 'nonsense'], ['sweep']).map((trouble) => {
    return { ...trouble, isLong: trouble.how === 'no answer', isShared: true }
  }),
  ...within('KV write', 'order:memory.put', 'of what is recorded', ALL, DOORS),
  ...within('KV write', 'order:memory.put', 'of what is recorded', ['late'], DOORS).map(afterAll),

  ...within('Order object', 'door:orders.arrive', 'told of the arrival', ALL, ['redirect', 'webhook']),
  ...within('Order object', 'door:orders.arrive', 'told of the arrival', ['late'], ['redirect', 'webhook']).map(afterAll),
  ...within('Order object', 'books:orders.arrive', 'told of the arrival', ALL, ['sweep']),
  ...within('Order object', 'door:orders.verdict', 'asked for the verdict', ALL, ['redirect']),
  ...within('Order object', 'order:orders.arrive', 'handed over', ALL, ['redirect', 'webhook'], HANDING_OVER),
  ...within('Order object', 'order:orders.arrive', 'handed over', ALL, ['redirect'], ['dodo']),
  ...within('Order object', 'order:orders.arrive', 'handed over', ['late'], ['redirect', 'webhook'], HANDING_OVER).map(afterAll),
  ...within('Order object', 'order:storage.start', 'started', ['throws'], DOORS),
  ...within('Order object', 'order:storage.put', 'stores the arrival', ['throws', 'done-throws'], DOORS),
  ...['the answer', 'its visitors', 'the reply', 'what it owes'].flatMap((what, place) =>
    within('Order object', 'order:storage.put', `stores ${what}`, ['throws', 'done-throws'], DOORS).map((trouble): Trouble => {
      // What fails in the middle of a run is taken up again after five minutes.
      return { ...aimed(trouble, () => ({ after: place + 1 })), isLong: true, isShared: true }
    }),
  ),
  ...within('Order object', 'order:storage.setAlarm', 'sets its alarm', ['throws'], DOORS),
  ...refusedAlarms('the first alone', 0, 1),
  ...refusedAlarms('the first two alone', 0, 2),
  // When an alarm is what the order waits for.
  ...and(refusedAlarms('the first, and a second try is needed', 0, 1), providerDown),
  ...and(refusedAlarms('the second, and a second try is needed', 1, 1), providerDown),
  ...and(refusedAlarms('the first two, and a second try is needed', 0, 2), providerDown),

  ...within('Books', 'order:books.standing', 'asked before posting', [...ALL, 'nonsense'], DOORS),
  ...within('Books', 'order:books.record', 'told of the order', ALL, DOORS),
  ...within('Books', 'order:books.record', 'told of the order', ['late'], DOORS).map(afterAll),

  ...within('Rate limiter', 'door:limiter.limit', 'asked', [...ALL, 'nonsense'], ['redirect']).map(ofItsAddress),
  ...within('Rate limiter', 'door:limiter.limit', 'asked', ['refuses'], ['redirect']).map(ofItsAddress).map(untilTheNextVisit),

  // The order and the edge's memory at once: there is nowhere left to put an arrival.
  ...nowhereToPutIt('throws', ['webhook']),
  ...nowhereToPutIt('hangs', ['webhook']),
  ...nowhereToPutIt('throws', ['redirect']).map(untilTheNextVisit),
  ...nowhereToPutIt('hangs', ['redirect']).map(untilTheNextVisit),

  // What was kept in KV is handed to its order by the books.
  ...and(within('KV read', 'books:memory.list', 'of kept arrivals', ['throws'], ['redirect', 'webhook']), unreachable).map(ofAllKept),
  ...and(within('KV read', 'books:memory.list', 'of kept arrivals', ['hangs'], ['redirect']), unreachable).map(ofAllKept),
  ...and(within('KV read', 'books:memory.get', 'of kept arrivals', ['throws', 'done-throws'], ['redirect', 'webhook']), unreachable).map(
    shared,
  ),
  ...and(within('KV write', 'books:memory.delete', 'of kept arrivals', ALL, ['redirect', 'webhook']), unreachable),
  ...and(within('Order object', 'books:orders.arrive', 'told of a kept arrival', ALL, ['redirect', 'webhook']), unreachable),

  ...PAGE_WEATHER.map(([how, when, words]): Trouble => {
    const strikes: Trouble['strikes'] = ({ provider }, times) => [{ at: 'network', how, mark: PAGES[provider], times }]
    return {
      what: 'Payment provider',
      when,
      how: words,
      step: 'asked for its list',
      doors: ['sweep'],
      strikes,
      isLong: how === 'drip',
      isShared: true,
    }
  }),
  ...within('Books', 'door:books.wake', 'woken by the cron run', ['throws', 'hangs', 'done-throws'], ['sweep']).map((trouble): Trouble => {
    return {
      ...aimed(trouble, () => ({ mark: '' })),
      providers: ['stripe'],
      isLong: trouble.when === 'after' || trouble.how !== 'error',
      isShared: true,
    }
  }),
]

function nowhereToPutIt(how: 'throws' | 'hangs', doors: readonly Door[]): Trouble[] {
  const troubles = within('Order object', 'door:orders.arrive', 'told of the arrival, KV out of order as well', [how], doors)
  const both = and(troubles, ({ mark }, times) => [{ at: 'door:memory.put', how, mark, times }])
  return both.map((trouble) => ({ ...trouble, how: `${MISHAPS[how][1]}, and KV likewise` }))
}

/** The same trouble, with strikes that are aimed in another way. */
function aimed(trouble: Trouble, how: (order: Order, strike: Unnamed) => { mark?: string; after?: number; lateMs?: number }): Trouble {
  const strikes: Trouble['strikes'] = (order, times) =>
    trouble.strikes(order, times).map((strike) => ({ ...strike, ...how(order, strike) }))
  return { ...trouble, strikes }
}

/** What is struck is told by the buyer's address. */
function ofItsAddress(trouble: Trouble): Trouble {
  return aimed(trouble, ({ address }) => ({ mark: `"${address}"` }))
}

/** Done when whoever asked for it has given up, and tried again. */
function afterAll(trouble: Trouble): Trouble {
  return { ...aimed(trouble, () => ({ lateMs: 6_500 })), how: 'later than anybody waits' }
}

function shared(trouble: Trouble): Trouble {
  return { ...trouble, isShared: true }
}

function untilTheNextVisit(trouble: Trouble): Trouble {
  return { ...trouble, ends: 'next-visit' }
}

/** Several troubles, each together with another one. */
function and(troubles: readonly Trouble[], other: Trouble['strikes']): Trouble[] {
  return troubles.map((trouble) => ({ ...trouble, strikes: (order, times) => [...trouble.strikes(order, times), ...other(order, times)] }))
}

/**
 * The object and what it wrote live on, but alarms that it sets never ring: so many, after the first few. Should none be left, the
 * books find the order ten minutes after it was due, which is longer than anybody waits here.
 */
function refusedAlarms(how: string, after: number, refused: number): Trouble[] {
  const strikes: Trouble['strikes'] = ({ mark }) => [{ at: 'order:storage.setAlarm', how: 'refuses', mark, after, times: refused }]
  return [
    { what: 'Order object', when: 'before', how: `alarm refused: ${how}`, step: 'sets an alarm that is refused', doors: DOORS, strikes },
  ]
}

/** The provider answers 500 once. */
function providerDown({ mark }: Order): Unnamed[] {
  return [{ at: 'network', how: 'http-500', mark, times: 1 }]
}

/** The order cannot be told of an arrival. */
function unreachable({ mark }: Order): Unnamed[] {
  return [{ at: 'door:orders.arrive', how: 'throws', mark, times: 1 }]
}

/** The list of all arrivals that were kept names none. */
function ofAllKept(trouble: Trouble): Trouble {
  return { ...aimed(trouble, (_, { at }) => (at === 'books:memory.list' ? { mark: 'arrival:' } : {})), isShared: true }
}

/** What can go wrong with one call inside the Worker. Late: later than a visit waits for storing, or an order for the books. */
function within(
  what: What,
  at: Place,
  step: string,
  hows: readonly Mishap[],
  doors: readonly Door[],
  providers?: readonly ProviderName[],
): Trouble[] {
  return hows.map((how) => {
    const [when, words] = MISHAPS[how]
    const strikes: Trouble['strikes'] = ({ mark }, times) => [{ at, how, mark, times, lateMs: 1_500 }]
    return { what, when, how: words, step, doors, strikes, ...(providers && { providers }) }
  })
}
