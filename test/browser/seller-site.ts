import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'

/** Who clicks on the seller's page, and whose id an earlier link held. */
export const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'
export const OTHER_VISITOR = '0a9b8c7d-1e2f-4a3b-9c4d-5e6f7a8b9c0d'

/**
 * A seller's own site on this machine, at a host with cookies of its own: the Worker, at another, never sees them.
 * @param worker - where its pages take `links.js` from
 */
export async function openSite(worker: string) {
  let body = ''
  let policy: string | undefined
  const server = createServer(({ url }, response) => {
    if (url === '/favicon.ico') return response.writeHead(204).end()
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...(policy && { 'content-security-policy': policy }) })
    response.end(`<!doctype html><title>Shop</title><script src="${worker}/checkout/links.js" defer></script>${body}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://shop.localhost:${(server.address() as AddressInfo).port}`

  return {
    origin,
    /**
     * Puts something onto every page, which a browser then opens.
     * @param cookie - as DataFast's script writes it, or somebody else; none if it is empty
     * @param csp - the site's Content-Security-Policy
     */
    async shows(markup: string, page: Page, cookie = `datafast_visitor_id=${VISITOR}`, csp?: string): Promise<void> {
      body = markup
      policy = csp
      await page.goto(`${origin}/pricing`)
      if (cookie) await page.evaluate(`document.cookie = ${JSON.stringify(`${cookie}; path=/; max-age=31536000`)}`)
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

/**
 * Every page beyond this machine that the browser asks for, as it was asked for. Nobody there is asked: each answer is an
 * empty page.
 */
export async function askedBy(page: Page): Promise<string[]> {
  const asked: string[] = []
  await page.context().route(
    ({ hostname }) => !/(^|\.)localhost$/.test(hostname),
    (route) => {
      if (route.request().isNavigationRequest()) asked.push(route.request().url())
      return route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Elsewhere</title>' })
    },
  )
  return asked
}

/**
 * Where the tabs were sent that were opened in the background, by a middle click for example. They ask before anybody here can
 * answer for the host, and find nobody at all: their history knows all the same.
 */
export function tabsBehind(page: Page): Promise<(string | undefined)[]> {
  const [, ...behind] = page.context().pages()
  return Promise.all(behind.map(addressIn))
}

async function addressIn(tab: Page): Promise<string | undefined> {
  const session = await tab.context().newCDPSession(tab)
  const { entries } = await session.send('Page.getNavigationHistory')
  await session.detach()
  return entries.at(-1)?.url
}
