import { readFileSync } from 'node:fs'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makeBusy, statusOf } from './busy-shop.ts'
import { openShop, SOON } from './buyer.ts'

let shop: Awaited<ReturnType<typeof openShop>>
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop?.close())

const STATUS = '/checkout/status'
const SCHEMES = ['light', 'dark'] as const
const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8')

/** The status page in a browser of its own. */
async function open(options: BrowserContextOptions = {}) {
  const { page, troubles } = await shop.newBuyer(options)
  await page.goto(STATUS)
  return { page, troubles }
}

/** What is hard to use for whom, by the rules of axe-core. The page's policy forbids its script, as it should. */
async function barriers(colorScheme: 'light' | 'dark', width: number): Promise<string[]> {
  const { page } = await open({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true })
  await page.addScriptTag({ content: AXE })
  return page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`)
}

/** What the focus is on after each press of the tab key, until it leaves the page. */
async function tabOrder(page: Page): Promise<string[]> {
  const stops: string[] = []
  for (;;) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate<string>("document.activeElement === document.body ? '' : document.activeElement.textContent")
    if (!stop || stops.length > 50) return stops
    stops.push(stop)
  }
}

/** The height and width a page takes beside those of its window. */
const overflow = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')

describe('the status page of an empty shop', () => {
  it.each(SCHEMES)('bars nobody, %s', async (scheme) => {
    expect(await barriers(scheme, 1280)).toEqual([])
    expect(await barriers(scheme, 375)).toEqual([])
  })

  it('is a click away from the shop, and says what to paste where', async () => {
    const { page, troubles } = await shop.newBuyer()
    await page.goto('/')
    await page.getByRole('link', { name: 'Status page' }).click()
    expect(await page.title()).toBe(`Status of ${shop.sandbox.origin} – success-url`)
    expect(await page.locator('.set-up code').allInnerTexts()).toContain(
      `${shop.sandbox.origin}/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}`,
    )
    expect(troubles).toEqual([])
  })

  it('fills by its own button', async () => {
    const { page } = await open()
    await page.getByRole('button', { name: 'Check again now' }).click()
    const checks = async () => {
      await page.reload()
      // What is in order is folded away.
      return page.locator('.checks').textContent()
    }
    await expect.poll(checks, { ...SOON, interval: 1_000 }).toContain('It works, for localhost.')
    expect(new URL(page.url()).pathname).toBe(STATUS)
  })

  it.each([375, 320, 768, 1440])('fits into a window of %i px', async (width) => {
    const { page } = await open({ viewport: { width, height: 800 } })
    expect(await overflow(page)).toBeLessThanOrEqual(0)
  })
})

describe('the sweep of the sandbox', () => {
  afterEach(() => shop.tidyUp())

  it('finds a sale that nobody told of', async () => {
    const buyer = await shop.newBuyer()
    await buyer.page.goto('/')
    await buyer.turns('Webhooks')
    await buyer.paysAndClosesTheTab('tide-icons')
    await buyer.presses('Run the sweep')
    await expect.poll(buyer.standings, SOON).toEqual(['Paid, but by whom?'])
    await expect.poll(buyer.ledger, SOON).toEqual([expect.stringMatching(/^19\.99 EUR \S+ not attributed$/)])
    await buyer.page.goto(STATUS)
    expect(await buyer.page.locator('.attribution').innerText()).toContain('the sweep found the sale')
  })
})

describe('the status page of a busy shop', () => {
  beforeAll(() => makeBusy(shop.sandbox), 120_000)
  afterAll(() => shop.tidyUp())

  it.each(SCHEMES)('bars nobody, %s', async (scheme) => {
    expect(await barriers(scheme, 1280)).toEqual([])
    expect(await barriers(scheme, 375)).toEqual([])
  })

  it.each([375, 320, 768, 1440])('fits into a window of %i px', async (width) => {
    const { page, troubles } = await open({ viewport: { width, height: 800 } })
    expect(await page.locator('.movements tbody tr').count()).toBe(50)
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(troubles).toEqual([])
  })

  it('is as complete without scripts', async () => {
    const { page } = await open({ javaScriptEnabled: false })
    expect(await page.locator('h2').allInnerTexts()).toEqual([
      'Needs your attention',
      'Attribution',
      'Set-up checks',
      'Waiting',
      'Rehearsal',
      'Last movements',
      'Daily proof',
    ])
    await page.getByRole('button', { name: 'Check again now' }).click()
    expect(new URL(page.url()).pathname).toBe(STATUS)
  })

  it('is gone through by the tab key alone: first past everything, then from button to button, in sight each time', async () => {
    const { page } = await open()
    const stops = await tabOrder(page)
    expect(stops[0]).toBe('Skip to the content')
    expect(stops.slice(1, 4)).toEqual(['Check again now', expect.stringMatching(/ checks in order$/), 'Try all again now'])
    expect(stops.filter((stop) => stop.startsWith('Try again now '))).toHaveLength(2)
    expect(stops).toHaveLength(6)
  })

  it('skips to its content by the first key', async () => {
    const { page } = await open()
    await page.keyboard.press('Tab')
    const link = page.getByRole('link', { name: 'Skip to the content' })
    expect((await link.boundingBox())?.width).toBeGreaterThan(50)
    await page.keyboard.press('Enter')
    expect(new URL(page.url()).hash).toBe('#main')
  })

  it('shows what the focus is on', async () => {
    const { page } = await open()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(
      await page.evaluate('getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth'),
    ).toBe('solid3px')
  })

  it('checks again by keyboard', async () => {
    const { page } = await open()
    const before = shop.sandbox.world.callsTo('datafast', 'analytics/metadata').length
    await page.getByRole('button', { name: 'Check again now' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => shop.sandbox.world.callsTo('datafast', 'analytics/metadata').length, SOON).toBe(before + 1)
    expect(new URL(page.url()).pathname).toBe(STATUS)
  })

  it('tries again by keyboard: one order, and then all that are left', async () => {
    const { page } = await open()
    await page.getByRole('button', { name: /^Try again now dodo:/ }).focus()
    await page.keyboard.press('Space')
    await expect.poll(async () => (await statusOf(shop.sandbox)).waiting.map(({ provider }) => provider), SOON).toEqual(['creem'])
    await page.goto(STATUS)
    await page.getByRole('button', { name: /^Try again now creem:/ }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await statusOf(shop.sandbox)).waitingCount, SOON).toBe(0)
  })
})
