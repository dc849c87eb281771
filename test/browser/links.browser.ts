import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createTestHarness } from 'wrangler'
import { openShop, SOON } from './buyer.ts'
import { askedBy, OTHER_VISITOR, openSite, tabsBehind, VISITOR } from './seller-site.ts'

let shop: Awaited<ReturnType<typeof openShop>>
let site: Awaited<ReturnType<typeof openSite>>
beforeAll(async () => {
  shop = await openShop()
  site = await openSite(shop.sandbox.origin)
})
afterAll(() => Promise.all([site?.close(), shop?.close()]))
afterEach(() => shop.closeWindows())

/** A payment link at the host of each provider that has some, and where a click on it is to lead. */
const LINKS = {
  Stripe: ['https://buy.stripe.com/test_abc', `https://buy.stripe.com/test_abc?client_reference_id=datafast_${VISITOR}`],
  'Dodo Payments': [
    'https://test.checkout.dodopayments.com/buy/pdt_1?quantity=1&redirect_url=https%3A%2F%2Fpay.example.com%2Fcheckout%2Fsuccess%2Fdodo',
    `https://test.checkout.dodopayments.com/buy/pdt_1?quantity=1&redirect_url=https%3A%2F%2Fpay.example.com%2Fcheckout%2Fsuccess%2Fdodo&metadata_datafast_visitor_id=${VISITOR}`,
  ],
  Creem: ['https://www.creem.io/payment/prod_1', `https://www.creem.io/payment/prod_1?metadata[datafast_visitor_id]=${VISITOR}`],
  Polar: ['https://buy.polar.sh/polar_cl_1', `https://buy.polar.sh/polar_cl_1?reference_id=datafast_${VISITOR}`],
  'Lemon Squeezy': [
    'https://store.lemonsqueezy.com/buy/0f0f?media=0',
    `https://store.lemonsqueezy.com/buy/0f0f?media=0&checkout[custom][datafast_visitor_id]=${VISITOR}`,
  ],
  Gumroad: ['https://seller.gumroad.com/l/kit', `https://seller.gumroad.com/l/kit?datafast_visitor_id=${VISITOR}`],
} as const satisfies Record<string, readonly [string, string]>

const PLAIN = Object.values(LINKS).map(([plain]) => plain)
const ATTACHED = Object.values(LINKS).map(([, attached]) => attached)
/** Each in a tab of its own, so that the page with the links stays. */
const IN_NEW_TABS = PLAIN.map((href) => anchor(href, 'target="_blank"')).join('\n')

function anchor(href: string, more = ''): string {
  return `<a href="${href.replaceAll('&', '&amp;')}" ${more}>Buy</a>`
}

/** Where the page's links lead right now. */
const hrefs = (page: Page) => page.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))

