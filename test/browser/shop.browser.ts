import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openShop, SOON, showsOnePayment } from './buyer.ts'

let shop: Awaited<ReturnType<typeof openShop>>
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop?.close())
afterEach(() => shop.tidyUp())

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
    await buyer.buys('beacon-mono', 'plain link')
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
    await expect.poll(buyer.standings, SOON).toEqual(['Recorded in DataFast'])
    for (const path of [
      '/',
      '/pay/weather-desk',
      '/pay/weather-desk/closed',
      '/pay/gull-sounds/declined',
      '/pay/gull-sounds/done?order_id=1',
      '/thank-you',
      '/almost-there',
      '/not-paid',
      '/panel',
    ]) {
      await buyer.page.goto(path)
      expect.soft(await buyer.page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(width)
    }
  })
})
