import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Buyer, openShop, SOON, showsOnePayment } from './buyer.ts'

let shop: Awaited<ReturnType<typeof openShop>>
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop?.close())
afterEach(() => shop.tidyUp())

/** A buyer in front of a shop whose switches stand as said. */
async function newBuyer(...switches: string[]): Promise<Buyer> {
  const buyer = await shop.newBuyer()
  await buyer.page.goto('/')
  for (const label of switches) await buyer.turns(label)
  return buyer
}

/** Everything the Worker told or asked anybody. */
const said = () => JSON.stringify(shop.sandbox.world.calls.map(({ url, body, headers }) => [url, body, [...headers]]))

describe('a purchase through each provider', () => {
  it.each([
    ['tide-icons', '19.99 EUR', '/thank-you'],
    ['harbour-letter', '9 EUR', '/thank-you'],
    ['beacon-mono', '49 EUR', '/thank-you'],
    // Its first payment comes some seconds after the buyer…
    ['weather-desk', '12 EUR', '/almost-there'],
    // …and so do Creem's transactions.
    ['knot-guide', '15 EUR', '/almost-there'],
    ['dry-dock', '7 EUR', '/almost-there'],
    ['aurora-kit', '29 EUR', '/thank-you'],
    ['night-watch', '5 EUR', '/thank-you'],
    ['gull-sounds', '14 EUR', '/thank-you'],
    ['harbour-log', '8 EUR', '/thank-you'],
    ['chart-paper', '7 USD', '/thank-you'],
    ['galley-club', '5 USD', '/thank-you'],
    ['paper-canoe', '39 EUR', '/thank-you'],
    ['little-ferry', '11 EUR', '/thank-you'],
  ])('is counted once, under the buyer’s visitor id: %s', async (product, amount, page) => {
    const buyer = await newBuyer()
    await buyer.buys(product)
    expect(buyer.path()).toBe(page)
    await showsOnePayment(buyer, amount)
    await expect.poll(buyer.standings, SOON).toEqual(['Recorded in DataFast'])
    // Whose first name came too early is handed over.
    if (page !== '/thank-you') await expect.poll(buyer.formerNames, SOON).toHaveLength(1)
    await buyer.opensTheSuccessUrlAgain()
    expect(buyer.path()).toBe('/thank-you')
    await expect.poll(() => buyer.outcomes().then((outcomes) => outcomes.at(-1)), SOON).toBe('repeat')
    expect([...shop.sandbox.world.dataFast.ledger.values()]).toMatchObject([{ datafast_visitor_id: await buyer.visitorId() }])
    expect(buyer.troubles).toEqual([])
  })

  it.each([
    ['tide-icons', '19.99 EUR'],
    ['beacon-mono', '49 EUR'],
    ['dry-dock', '7 EUR'],
    ['gull-sounds', '14 EUR'],
    ['little-ferry', '11 EUR'],
  ])('waits with the buyer for a bank that pays later: %s', async (product, amount) => {
    const buyer = await newBuyer('pay later')
    await buyer.buys(product)
    expect(buyer.path()).toBe('/almost-there')
    await expect.poll(buyer.standings, SOON).toEqual(['Waiting for the money'])
    expect(await buyer.ledger()).toEqual([])
    await buyer.presses('The bank has paid now')
    await showsOnePayment(buyer, amount)
  })

  it.each([['tide-icons'], ['harbour-letter'], ['beacon-mono'], ['weather-desk'], ['dry-dock'], ['aurora-kit'], ['little-ferry']])(
    'that was declined leads to the not-paid page and records nothing: %s',
    async (product) => {
      const buyer = await newBuyer('declined')
      await buyer.buys(product)
      expect(buyer.path()).toBe('/not-paid')
      await expect.poll(buyer.standings, SOON).toEqual(['Not paid'])
      expect(await buyer.ledger()).toEqual([])
    },
  )

  it.each([
    ['harbour-letter', '0 EUR'],
    ['weather-desk', '0 EUR'],
    ['dry-dock', '0 EUR'],
    ['night-watch', '0 EUR'],
    ['harbour-log', '0 EUR'],
    ['galley-club', '0 USD'],
    ['little-ferry', '0 EUR'],
  ])('that begins with a trial is recorded as a trial: %s', async (product, amount) => {
    const buyer = await newBuyer('trial')
    await buyer.buys(product)
    expect(buyer.path()).toBe('/thank-you')
    await showsOnePayment(buyer, amount, 'trial')
  })

  it.each([['tide-icons'], ['beacon-mono'], ['dry-dock'], ['night-watch'], ['harbour-log'], ['galley-club'], ['little-ferry']])(
    'that is free is thanked for, and is neither revenue nor a trial: %s',
    async (product) => {
      const buyer = await newBuyer('100 % off')
      await buyer.buys(product)
      expect(buyer.path()).toBe('/thank-you')
      await expect.poll(buyer.standings, SOON).toEqual(['Nothing to record'])
      expect(await buyer.ledger()).toEqual([])
    },
  )

  it.each([
    ['JPY', 'tide-icons', '3200 JPY'],
    ['KWD', 'beacon-mono', '15.9 KWD'],
    ['JPY', 'aurora-kit', '4600 JPY'],
    ['JPY', 'gull-sounds', '2200 JPY'],
    ['KWD', 'gull-sounds', '4.5 KWD'],
    ['JPY', 'paper-canoe', '6200 JPY'],
    // Always dollars, whatever the price tag says.
    ['JPY', 'chart-paper', '7 USD'],
  ])('in %s is recorded in its provider’s scale: %s', async (currency, product, amount) => {
    const buyer = await newBuyer(currency)
    await buyer.buys(product)
    await showsOnePayment(buyer, amount)
  })

  it('costs what a provider can ask for that knows no dinar', async () => {
    const buyer = await newBuyer('KWD')
    for (const product of ['knot-guide', 'aurora-kit', 'chart-paper', 'paper-canoe']) {
      await buyer.page.goto(`/pay/${product}`)
      expect.soft(await buyer.page.locator('.bill .price').innerText(), product).toMatch(/^€/)
      expect.soft(await buyer.page.locator('.pay').innerText(), product).toMatch(/does not sell in KWD\./)
    }
  })
})

