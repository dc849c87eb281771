import { answer } from './answer.ts'
import { attach } from './link.ts'
import { attachTo, scriptRules } from './links.ts'
import { log } from './log.ts'
import { leadsBack } from './page.ts'
import type { Settings } from './settings.ts'
import type { Call } from './visit.ts'
import { IN_COOKIES, readVisitorCookies } from './visitor.ts'

/**
 * Sends a visitor to a payment link of the seller's, which takes their id along: the provider hands it back with the order,
 * from whatever device and browser. Where to is configured; nothing of the request but a name has a say in it.
 */
export function go({ request, here, settings }: Call, name: string | undefined): Response {
  const link = settings.links.get(name ?? '')
  if (!link || leadsBack(link.url, settings, here)) {
    log('quiet', { event: 'go', reason: link ? 'leads-back' : 'unknown-link' })
    return answer(404, 'This link leads nowhere. Please go back to the shop.\n')
  }
  const [visitor] = readVisitorCookies(request.headers.get('cookie'))
  const location = attachTo(link, visitor)
  log('quiet', {
    event: 'go',
    reason: !link.provider?.link ? 'no-carrier' : !visitor ? 'no-visitor' : location.includes(visitor) ? 'attached' : 'no-room',
    provider: link.provider?.name,
  })
  return answer(303, null, { location })
}

const FIELD = 'datafast_visitor_id'

/** Pages ask for it once an hour; whoever changes `LINKS` waits that long. */
const SCRIPT_HEADERS = {
  'content-type': 'text/javascript; charset=utf-8',
  'cache-control': 'public, max-age=3600',
  // It is made for pages elsewhere.
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
}

/** The same for pages at hosts whose visitors' cookie this Worker cannot see: there a script attaches it, to links as they are clicked. */
export function linksScript({ links }: Settings): Response {
  return answer(200, scriptFor(links), SCRIPT_HEADERS)
}

/**
 * It changes nothing before a click, so that no robot or cache sees a visitor's id, and links that come later work as well.
 * Links in a shadow tree are clicked, too; only an `a` or `area` has a host name. Nobody shortens what stands in a text, so it
 * is short: `d` is in most names, `a` attaches, `r` are the rules (`h` where, `p` the parameter, `f` what fits), `l` is the
 * link, `v` the visitor.
 */
function scriptFor(links: Settings['links']): string {
  const rules = scriptRules(links).map(
    ({ address, parameter, fits }) => `[/^${address}/,${nameOf(parameter)}${fits ? `,/^${fits}$/` : ''}]`,
  )
  return `{let d="${FIELD}",a=${attach},r=[${rules}];for(let t of["click","auxclick","contextmenu"])addEventListener(t,e=>{let l=e.composedPath().find(n=>n.hostname),v=/${IN_COOKIES}/i.exec(document.cookie)?.[1];if(l&&v)for(let[h,p,f]of r)if(h.test(l.host+l.pathname))l.href=a(l.href,v,p,f)},!0)}\n`
}

/** A parameter's name as the script writes it. */
function nameOf(parameter: string): string {
  const parts = parameter.split(FIELD).map((part) => part && `"${part}"`)
  return parts.join('+d+').replace(/^\+|\+$/g, '')
}
