import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Buyer, type Door, openShop, SOON, showsOnePayment } from './buyer.ts'

let shop: Awaited<ReturnType<typeof openShop>>
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop?.close())
afterEach(() => shop.tidyUp())

/** A subscription, a provider that tells of refunds as a running total, and one whose buyers return by a button. */
const [STRIPE, CREEM, LEMON_SQUEEZY] = [
  ['harbour-letter', '9 EUR'],
  ['dry-dock', '7 EUR'],
  ['harbour-log', '8 EUR'],
] as const

/** A buyer whose purchase is recorded under their visitor id. */
async function buyerOf(product: string, amount: string, door?: Door): Promise<Buyer> {
  const buyer = await shop.newBuyer()
  await buyer.buys(product, door)
  await showsOnePayment(buyer, amount)
  return buyer
}

/** A row of DataFast's ledger that counts for the buyer. */
const row = (amount: string, kind = '') => expect.stringMatching(new RegExp(`^${amount} \\S+ ${kind && `${kind} `}you `))

/** How often DataFast was told of a payment. */
const posts = () => shop.sandbox.world.callsTo('datafast').length

describe('a buyer who closes the tab before returning', () => {
  it.each([STRIPE, CREEM, LEMON_SQUEEZY])('is waited for, and then the sale is recorded without a visitor: %s', async (product, amount) => {
    const buyer = await shop.newBuyer()
    await buyer.paysAndClosesTheTab(product)
    expect(await buyer.page.locator('.after').innerText()).toContain('The buyer never came back; the provider’s webhook did.')
    await expect.poll(buyer.standings, SOON).toEqual(['Paid, but by whom?'])
    expect(await buyer.ledger()).toEqual([])
    await expect.poll(buyer.ledger, SOON).toEqual([expect.stringMatching(new RegExp(`^${amount} \\S+ not attributed$`))])
    expect(await buyer.outcomes()).toEqual([])
    expect(buyer.troubles).toEqual([])
  })

  it('and comes back after all is still the one who bought', async () => {
    const buyer = await shop.newBuyer()
    await buyer.paysAndClosesTheTab('harbour-letter')
    await expect.poll(buyer.ledger, SOON).toEqual([expect.stringContaining('not attributed')])
    await buyer.opensTheSuccessUrlAgain()
    expect(buyer.path()).toBe('/thank-you')
    await showsOnePayment(buyer, '9 EUR')
  })
})

describe('a sale that is announced before its buyer returns', () => {
  it.each([STRIPE, LEMON_SQUEEZY])('is paid to the buyer, and counted once under their visitor id: %s', async (product, amount) => {
    const buyer = await buyerOf(product, amount, 'plain link')
    expect(buyer.path()).toBe('/thank-you')
    expect(await buyer.outcomes()).toEqual(['paid'])
    await expect.poll(buyer.standings, SOON).toEqual(['Recorded in DataFast'])
    const kinds = await buyer.page.locator('.timeline li').evaluateAll((items) => items.map(({ className }) => className))
    expect(kinds.indexOf('is-delivery')).toBeGreaterThanOrEqual(0)
    expect(kinds.indexOf('is-delivery')).toBeLessThan(kinds.indexOf('is-visit'))
    expect(posts()).toBe(1)
    expect([...shop.sandbox.world.dataFast.ledger.values()]).toMatchObject([{ datafast_visitor_id: await buyer.visitorId() }])
    expect(buyer.troubles).toEqual([])
  })
})