describe('Polar', () => {
  it('adds a token for the customer’s portal, which goes no further than the success URL', async () => {
    const buyer = await newBuyer()
    const addresses: string[] = []
    buyer.page.on('request', (request) => addresses.push(request.url(), request.headers().referer ?? ''))
    await buyer.buys('aurora-kit')
    await showsOnePayment(buyer, '29 EUR')
    const withToken = addresses.filter((address) => address.includes('polar_cst_'))
    expect(withToken).toEqual([expect.stringMatching(/\/checkout\/success\/polar\?checkout_id=.+&customer_session_token=polar_cst_/)])
    expect(buyer.page.url()).not.toContain('?')
    expect(said()).not.toContain('polar_cst_')
    expect(JSON.stringify(await shop.sandbox.worker.memory())).not.toContain('polar_cst_')
  })

  it('has its buyer back while the checkout is only confirmed, and is asked again', async () => {
    const buyer = await newBuyer('pay later')
    await buyer.buys('night-watch')
    expect(buyer.path()).toBe('/almost-there')
    expect(await buyer.ledger()).toEqual([])
    await showsOnePayment(buyer, '5 EUR')
  })
})

describe('Lemon Squeezy and Gumroad, which redirect nobody', () => {
  it.each([
    ['gull-sounds', '14 EUR'],
    ['galley-club', '5 USD'],
  ])('leave it to the buyer to press the seller’s button: %s', async (product, amount) => {
    const buyer = await newBuyer()
    await buyer.pays(product, 'plain link')
    expect(buyer.path()).toBe(`/pay/${product}/done`)
    // The webhook came at once, but nobody knows whose sale it is.
    await expect.poll(buyer.standings, SOON).toEqual(['Paid, but by whom?'])
    expect(await buyer.ledger()).toEqual([])
    await buyer.page.click('.confirmation .button')
    expect(buyer.path()).toBe('/thank-you')
    await showsOnePayment(buyer, amount)
  })

  it.each([['harbour-log'], ['chart-paper']])('keep a buyer whose payment was declined: %s', async (product) => {
    const buyer = await newBuyer('declined')
    await buyer.pays(product)
    expect(buyer.path()).toBe(`/pay/${product}/declined`)
    expect(await buyer.page.getByRole('alert').innerText()).toContain('declined')
    expect(await buyer.page.locator('a[href^="/checkout/success"]').count()).toBe(0)
    expect(shop.sandbox.world.calls).toEqual([])
  })

  it('believe nobody who has guessed an order’s number', async () => {
    const buyer = await newBuyer()
    await buyer.buys('gull-sounds')
    await showsOnePayment(buyer, '14 EUR')
    const [order] = shop.sandbox.world.lemonSqueezy.orders.keys()
    const stranger = await newBuyer()
    await stranger.page.goto(`/checkout/success/lemonsqueezy?order_id=${order}&order_identifier=${crypto.randomUUID()}`)
    expect(stranger.path()).toBe('/almost-there')
    expect(shop.sandbox.world.dataFast.ledger.size).toBe(1)
  })
})

describe('Gumroad', () => {
  it('takes the money at once also from who would pay later', async () => {
    const buyer = await newBuyer('pay later')
    await buyer.buys('chart-paper')
    expect(buyer.path()).toBe('/thank-you')
    await showsOnePayment(buyer, '7 USD')
  })
})

describe('Paddle', () => {
  it('thanks a buyer whose transaction is paid and not yet completed, and counts it once', async () => {
    const buyer = await newBuyer()
    await buyer.buys('little-ferry')
    expect(buyer.path()).toBe('/thank-you')
    const { transactions } = shop.sandbox.world.paddle
    expect([...transactions.values()]).toMatchObject([{ status: 'paid', subscription_id: null }])
    await showsOnePayment(buyer, '11 EUR')
    await expect.poll(() => [...transactions.values()].map(({ status }) => status), SOON).toEqual(['completed'])
    await buyer.opensTheSuccessUrlAgain()
    // By its webhook alone it is known whose it is: it may be recorded before they are back.
    await expect.poll(buyer.outcomes, SOON).toEqual([expect.stringMatching(/^(paid|repeat)$/), 'repeat'])
    await showsOnePayment(buyer, '11 EUR')
  })
})
