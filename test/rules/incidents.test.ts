import { afterEach, describe, expect, it, vi } from 'vitest'
import { tell } from '../../src/books/alert.ts'
import { type Incident, incidentsIn, type ProviderState, type Raised, raisedAfter, type Situation } from '../../src/books/incidents.ts'
import { HOUR, MINUTE, START } from './order.ts'
import { movementOf, providerOf, websiteOf } from './overview-fixture.ts'

/** What is wrong in a shop in which everything else is fine. */
function wrong(changes: Partial<Situation>): Incident[] {
  return incidentsIn({
    now: START,
    providers: [providerOf()],
    website: websiteOf(),
    imported: [],
    open: [],
    recordedAt: 0,
    proof: undefined,
    ...changes,
  })
}

const textsOf = (incidents: Incident[]) => incidents.map(({ text }) => text)
const listed = (result: string): ProviderState =>
  providerOf({ lists: [{ list: 'invoices', mode: 'live' as const, permission: 'Invoices: read', result, checkedAt: START }] })
const waitingFor = (reason: string, sinceMs: number) => movementOf({ stage: 'waiting', reason, since: START - sinceMs })

describe('what is worth waking somebody for', () => {
  it('is nothing while nothing is wrong', () => {
    expect(wrong({})).toEqual([])
  })

  it.each(['http-503', 'timeout', 'garbage', 'not-read-yet'])('is not a list that cannot be read for a while (%s)', (result) => {
    expect(wrong({ providers: [listed(result)] })).toEqual([])
  })

  it.each(['key-refused-401', 'key-refused-403'])('is a key that may not read a list (%s)', (result) => {
    expect(textsOf(wrong({ providers: [listed(result)] }))).toEqual([
      'Stripe refuses the key in STRIPE_SECRET_KEY. It must be allowed to read: Invoices: read.',
    ])
  })

  it('is a key that orders wait for, of the provider that refuses it', () => {
    const open = [movementOf({ stage: 'waiting', reason: 'provider-configuration:key-refused-401' })]
    expect(textsOf(wrong({ providers: [providerOf(), providerOf({ name: 'dodo', title: 'Dodo Payments' })], open }))).toEqual([
      'Stripe refuses the key in STRIPE_SECRET_KEY. 1 order waits until it is mended; nothing is lost.',
    ])
  })

  it('is DataFast’s key', () => {
    const website = websiteOf({ result: 'key-refused-401' })
    expect(textsOf(wrong({ website }))).toEqual([expect.stringContaining('DATAFAST_API_KEY')])
    expect(textsOf(wrong({ open: [waitingFor('datafast-configuration:http-401', 0)] }))).toEqual([expect.stringContaining('1 order waits')])
  })

  it('is a webhook that is silent while the sweep finds sales', () => {
    expect(wrong({ providers: [providerOf({ silentSince: START - HOUR })] })).toEqual([
      {
        key: 'webhook:stripe',
        text: 'Stripe’s webhook is silent, while the sweep finds sales. Check the webhook at Stripe and STRIPE_WEBHOOK_SECRET.',
      },
    ])
  })

  it('is an integration of DataFast with a provider that is posted here', () => {
    expect(wrong({ imported: ['stripe'] })).toMatchObject([{ key: 'native:stripe', text: expect.stringContaining('NATIVE_INTEGRATION') }])
  })

  it.each([
    ['after an hour', HOUR, 0, 1],
    ['not before', HOUR - 1, 0, 0],
    ['not while anything else is delivered', 2 * HOUR, START - HOUR, 0],
    ['though something was delivered before', 2 * HOUR, START - HOUR - 1, 1],
  ])('is that nothing is delivered: %s', (_, sinceMs, recordedAt, count) => {
    const open = [waitingFor('datafast-down:http-503', sinceMs), waitingFor('datafast-down:http-503', MINUTE)]
    const found = wrong({ open, recordedAt })
    expect(found).toHaveLength(count)
    if (count)
      expect(found[0]?.text).toBe('Nothing was delivered to DataFast for an hour. 2 orders wait and are tried again by themselves.')
  })

  it.each([
    ['held', 'no-visitor-yet'],
    ['waiting', 'provider-down:http-500'],
    ['waiting', 'payment-pending:unpaid'],
    ['parked', 'native-integration'],
  ] as const)('is not an order that is %s: %s', (stage, reason) => {
    expect(wrong({ open: [movementOf({ stage, reason, since: START - 30 * HOUR })] })).toEqual([])
  })

  it('is each order that is parked, by the name its provider gave it', () => {
    const open = [
      movementOf({ stage: 'parked', reason: 'datafast-refused:http-400', transactionId: 'pi_1' }),
      movementOf({ stage: 'parked', reason: 'unclear:unclear-currency', reference: 'dodo:pay_2', transactionId: '' }),
    ]
    expect(textsOf(wrong({ open }))).toEqual([
      'The order pi_1 is parked: datafast-refused:http-400. The status page says what to do.',
      'The order dodo:pay_2 is parked: unclear:unclear-currency. The status page says what to do.',
    ])
  })

  it('is a day that does not add up', () => {
    const proof = { day: '2026-11-21', orders: 1, recorded: 1, attributed: 1, waiting: 0, differences: [], findings: ['One.', 'Two.'] }
    expect(wrong({ proof })).toEqual([{ key: 'proof:2026-11-21', text: '2026-11-21 does not add up. One. Two.' }])
    expect(wrong({ proof: { ...proof, findings: [] } })).toEqual([])
  })

  it('has a key of its own for everything: nothing hides anything else', () => {
    const all = wrong({
      providers: [
        providerOf({ ...listed('key-refused-401'), silentSince: START }),
        providerOf({ ...listed('key-refused-403'), name: 'polar' }),
      ],
      imported: ['stripe', 'polar'],
      website: websiteOf({ result: 'key-refused-401' }),
      open: ['pi_1', 'pi_2'].map((transactionId) => movementOf({ stage: 'parked', reason: 'unclear:unclear-amount', transactionId })),
    })
    expect(all).toHaveLength(8)
    expect(new Set(all.map(({ key }) => key)).size).toBe(8)
  })
})

