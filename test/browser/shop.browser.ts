import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Buyer, openShop } from './buyer.ts'

/** Longer than DataFast's second retry (2 s + 10 s) and a pending payment's first (5 s), on a busy machine. */
const SOON = { timeout: 25_000, interval: 100 }

let shop: Awaited<ReturnType<typeof openShop>>
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop?.close())
afterEach(() => shop.tidyUp())

/** One payment of this amount in DataFast's ledger, for this buyer. */
async function showsOnePayment(buyer: Buyer, amount: string) {
  await expect.poll(buyer.ledger, SOON).toEqual([expect.stringMatching(new RegExp(`^${amount} \\S+ you `))])
}

describe('the sandbox shop, walked as a buyer would', () => {
  it('gives a visitor the cookie that DataFast’s script gives', async () => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    expect(await buyer.visitorId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    await expect.poll(() => buyer.page.locator('.you').textContent()).toContain(await buyer.visitorId())
  })

  it('sends a buyer to the thank-you page and records one payment under their visitor id', async () => {
    const buyer = await shop.newBuyer()
    await buyer.buys('tide-icons')
    expect(buyer.path()).toBe('/thank-you')
    await showsOnePayment(buyer, '19.99 EUR')
    expect([...shop.sandbox.world.dataFast.ledger.values()]).toMatchObject([{ datafast_visitor_id: await buyer.visitorId() }])
    await expect.poll(buyer.standings, SOON).toEqual(['Recorded in DataFast'])
    expect(buyer.troubles).toEqual([])
  })

  it('counts a purchase once however often its success URL is opened', async () => {
    const buyer = await shop.newBuyer()
    await buyer.buys('beacon-mono')
    await expect.poll(buyer.standings, SOON).toEqual(['Recorded in DataFast'])
    const calls = await buyer.calls()
    for (let visit = 0; visit < 3; visit++) {
      await buyer.opensTheSuccessUrlAgain()
      expect(buyer.path()).toBe('/thank-you')
    }
    await expect.poll(buyer.outcomes, SOON).toEqual(['paid', 'repeat', 'repeat', 'repeat'])
    expect(await buyer.calls()).toBe(calls)
    await showsOnePayment(buyer, '49 EUR')
  })

  it('lets the buyer land while DataFast is down, and delivers once it is up again', async () => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    await buyer.turns('DataFast down')
    await buyer.buys('tide-icons')
    expect(buyer.path()).toBe('/thank-you')
    await expect.poll(buyer.standings, SOON).toEqual(['Waiting for DataFast'])
    expect(await buyer.ledger()).toEqual([])
    await buyer.turns('DataFast down')
    await showsOnePayment(buyer, '19.99 EUR')
  })

  it('lets the buyer land within the budget while the provider is slow, and records the sale all the same', async () => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    await buyer.turns('Provider slow')
    const before = Date.now()
    await buyer.buys('tide-icons')
    expect(Date.now() - before).toBeLessThan(5_000)
    expect(buyer.path()).toBe('/almost-there')
    await showsOnePayment(buyer, '19.99 EUR')
  })

  it('lets the buyer land while the provider is down, and asks it again', async () => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    await buyer.turns('Provider down')
    await buyer.buys('beacon-mono')
    expect(buyer.path()).toBe('/almost-there')
    await expect.poll(buyer.standings, SOON).toEqual(['Waiting for Dodo Payments'])
    await buyer.turns('Provider down')
    await showsOnePayment(buyer, '49 EUR')
  })

  it('records a sale without a cookie as one without a visitor', async () => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    await buyer.turns('No cookie')
    expect(await buyer.visitorId()).toBeUndefined()
    await buyer.buys('tide-icons')
    expect(buyer.path()).toBe('/thank-you')
    await expect.poll(buyer.standings, SOON).toEqual(['Paid, but by whom?'])
    await expect.poll(buyer.ledger, SOON).toEqual([expect.stringMatching(/^19\.99 EUR \S+ not attributed$/)])
  })

  it.each([['tide-icons'], ['beacon-mono']])('waits with the buyer for a bank that pays later: %s', async (product) => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    await buyer.turns('pay later')
    await buyer.buys(product)
    expect(buyer.path()).toBe('/almost-there')
    await expect.poll(buyer.standings, SOON).toEqual(['Waiting for the money'])
    expect(await buyer.ledger()).toEqual([])
    await buyer.presses('The bank has paid now')
    await showsOnePayment(buyer, product === 'tide-icons' ? '19.99 EUR' : '49 EUR')
  })

  it.each([['tide-icons'], ['harbour-letter'], ['beacon-mono'], ['weather-desk']])(
    'sends a buyer whose payment was declined to the not-paid page and records nothing: %s',
    async (product) => {
      const buyer = await shop.newBuyer()
      await buyer.page.goto('/')
      await buyer.turns('declined')
      await buyer.buys(product)
      expect(buyer.path()).toBe('/not-paid')
      await expect.poll(buyer.standings, SOON).toEqual(['Not paid'])
      expect(await buyer.ledger()).toEqual([])
    },
  )

  it('follows a Dodo subscription to its first payment and attributes that', async () => {
    const buyer = await shop.newBuyer()
    await buyer.buys('weather-desk')
    expect(buyer.path()).toBe('/almost-there')
    await showsOnePayment(buyer, '12 EUR')
    await expect.poll(buyer.standings, SOON).toEqual(['Handed over', 'Recorded in DataFast'])
    await buyer.opensTheSuccessUrlAgain()
    expect(buyer.path()).toBe('/thank-you')
  })

  it.each([['harbour-letter'], ['weather-desk']])('records a trial as a trial: %s', async (product) => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    await buyer.turns('trial')
    await buyer.buys(product)
    expect(buyer.path()).toBe('/thank-you')
    await expect.poll(buyer.ledger, SOON).toEqual([expect.stringMatching(/^0 EUR \S+ trial you /)])
  })

  it.each([['tide-icons'], ['beacon-mono']])('thanks the buyer of a free order and records no revenue: %s', async (product) => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    await buyer.turns('100 % off')
    await buyer.buys(product)
    expect(buyer.path()).toBe('/thank-you')
    await expect.poll(buyer.standings, SOON).toEqual(['Nothing to record'])
    expect(await buyer.ledger()).toEqual([])
  })

  it.each([
    ['JPY', 'tide-icons', '3200'],
    ['KWD', 'beacon-mono', '15.9'],
  ])('records %s in its own scale', async (currency, product, amount) => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    await buyer.turns(currency)
    await buyer.buys(product)
    await showsOnePayment(buyer, `${amount} ${currency}`)
  })

  it('keeps two buyers apart', async () => {
    const [ann, bob] = [await shop.newBuyer(), await shop.newBuyer()]
    await Promise.all([ann.buys('tide-icons'), bob.buys('tide-icons')])
    await expect.poll(() => shop.sandbox.world.dataFast.ledger.size, SOON).toBe(2)
    const visitors = [...shop.sandbox.world.dataFast.ledger.values()].map((entry) => entry.datafast_visitor_id)
    expect(new Set(visitors)).toEqual(new Set([await ann.visitorId(), await bob.visitorId()]))
  })

  it('forgets everything when it starts over', async () => {
    const buyer = await shop.newBuyer()
    await buyer.buys('tide-icons')
    await showsOnePayment(buyer, '19.99 EUR')
    const visitor = await buyer.visitorId()
    await buyer.presses('Start over')
    await buyer.page.waitForURL('**/')
    await expect.poll(buyer.ledger, SOON).toEqual([])
    expect(await buyer.standings()).toEqual([])
    expect(await buyer.visitorId()).not.toBe(visitor)
  })

  it('writes what a stranger puts into an address as text, not as markup', async () => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto(`/checkout/success/stripe?session_id=cs_${encodeURIComponent('"><img src=x onerror=alert(1)>')}`)
    expect(buyer.path()).toBe('/almost-there')
    await expect.poll(buyer.outcomes, SOON).toEqual(['invalid'])
    expect(await buyer.page.locator('.panel img').count()).toBe(0)
    expect(buyer.troubles).toEqual([])
  })

  it.each([[1440], [390]])('fits every page into a window of %i px', async (width) => {
    const buyer = await shop.newBuyer({ viewport: { width, height: 844 } })
    await buyer.buys('weather-desk')
    await expect.poll(buyer.standings, SOON).toEqual(['Handed over', 'Recorded in DataFast'])
    for (const path of ['/', '/pay/weather-desk', '/thank-you', '/almost-there', '/not-paid', '/panel']) {
      await buyer.page.goto(path)
      expect.soft(await buyer.page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(width)
    }
  })
})