describe('what follows a sale', () => {
  it.each([STRIPE, CREEM, LEMON_SQUEEZY])('is renewed under the same visitor: %s', async (product, amount) => {
    const buyer = await buyerOf(product, amount)
    await buyer.presses('Renew')
    await expect.poll(buyer.ledger, SOON).toEqual([row(amount), row(amount, 'renewal')])
    await expect.poll(buyer.followers, SOON).toEqual([expect.stringMatching(/^Renewal \S+ Recorded in DataFast$/)])
    expect(buyer.troubles).toEqual([])
  })

  it.each([
    [...STRIPE, '3 EUR', '6 EUR'],
    [...CREEM, '2.33 EUR', '4.67 EUR'],
    [...LEMON_SQUEEZY, '2.67 EUR', '5.33 EUR'],
  ])('is refunded in parts that come to the whole: %s', async (product, amount, part, rest) => {
    const buyer = await buyerOf(product, amount)
    await buyer.presses('Refund part')
    await expect.poll(buyer.ledger, SOON).toEqual([row(amount), row(`−${part}`, 'refund')])
    await buyer.presses('Refund all')
    await expect.poll(buyer.ledger, SOON).toEqual([row(amount), row(`−${part}`, 'refund'), row(`−${rest}`, 'refund')])
    expect(await buyer.revenue()).toBe(0)
    await expect.poll(() => buyer.page.getByRole('button', { name: 'Refund all' }).getAttribute('aria-disabled'), SOON).toBe('true')
    expect(buyer.troubles).toEqual([])
  })

  it('is refunded of what was paid last', async () => {
    const buyer = await buyerOf(...STRIPE)
    await buyer.presses('Renew')
    await expect.poll(buyer.ledger, SOON).toHaveLength(2)
    await buyer.presses('Refund all')
    await expect
      .poll(buyer.followers, SOON)
      .toEqual([
        expect.stringMatching(/^Renewal stripe:in_\S+ Recorded in DataFast$/),
        expect.stringMatching(/^Refund stripe:re_\S+ Recorded in DataFast$/),
      ])
    expect(await buyer.revenue()).toBe(900)
  })

  it.each([STRIPE, CREEM, LEMON_SQUEEZY])('changes nothing when it is told again: %s', async (product, amount) => {
    const buyer = await buyerOf(product, amount)
    for (const what of ['Send it again', 'Refund part', 'Send it again']) {
      const [told, ledger, sent] = [await buyer.deliveries(), await buyer.ledger(), posts()]
      await buyer.presses(what)
      await expect.poll(async () => (await buyer.deliveries()).length, SOON).toBeGreaterThan(told.length)
      if (what === 'Refund part') {
        await expect.poll(buyer.ledger, SOON).toHaveLength(2)
        continue
      }
      // Long enough for it to be asked about and sent, if it were.
      await buyer.page.waitForTimeout(1_500)
      expect(await buyer.ledger()).toEqual(ledger)
      expect(posts()).toBe(sent)
    }
    await expect.poll(buyer.standings, SOON).toEqual(['Recorded in DataFast'])
  })
})

describe('a shop without webhooks', () => {
  it('hears nothing of who does not return, until the webhooks are set up and sent again', async () => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    await buyer.turns('Webhooks')
    await buyer.paysAndClosesTheTab('harbour-letter')
    expect(await buyer.page.locator('.after').innerText()).toContain('nobody tells the Worker of this sale')
    await buyer.page.waitForTimeout(1_500)
    expect(await buyer.standings()).toEqual(['The Worker knows nothing of it'])
    expect(await buyer.deliveries()).toEqual([])
    expect(shop.sandbox.world.calls).toEqual([])
    await buyer.turns('Webhooks')
    await buyer.presses('Send it again')
    await expect.poll(buyer.ledger, SOON).toEqual([expect.stringMatching(/^9 EUR \S+ not attributed$/)])
  })

  it('counts who returns, and nothing that follows', async () => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    await buyer.turns('Webhooks')
    await buyer.buys('harbour-letter')
    await showsOnePayment(buyer, '9 EUR')
    await buyer.presses('Renew')
    await buyer.presses('Refund all')
    const events = buyer.page.locator('.is-event')
    await expect.poll(async () => (await events.allInnerTexts()).join(), SOON).toMatch(/gives back .*no webhook is set up/s)
    await buyer.page.waitForTimeout(1_500)
    expect(await buyer.deliveries()).toEqual([])
    expect(await buyer.followers()).toEqual([])
    expect(posts()).toBe(1)
  })
})

describe('the buttons beside a purchase', () => {
  it('work by keyboard, keep the focus and stay where they are', async () => {
    const buyer = await buyerOf(...STRIPE)
    await expect.poll(buyer.standings, SOON).toEqual(['Recorded in DataFast'])
    const group = buyer.page.getByRole('group', { name: 'What Stripe does next with The Harbour Letter' })
    const renew = group.getByRole('button', { name: 'Renew' })
    const before = await renew.boundingBox()
    await renew.focus()
    await buyer.page.keyboard.press('Enter')
    await expect.poll(buyer.followers, SOON).toEqual([expect.stringMatching(/^Renewal .+ Recorded in DataFast$/)])
    expect(await renew.evaluate((element) => element.matches(':focus'))).toBe(true)
    expect(await renew.boundingBox()).toEqual(before)
    await buyer.page.keyboard.press('Tab')
    await buyer.page.keyboard.press('Tab')
    await buyer.page.keyboard.press('Space')
    await expect.poll(buyer.followers, SOON).toHaveLength(2)
    expect(await buyer.page.evaluate('document.activeElement.textContent')).toBe('Refund all')
  })

  it('are not there for one-time sales that cannot be renewed, nor for an order nobody sold', async () => {
    const buyer = await shop.newBuyer()
    await buyer.buys('tide-icons')
    await showsOnePayment(buyer, '19.99 EUR')
    await buyer.page.goto('/checkout/success/stripe?session_id=cs_live_nobodysold')
    const buttons = await buyer.page
      .locator('.order')
      .evaluateAll((orders) => orders.map((order) => order.querySelectorAll('button').length))
    expect(buttons).toEqual([0, 3])
  })
})