describe('links.js, on a page at a host of its own', () => {
  it.each<[string, (page: Page, nth: number) => Promise<void>]>([
    ['clicked', (page, nth) => page.locator('a').nth(nth).click()],
    ['focused, and the Enter key is pressed', (page, nth) => page.locator('a').nth(nth).press('Enter')],
    ['clicked by a script', (page, nth) => page.evaluate(`document.querySelectorAll('a')[${nth}].click()`)],
    ['clicked on what stands in it', (page, nth) => page.locator('a b').nth(nth).click()],
  ])('attaches the visitor to the payment links of every provider when they are %s', async (_, open) => {
    const { page, troubles } = await shop.newBuyer()
    const asked = await askedBy(page)
    await site.shows(IN_NEW_TABS.replaceAll('Buy', 'Buy <b>now</b>'), page)
    for (const nth of PLAIN.keys()) {
      await open(page, nth)
      await expect.poll(() => asked.length, SOON).toBe(nth + 1)
    }
    expect(asked).toEqual(ATTACHED)
    expect(troubles).toEqual([])
  })

  it.each<[string, Parameters<Page['click']>[1]]>([
    ['with the middle button', { button: 'middle' }],
    ['while Ctrl is held', { modifiers: ['Control'] }],
  ])('attaches it in tabs that open in the background, clicked %s', async (_, how) => {
    const { page, troubles } = await shop.newBuyer()
    await site.shows(PLAIN.map((href) => anchor(href)).join('\n'), page)
    for (const nth of PLAIN.keys()) {
      await page.locator('a').nth(nth).click(how)
      await expect.poll(() => tabsBehind(page), SOON).toEqual(ATTACHED.slice(0, nth + 1))
    }
    expect(page.url()).toBe(`${site.origin}/pricing`)
    expect(troubles).toEqual([])
  })

  it('leads there in the same tab as well', async () => {
    const { page } = await shop.newBuyer()
    await askedBy(page)
    for (const [plain, attached] of Object.values(LINKS)) {
      await site.shows(anchor(plain), page)
      await page.click('a')
      await page.waitForURL(attached)
    }
  })

  it('has attached it before a link is copied, or opened from the menu', async () => {
    const { page } = await shop.newBuyer()
    await site.shows(IN_NEW_TABS, page)
    for (const link of await page.locator('a').all()) await link.click({ button: 'right' })
    expect(await hrefs(page)).toEqual(ATTACHED)
  })

  it('changes nothing before a click', async () => {
    const { page } = await shop.newBuyer()
    await site.shows(IN_NEW_TABS, page)
    for (const link of await page.locator('a').all()) {
      await link.hover()
      await page.mouse.down()
      await page.mouse.move(1, 1)
      await page.mouse.up()
      await link.focus()
    }
    expect(await hrefs(page)).toEqual(PLAIN)
  })

  it('knows links that came later, and those in a shadow tree', async () => {
    const { page, troubles } = await shop.newBuyer()
    const asked = await askedBy(page)
    await site.shows('<main></main><aside></aside>', page)
    await page.evaluate(`document.querySelector('main').innerHTML = ${JSON.stringify(IN_NEW_TABS)}`)
    await page.locator('main a').first().click()
    await expect.poll(() => asked, SOON).toEqual([ATTACHED[0]])
    await page.evaluate(`document.querySelector('aside').attachShadow({ mode: 'open' }).innerHTML = ${JSON.stringify(IN_NEW_TABS)}`)
    await page.locator('aside a').nth(1).click()
    await expect.poll(() => asked, SOON).toEqual([ATTACHED[0], ATTACHED[1]])
    expect(troubles).toEqual([])
  })

  it.each([
    [
      'others, letter by letter',
      'https://buy.stripe.com/abc?prefilled_email=a%40b.example&utm_source=news+letter&x',
      `https://buy.stripe.com/abc?prefilled_email=a%40b.example&utm_source=news+letter&x&client_reference_id=datafast_${VISITOR}`,
    ],
    ['a fragment', 'https://buy.polar.sh/cl?theme=dark#plans', `https://buy.polar.sh/cl?theme=dark&reference_id=datafast_${VISITOR}#plans`],
    [
      'an id of the seller’s own',
      'https://buy.stripe.com/abc?client_reference_id=order-42',
      `https://buy.stripe.com/abc?client_reference_id=order-42_datafast_${VISITOR}`,
    ],
    [
      'an earlier visitor',
      `https://buy.polar.sh/cl?reference_id=order-42_datafast_${OTHER_VISITOR}`,
      `https://buy.polar.sh/cl?reference_id=order-42_datafast_${VISITOR}`,
    ],
    [
      'an earlier visitor, written otherwise',
      `https://store.lemonsqueezy.com/buy/1?checkout%5Bcustom%5D%5Bdatafast_visitor_id%5D=${OTHER_VISITOR}&checkout[custom][team]=7`,
      `https://store.lemonsqueezy.com/buy/1?checkout%5Bcustom%5D%5Bteam%5D=7&checkout[custom][datafast_visitor_id]=${VISITOR}`,
    ],
    [
      'the same visitor already',
      `https://seller.gumroad.com/l/kit?datafast_visitor_id=${VISITOR}&wanted=true`,
      `https://seller.gumroad.com/l/kit?datafast_visitor_id=${VISITOR}&wanted=true`,
    ],
    // Stripe would drop all of it.
    [
      'an id so long that no visitor fits behind it',
      `https://buy.stripe.com/abc?client_reference_id=${'x'.repeat(180)}`,
      `https://buy.stripe.com/abc?client_reference_id=${'x'.repeat(180)}`,
    ],
  ])('keeps what stands in a link: %s', async (_, plain, attached) => {
    const { page, troubles } = await shop.newBuyer()
    const asked = await askedBy(page)
    await site.shows(anchor(plain), page)
    await page.click('a')
    await page.waitForURL(attached)
    expect(asked.map(withoutFragment)).toEqual([withoutFragment(attached)])
    expect(troubles).toEqual([])
  })

  it('attaches once however often a link is clicked', async () => {
    const { page } = await shop.newBuyer()
    const asked = await askedBy(page)
    await site.shows(IN_NEW_TABS, page)
    for (const link of await page.locator('a').all()) await link.click({ button: 'right', clickCount: 2 })
    expect(await hrefs(page)).toEqual(ATTACHED)
    for (const times of [1, 2]) {
      await page.locator('a').first().click()
      await expect.poll(() => asked, SOON).toEqual(Array(times).fill(ATTACHED[0]))
    }
    expect(await hrefs(page)).toEqual(ATTACHED)
  })

  it('attaches whom the cookie names at the moment of the click', async () => {
    const { page } = await shop.newBuyer()
    await site.shows(IN_NEW_TABS, page, '')
    await page.evaluate(`document.cookie = 'datafast_visitor_id=${OTHER_VISITOR}'`)
    await page.locator('a').first().click({ button: 'right' })
    await page.evaluate(`document.cookie = 'datafast_visitor_id=${VISITOR}'`)
    await page.locator('a').first().click({ button: 'right' })
    expect((await hrefs(page))[0]).toBe(ATTACHED[0])
  })

  it.each([
    'https://buy.stripe.com.shop.example/abc',
    'https://notbuy.stripe.com/abc',
    'https://dashboard.stripe.com/abc',
    'https://buy.stripe.com:8443/abc',
    'https://shop.example/buy.stripe.com/abc',
    'https://shop.example/?to=https://buy.stripe.com/abc',
    'https://shop.example/#//buy.stripe.com/abc',
    'https://mycreem.io/payment/prod_1',
    'https://polar.sh.shop.example/cl',
    'https://notgumroad.com/l/kit',
    'https://store.lemonsqueezy.com.shop.example/buy/1',
  ])('never touches a link to another host: %s', async (href) => {
    const { page, troubles } = await shop.newBuyer()
    const asked = await askedBy(page)
    await site.shows(anchor(href, 'target="_blank"'), page)
    await page.click('a')
    await expect.poll(() => asked.map(withoutFragment), SOON).toEqual([withoutFragment(href)])
    expect(await hrefs(page)).toEqual([href])
    expect(troubles).toEqual([])
  })

  it('never touches the page’s own links, nor those that lead to no page', async () => {
    const { page, troubles } = await shop.newBuyer()
    const own = ['/', '#plans', '?plan=pro', 'mailto:sam@example.com', 'javascript:void 0', 'https://[', '']
    await site.shows(`${own.map((href) => anchor(href)).join('\n')}<a>No link</a>`, page)
    for (const link of await page.locator('a').all()) await link.click({ button: 'right' })
    await page.locator('a').nth(1).click()
    expect(page.url()).toBe(`${site.origin}/pricing#plans`)
    await page.locator('a').nth(2).click()
    await page.waitForURL(`${site.origin}/pricing?plan=pro`)
    expect(await hrefs(page)).toEqual([...own, null])
    expect(troubles).toEqual([])
  })

  it.each([
    ['none', ''],
    ['empty', 'datafast_visitor_id='],
    ['another one', `my_datafast_visitor_id=${VISITOR}`],
    ['its name within another’s value', `note=datafast_visitor_id=${VISITOR}`],
    ['a parameter behind the id', `datafast_visitor_id=${VISITOR}&client_secret=1`],
    ['an address', 'datafast_visitor_id=https://evil.example/'],
    ['markup', 'datafast_visitor_id="><img/src=x/onerror=alert(1)>'],
    ['36 characters that are no id', `datafast_visitor_id=${'-'.repeat(36)}`],
    ['an id with a letter too many', `datafast_visitor_id=${VISITOR}0`],
    ['the id, percent-encoded', `datafast_visitor_id=${VISITOR.replaceAll('-', '%2D')}`],
  ])('leaves links as they are when the cookie is wrong: %s', async (_, cookie) => {
    const { page, troubles } = await shop.newBuyer()
    const asked = await askedBy(page)
    await site.shows(IN_NEW_TABS, page, cookie)
    for (const link of await page.locator('a').all()) await link.click({ button: 'right' })
    await page.locator('a').first().click()
    await expect.poll(() => asked, SOON).toEqual([PLAIN[0]])
    expect(await hrefs(page)).toEqual(PLAIN)
    expect(troubles).toEqual([])
  })

  it('runs under a policy that allows scripts from the Worker and nothing else', async () => {
    const { page, troubles } = await shop.newBuyer()
    const asked = await askedBy(page)
    await site.shows(IN_NEW_TABS, page, undefined, `default-src 'none'; script-src ${shop.sandbox.origin}`)
    await page.locator('a').first().click()
    await expect.poll(() => asked, SOON).toEqual([ATTACHED[0]])
    expect(troubles).toEqual([])
  })

  it('is at most 1024 bytes', async () => {
    const harness = createTestHarness({ workers: [{ configPath: 'wrangler.toml', prebuiltWorkerDir: resolve('dist') }] })
    await harness.listen()
    try {
      const answer = await harness.fetch('https://pay.example.com/checkout/links.js')
      const { byteLength } = await answer.arrayBuffer()
      expect(byteLength).toBeGreaterThan(100)
      expect(byteLength).toBeLessThanOrEqual(1024)
    } finally {
      await harness.close()
    }
  })
})

