import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { makeBusy } from './busy-shop.ts'
import { openShop } from './buyer.ts'

/** The README's pictures are taken anew only on request: every run would change a few pixels. */
const PICTURES = [
  ['sandbox', { colorScheme: 'light', viewport: { width: 1440, height: 1020 } }],
  ['sandbox-dark', { colorScheme: 'dark', viewport: { width: 1440, height: 1020 } }],
  ['sandbox-phone', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
] as const

it.runIf(process.env.SCREENSHOTS)('has its picture taken after a purchase', { timeout: 120_000 }, async () => {
  mkdirSync('docs/images', { recursive: true })
  const shop = await openShop()
  try {
    for (const [name, look] of PICTURES) {
      const buyer = await shop.newBuyer(look)
      await buyer.buys('tide-icons')
      await expect.poll(buyer.standings, { timeout: 10_000 }).toEqual(['Recorded in DataFast'])
      await buyer.page.waitForTimeout(700)
      await buyer.page.screenshot({ path: `docs/images/${name}.png`, fullPage: name === 'sandbox-phone' })
      await shop.tidyUp()
    }
  } finally {
    await shop.close()
  }
})

const STATUS_PICTURES = [
  ['status', { colorScheme: 'light', viewport: { width: 1200, height: 1000 } }],
  ['status-dark', { colorScheme: 'dark', viewport: { width: 1200, height: 1000 } }],
  ['status-phone', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
] as const

it.runIf(process.env.SCREENSHOTS)('has the picture of its status page taken on a busy day', { timeout: 120_000 }, async () => {
  mkdirSync('docs/images', { recursive: true })
  const shop = await openShop()
  try {
    await makeBusy(shop.sandbox)
    for (const [name, look] of STATUS_PICTURES) {
      const { page } = await shop.newBuyer(look)
      await page.goto('/checkout/status')
      await page.screenshot({ path: `docs/images/${name}.png` })
      if (process.env.SCREENSHOTS === 'whole') await page.screenshot({ path: `/tmp/w/${name}.png`, fullPage: true })
    }
  } finally {
    await shop.close()
  }
})