describe('one incident over time', () => {
  const held: Incident = { key: 'a', text: 'It is so.' }
  const raised = (changes: Partial<Raised> = {}): Raised => ({ ...held, since: START, isTold: true, isOver: false, ...changes })

  it('begins untold', () => {
    expect(raisedAfter([], START, [held])).toEqual([raised({ isTold: false })])
  })

  it('stays told, since when it began, in its latest words', () => {
    expect(raisedAfter([raised()], START + HOUR, [{ ...held, text: 'It is worse.' }])).toEqual([raised({ text: 'It is worse.' })])
  })

  it('is over once it no longer holds', () => {
    expect(raisedAfter([raised()], START, [])).toEqual([raised({ isOver: true })])
  })

  it('leaves nothing behind when nobody was told', () => {
    expect(raisedAfter([raised({ isTold: false })], START, [])).toEqual([])
  })

  it('that comes back before its end was told goes on', () => {
    expect(raisedAfter([raised({ isOver: true })], START + HOUR, [held])).toEqual([raised()])
  })

  it('has nothing to do with others', () => {
    const other = { key: 'b', text: 'So is that.' }
    expect(raisedAfter([raised()], START, [other])).toEqual([
      raised({ isOver: true }),
      { ...other, since: START, isTold: false, isOver: false },
    ])
  })
})

describe('a message', () => {
  afterEach(() => vi.unstubAllGlobals())
  const begun: Raised = { key: 'a', text: 'It is so.', since: START, isTold: false, isOver: false }

  /** What is posted where, to a chat that answers with some status. */
  async function sent(to: string, raised: Raised[], status = 200) {
    const requests: { url: string; body: Record<string, unknown> }[] = []
    vi.stubGlobal('fetch', async (url: string, { body }: { body: string }) => {
      requests.push({ url, body: JSON.parse(body) as Record<string, unknown> })
      return new Response('', { status })
    })
    return { left: await tell(raised, new URL(to), ' https://pay.example.com/checkout/status'), requests }
  }

  const about = 'It is so. https://pay.example.com/checkout/status'

  it.each([
    'https://hooks.slack.com/services/T0/B0/x',
    'https://discord.com/api/webhooks/1/x',
    'https://ntfy.sh/?topic=mine',
    'https://chat.example.com/',
  ])('goes to %s as it is, for Slack, Discord and ntfy to read', async (to) => {
    const { requests } = await sent(to, [begun])
    expect(requests).toEqual([{ url: to, body: { text: about, content: about, message: about, title: 'success-url' } }])
  })

  it.each([
    ['https://ntfy.sh/my-shop', 'https://ntfy.sh'],
    ['https://ntfy.example.com:8443/my-shop', 'https://ntfy.example.com:8443'],
  ])('goes to the root of ntfy with the topic in it: %s', async (to, root) => {
    const { requests } = await sent(to, [begun])
    expect(requests).toMatchObject([{ body: { topic: 'my-shop', message: about } }])
    expect(requests[0]?.url.replace(/\/$/, '')).toBe(root)
  })

  it('is sent when it begins and when it is over, and in between not', async () => {
    const { left, requests } = await sent('https://chat.example.com/', [begun])
    expect(left).toEqual([{ ...begun, isTold: true }])
    expect((await sent('https://chat.example.com/', left)).requests).toEqual([])
    const over = await sent('https://chat.example.com/', [{ ...begun, isTold: true, isOver: true }])
    expect(over.left).toEqual([])
    expect([...requests, ...over.requests].map(({ body }) => body.text)).toEqual([about, `Over: ${about}`])
  })

  it.each([302, 400, 404, 429, 500])('that was answered with %i is still to be sent', async (status) => {
    const raised = [begun, { ...begun, key: 'b', isTold: true, isOver: true }]
    expect((await sent('https://chat.example.com/', raised, status)).left).toEqual(raised)
  })

  it('is one of few at once; the others follow', async () => {
    const many = Array.from({ length: 30 }, (_, place) => ({ ...begun, key: `${place}` }))
    const { left, requests } = await sent('https://chat.example.com/', many)
    expect(requests).toHaveLength(20)
    expect((await sent('https://chat.example.com/', left)).requests).toHaveLength(10)
  })

  it('is sent nowhere without an address, and once there is one it is', async () => {
    expect(await tell([begun, { ...begun, key: 'b', isOver: true }], undefined, '')).toEqual([begun])
  })
})
