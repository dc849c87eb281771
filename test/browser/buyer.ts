import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { AS_USUAL } from '../../sandbox/switches.ts'

/** Longer than DataFast's second retry (2 s + 10 s) and a pending payment's first (5 s), on a busy machine. */
export const SOON = { timeout: 25_000, interval: 100 }

/** Debian's, installed by .ci/run; nothing is downloaded. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Whatever a page asks for, in whatever tab: names lead nowhere but to this machine. */
const NO_OTHER_MACHINE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *localhost'

/** The sandbox on a free port, and a browser to visit it with. */
export async function openShop() {
  const sandbox = await startSandbox({ port: 0 })
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking', NO_OTHER_MACHINE],
  })
  const closeWindows = () => Promise.all(browser.contexts().map((context) => context.close()))
  return {
    sandbox,
    newBuyer: (options?: BrowserContextOptions) => newBuyer(browser, sandbox.origin, options),
    /** Everybody leaves. What they have bought stays. */
    closeWindows,
    /** As if nobody had ever been there. */
    async tidyUp() {
      await closeWindows()
      sandbox.flip(AS_USUAL)
      await sandbox.startOver()
    },
    async close() {
      await browser.close()
      await sandbox.stop()
    },
  }
}

/** How a buyer gets to a checkout: by the shop's button, and so the link maker, or by a payment link with nobody attached. */
export type Door = 'shop' | 'plain link'

export type Buyer = Awaited<ReturnType<typeof newBuyer>>

/** Somebody with a browser and cookies of their own. What goes wrong in their pages ends up in `troubles`. */
async function newBuyer(browser: Browser, origin: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ baseURL: origin, viewport: { width: 1440, height: 1000 }, ...options })
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text())
  })
  return {
    page,
    troubles,
    path: () => new URL(page.url()).pathname,

    /** Buys something, and comes back by the provider's redirect or by the seller's button. */
    async buys(product: string, door: Door = 'shop') {
      await pays(page, product, door)
      const button = page.locator('.confirmation .button')
      if (await button.count()) await button.click()
      await page.waitForURL(/\/(thank-you|almost-there|not-paid)$/)
    },

    /** Goes to the checkout by the shop's button, and looks at it. */
    goesToCheckout: (product: string) => goesToCheckout(page, product, 'shop'),

    /** Presses the button that pays, and stays wherever that leads. */
    pays: (product: string, door: Door = 'shop') => pays(page, product, door),

    /** Buys something, and never comes back. */
    async paysAndClosesTheTab(product: string, door: Door = 'plain link') {
      await goesToCheckout(page, product, door)
      await page.getByRole('button', { name: 'Pay, then close the tab' }).click()
      await page.waitForURL('**/closed')
    },

    async opensTheSuccessUrlAgain() {
      await page.goto((await page.locator('.again').first().getAttribute('href')) ?? '')
    },

    /** Turns one of the panel's switches, by what is written on it. */
    async turns(label: string) {
      const isChoice = (await page.getByLabel(label, { exact: true }).getAttribute('type')) === 'radio'
      const flipped = page.waitForResponse('**/sandbox/switches')
      // What changes the prices loads the page again.
      const settled = isChoice ? page.waitForEvent('load') : undefined
      await page.getByText(label, { exact: true }).click()
      await Promise.all([flipped, settled])
    },

    /** A button of the panel; beside a purchase, the latest one's. */
    presses: (label: string) => page.getByRole('button', { name: label }).first().click(),

    /** What DataFast counts in all, in hundredths. */
    async revenue() {
      const amounts = (await textsOf(page, '.amount b')).map((text) => Number(text.replace('−', '-')))
      return Math.round(amounts.reduce((sum, amount) => sum + amount, 0) * 100)
    },

    visitorId: async () => (await context.cookies()).find(({ name }) => name === 'datafast_visitor_id')?.value,
    ledger: () => textsOf(page, '[data-section="ledger"] tbody tr'),
    standings: () => textsOf(page, '.order h3'),
    /** Under which other names the Worker knew the orders at first. */
    formerNames: () => textsOf(page, '.reference br + code'),
    /** What became of whatever followed the purchases, such as `Refund stripe:re_… Recorded in DataFast`. */
    followers: () => textsOf(page, '.followers li'),
    outcomes: () => textsOf(page, '.is-visit .badge'),
    /** How each visit began, such as `The buyer returns without the cookie`. */
    returns: () => textsOf(page, '.is-visit .who'),
    /** What went on in the world outside, sentence by sentence. */
    events: () => textsOf(page, '.is-event p'),
    /** What providers told of their own accord, and what the Worker answered. */
    deliveries: () => textsOf(page, '.is-delivery'),
    calls: () => page.locator('.is-call').count(),
  }
}

async function goesToCheckout(page: Page, product: string, door: Door): Promise<void> {
  await page.goto(door === 'shop' ? '/' : `/pay/${product}`)
  if (door === 'shop') await page.click(`[data-product="${product}"]`)
  await page.locator('.pay').waitFor()
}

async function pays(page: Page, product: string, door: Door): Promise<void> {
  await goesToCheckout(page, product, door)
  await page.locator('.pay button').first().click()
  await page.waitForURL(({ pathname }) => /^\/pay\/.+\/(done|declined)$|^\/(thank-you|almost-there|not-paid)$/.test(pathname))
}

/** One payment of this amount in DataFast's ledger, for this buyer. `kind`: how it is marked. */
export async function showsOnePayment(buyer: Buyer, amount: string, kind = '') {
  await expect.poll(buyer.ledger, SOON).toEqual([expect.stringMatching(new RegExp(`^${amount} \\S+ ${kind && `${kind} `}you `))])
}

/** What is written in each element, in order, without line breaks. */
async function textsOf(page: Page, selector: string): Promise<string[]> {
  const texts = await page.locator(selector).allInnerTexts()
  return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim())
}
