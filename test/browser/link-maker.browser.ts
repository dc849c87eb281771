import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Buyer, openShop, SOON, showsOnePayment } from './buyer.ts'

let shop: Awaited<ReturnType<typeof openShop>>
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop?.close())
afterEach(() => shop.tidyUp())

/** Something to buy from each provider. */
const SOLD = [
  ['tide-icons', '19.99 EUR'],
  ['beacon-mono', '49 EUR'],
  ['knot-guide', '15 EUR'],
  ['aurora-kit', '29 EUR'],
  ['gull-sounds', '14 EUR'],
  ['chart-paper', '7 USD'],
  ['paper-canoe', '39 EUR'],
] as const

/** Those of which an order has several objects that a visitor can stand in. */
const SUBSCRIPTIONS = [
  ['weather-desk', '12 EUR'],
  ['dry-dock', '7 EUR'],
  ['night-watch', '5 EUR'],
] as const

const NOT_ATTRIBUTED = [expect.stringMatching(/ not attributed$/)]

/** A buyer in front of a shop whose switches stand as said. */
async function newBuyer(...switches: string[]): Promise<Buyer> {
  const buyer = await shop.newBuyer()
  await buyer.page.goto('/')
  for (const label of switches) await buyer.turns(label)
  return buyer
}

const visitorsInLedger = () => Array.from(shop.sandbox.world.dataFast.ledger.values(), ({ datafast_visitor_id }) => datafast_visitor_id)

describe('a buyer sent to the checkout by the link maker', () => {
  it.each([...SOLD, ...SUBSCRIPTIONS])('and back on another device is still the one who bought: %s', async (product, amount) => {
    const buyer = await newBuyer('another device')
    await buyer.buys(product)
    await showsOnePayment(buyer, amount)
    expect(visitorsInLedger()).toEqual([await buyer.visitorId()])
    expect(await buyer.returns()).toEqual(['The buyer returns on another device, without the cookie'])
    expect(buyer.troubles).toEqual([])
  })

  it.each(SOLD)('who closes the tab is known by the webhook: %s', async (product, amount) => {
    const buyer = await newBuyer()
    await buyer.paysAndClosesTheTab(product, 'shop')
    await showsOnePayment(buyer, amount)
    expect(visitorsInLedger()).toEqual([await buyer.visitorId()])
    expect(await buyer.outcomes()).toEqual([])
    expect(buyer.troubles).toEqual([])
  })

  // At the others events alone tell it.
  it.each(['tide-icons', 'beacon-mono', 'dry-dock', 'aurora-kit', 'paper-canoe'])(
    'who closes the tab is known by the sweep, without any webhook: %s',
    async (product) => {
      const buyer = await newBuyer('Webhooks')
      await buyer.paysAndClosesTheTab(product, 'shop')
      const swept = async () => {
        await buyer.presses('Run the sweep')
        return buyer.ledger()
      }
      // Not everything is listed at once: some must have a transaction first, or be completed.
      await expect.poll(swept, { ...SOON, interval: 2_000 }).toEqual([expect.stringMatching(/ you /)])
      expect(visitorsInLedger()).toEqual([await buyer.visitorId()])
    },
  )

  it('is known at once where nobody redirects them, before they press the seller’s button', async () => {
    const buyer = await newBuyer('another device')
    await buyer.pays('gull-sounds')
    expect(buyer.path()).toBe('/pay/gull-sounds/done')
    await showsOnePayment(buyer, '14 EUR')
    await buyer.page.click('.confirmation .button')
    expect(buyer.path()).toBe('/thank-you')
    await expect.poll(buyer.outcomes, SOON).toEqual(['repeat'])
    expect(visitorsInLedger()).toEqual([await buyer.visitorId()])
  })

  it('and declined at first is still known when the second card is taken', async () => {
    const buyer = await newBuyer('declined')
    await buyer.pays('harbour-log')
    expect(buyer.path()).toBe('/pay/harbour-log/declined')
    await buyer.turns('pay at once')
    await buyer.page.getByRole('button', { name: 'Pay, then close the tab' }).click()
    await showsOnePayment(buyer, '8 EUR')
    expect(visitorsInLedger()).toEqual([await buyer.visitorId()])
  })

  it.each([
    ['tide-icons', /^\?client_reference_id=datafast_[\da-f-]{36}$/],
    ['beacon-mono', /^\?metadata_datafast_visitor_id=[\da-f-]{36}$/],
    ['knot-guide', /^\?metadata\[datafast_visitor_id\]=[\da-f-]{36}$/],
    ['aurora-kit', /^\?reference_id=datafast_[\da-f-]{36}$/],
    ['gull-sounds', /^\?checkout\[custom\]\[datafast_visitor_id\]=[\da-f-]{36}$/],
    ['chart-paper', /^\?datafast_visitor_id=[\da-f-]{36}$/],
    // Its page's own script hands the visitor over.
    ['paper-canoe', /^$/],
  ])('brings their id in that provider’s own parameter: %s', async (product, search) => {
    const buyer = await newBuyer()
    await buyer.goesToCheckout(product)
    expect(buyer.path()).toBe(`/pay/${product}`)
    const query = new URL(buyer.page.url()).search
    expect(query).toMatch(search)
    if (query) expect(query).toContain(await buyer.visitorId())
  })
})