describe('a shop whose cookie the Worker never sees', () => {
  afterEach(() => shop.tidyUp())

  it.each([
    ['tide-icons', 19.99],
    ['weather-desk', 12],
    ['dry-dock', 7],
    ['aurora-kit', 29],
    ['gull-sounds', 14],
    ['chart-paper', 7],
  ])('has its sale attributed by links.js alone: %s', async (product, amount) => {
    // At the Worker's host nobody has a cookie.
    shop.sandbox.flip({ cookieMissing: true })
    const { origin, world } = shop.sandbox
    const { page, troubles, returns } = await shop.newBuyer()
    await site.shows(anchor(`${origin}/pay/${product}`), page)
    await page.click('a')
    await page.locator('.pay button').first().click()
    const button = page.locator('.confirmation .button')
    await page.waitForURL(/\/(done\?.+|thank-you|almost-there)$/)
    if (await button.count()) await button.click()
    await page.waitForURL(/\/(thank-you|almost-there)$/)
    await expect.poll(() => [...world.dataFast.ledger.values()], SOON).toMatchObject([{ amount, datafast_visitor_id: VISITOR }])
    await expect.poll(returns, SOON).toEqual(['The buyer returns without the cookie'])
    const cookies = await page.context().cookies()
    expect(cookies.map(({ domain, name, value }) => [domain, name, value])).toEqual([['shop.localhost', 'datafast_visitor_id', VISITOR]])
    expect(troubles).toEqual([])
  })
})

/** As a browser asks for it. */
function withoutFragment(address: string): string {
  return address.replace(/#.*$/, '')
}
