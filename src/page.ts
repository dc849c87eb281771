import * as v from 'valibot'
import { type Outcome, pageFor } from './outcome.ts'
import type { SettingReader } from './setting-reader.ts'
import type { Settings } from './settings.ts'

/** Configured pages by the name of their setting: absolute addresses that may still hold `{outcome}` and `{transaction_id}`. */
export type Pages = ReadonlyMap<string, URL>

/**
 * DataFast's script on the landing page turns each of these into a payment of its own (datafa.st/docs/fix-duplicate-payments),
 * so a sale would be counted twice.
 */
const RECORDED_BY_SCRIPT = ['session_id', 'checkout_id', 'order_id']

/** Reads all pages that are set and usable. */
export function readPages(setting: SettingReader): Pages {
  const pages = new Map<string, URL>()
  const read = (name: string, text?: string) => {
    const page = setting.address(name, text)
    if (!page) return
    pages.set(name, page)
    for (const parameter of RECORDED_BY_SCRIPT) {
      if (!page.searchParams.has(parameter)) continue
      page.searchParams.delete(parameter)
      setting.complain(name, `carries ${parameter}, which would make DataFast’s script count the sale twice; it is left out`, false)
    }
  }
  for (const name of new Set(Object.values(pageFor))) read(name)
  for (const [name, text] of setting.table('THANK_YOU_PAGES', v.string())) read(`THANK_YOU_PAGES.${name}`, text)
  return pages
}

/**
 * Whether a page lies under our own base path: sending a buyer there would send them in circles.
 * @param here - the address of this request, whose host is ours whatever `PUBLIC_URL` says
 */
export function leadsBack(page: URL, { basePath, publicUrl }: Settings, here: URL): boolean {
  if (page.host !== here.host && page.host !== publicUrl?.host) return false
  // `/%63heckout` is the same path to a server as `/checkout`.
  const path = page.pathname.replace(/%[0-7][\da-f]/gi, (escaped) => decodeURIComponent(escaped))
  return `${path}/`.startsWith(`${basePath}/`)
}

/**
 * Where a buyer goes, or `undefined` when no usable page is configured. Nothing of the request but the name of a page
 * has a say in it.
 */
export function destination(settings: Settings, here: URL, outcome: Outcome, transactionId = ''): string | undefined {
  const { pages } = settings
  const usable = (page: URL | undefined) => (page && !leadsBack(page, settings, here) ? page : undefined)
  const thanks = usable(pages.get(`THANK_YOU_PAGES.${here.searchParams.get('page')}`)) ?? usable(pages.get('THANK_YOU_URL'))
  const setting = pageFor[outcome]
  const own = setting === 'THANK_YOU_URL' ? undefined : usable(pages.get(setting))
  const page = own ?? (thanks && setting === 'NOT_PAID_URL' ? usable(new URL('/', thanks)) : thanks)
  // The URL parser has percent-encoded the braces of the path; those of the query and fragment it left alone.
  return page?.href
    .replace(/(\{|%7B)outcome(\}|%7D)/gi, outcome)
    .replace(/(\{|%7B)transaction_id(\}|%7D)/gi, encodeURIComponent(transactionId.toWellFormed()))
}