describe('a visitor without the cookie', () => {
  it('is sent to the plain link of every provider', async () => {
    const buyer = await newBuyer('No cookie')
    for (const [product] of SOLD) {
      await buyer.goesToCheckout(product)
      expect.soft(buyer.page.url()).toBe(`${shop.sandbox.origin}/pay/${product}`)
    }
    expect(buyer.troubles).toEqual([])
  })

  it.each(['tide-icons', 'gull-sounds', 'paper-canoe'])('can buy all the same, unattributed: %s', async (product) => {
    const buyer = await newBuyer('No cookie', 'another device')
    await buyer.buys(product)
    expect(buyer.path()).toBe('/thank-you')
    await expect.poll(buyer.ledger, SOON).toEqual(NOT_ATTRIBUTED)
  })
})

describe('a payment link that leads past the link maker', () => {
  it('loses a buyer who comes back on another device', async () => {
    const buyer = await newBuyer('another device')
    await buyer.buys('tide-icons', 'plain link')
    expect(await buyer.visitorId()).toBeDefined()
    await expect.poll(buyer.ledger, SOON).toEqual(NOT_ATTRIBUTED)
  })
})

describe('the sandbox', () => {
  it.each([
    ['tide-icons', [], 'The link maker sends the visitor to Stripe, with their id attached.'],
    ['tide-icons', ['No cookie'], 'The link maker sends the visitor to Stripe, without an id: no cookie.'],
    ['paper-canoe', [], 'The link maker sends the visitor to the shop’s own page with Paddle. A script there hands their id over.'],
    ['paper-canoe', ['No cookie'], /own page with Paddle\. A script there finds no id to hand over: no cookie\.$/],
  ] as const)('tells in a sentence what the link maker did: %s %j', async (product, switches, sentence) => {
    const buyer = await newBuyer(...switches)
    await buyer.goesToCheckout(product)
    await expect.poll(buyer.events, SOON).toEqual([typeof sentence === 'string' ? sentence : expect.stringMatching(sentence)])
  })

  it('says at the checkout that the buyer will come back on another device', async () => {
    const buyer = await newBuyer('another device')
    await buyer.goesToCheckout('tide-icons')
    expect(await buyer.page.locator('.pay').innerText()).toContain('You come back on another device, which has no cookie of yours.')
  })

  it('knows no link of another name', async () => {
    const buyer = await newBuyer()
    const answer = await buyer.page.goto('/checkout/go/nothing-we-sell')
    expect(answer?.status()).toBe(404)
    await buyer.page.goto('/')
    expect(await buyer.events()).toEqual([])
  })
})
