import type { Outcome } from './outcome.ts'
import type { SettingReader } from './setting-reader.ts'
import type { Settings } from './settings.ts'

/** A configured page: an absolute address that may still hold `{outcome}` and `{transaction_id}`. */
export type Page = URL

/**
 * DataFast's script on the landing page turns each of these into a payment of its own (datafa.st/docs/fix-duplicate-payments),
 * so a sale would be counted twice.
 */
const RECORDED_BY_SCRIPT = ['session_id', 'checkout_id', 'order_id']

/** Reads a page's setting; `undefined` when it is not set or not usable, which is then among the problems. */
export function readPage(setting: SettingReader, name: string): Page | undefined {
  const value = setting.raw(name)
  if (value === undefined) return undefined
  const page = URL.parse(String(value))
  const usable = page && (page.protocol === 'https:' || (page.protocol === 'http:' && isLocal(page))) && !page.username && !page.password
  if (!usable) {
    setting.fail(name, 'must be an absolute https address')
    return undefined
  }
  for (const parameter of RECORDED_BY_SCRIPT) {
    if (!page.searchParams.has(parameter)) continue
    page.searchParams.delete(parameter)
    setting.warn(name, `carries ${parameter}, which would make DataFast’s script count the sale twice; it is left out`)
  }
  return page
}

function isLocal(page: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(page.hostname)
}

/**
 * Whether a page lies under our own base path: sending a buyer there would send them in circles.
 * @param here - the address of this request, whose host is ours whatever `PUBLIC_URL` says
 */
export function leadsBack(page: Page, settings: Settings, here: URL): boolean {
  if (page.host !== here.host && page.host !== settings.publicUrl?.host) return false
  return `${readablePath(page)}/`.startsWith(`${settings.basePath}/`)
}

/** `/%63heckout` is the same path to a server as `/checkout`. */
function readablePath(page: URL): string {
  try {
    return decodeURIComponent(page.pathname)
  } catch {
    return page.pathname
  }
}

/** The names of the settings whose page leads back to us. */
export function loops(settings: Settings, here: URL): string[] {
  const { thankYou, pending, notPaid, named } = settings.pages
  const pages = [
    ['THANK_YOU_URL', thankYou],
    ['PENDING_URL', pending],
    ['NOT_PAID_URL', notPaid],
  ] as const
  const all = [...pages, ...[...named].map(([name, page]) => [`THANK_YOU_PAGES.${name}`, page] as const)]
  return all.flatMap(([name, page]) => (page && leadsBack(page, settings, here) ? [name] : []))
}

/**
 * Where a buyer goes, or `undefined` when no usable page is configured. Nothing of the request but the name of a page
 * has a say in it.
 */
export function destination(settings: Settings, here: URL, outcome: Outcome, transactionId: string | undefined): string | undefined {
  const usable = (page: Page | undefined) => (page && !leadsBack(page, settings, here) ? page : undefined)
  const { thankYou, pending, notPaid, named } = settings.pages
  const thanks = usable(named.get(here.searchParams.get('page') ?? '')) ?? usable(thankYou)
  switch (outcome) {
    case 'paid':
    case 'repeat':
    case 'test':
      return fill(thanks, outcome, transactionId)
    case 'pending':
    case 'unknown':
    case 'invalid':
      return fill(usable(pending) ?? thanks, outcome, transactionId)
    case 'not-paid':
      return fill(usable(notPaid) ?? usable((thanks && URL.parse('/', thanks)) || undefined), outcome, transactionId)
  }
}

function fill(page: Page | undefined, outcome: Outcome, transactionId = ''): string | undefined {
  // The URL parser has percent-encoded the braces of the path; those of the query and fragment it left alone.
  return page?.href
    .replaceAll(/(?:\{|%7B)outcome(?:\}|%7D)/gi, outcome)
    .replaceAll(/(?:\{|%7B)transaction_id(?:\}|%7D)/gi, encodeURIComponent(transactionId))
}
