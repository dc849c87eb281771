/** Is everything set up as it should be? Each answer comes with the one sentence that says what to do. Pure. */
import type { ProviderState } from '../books/incidents.ts'
import type { Movement } from '../books/movement.ts'
import type { Overview } from '../books/overview.ts'
import type { Settings } from '../settings.ts'
import type { Check } from './report.ts'

const MINUTE = 60_000
const DAY = 86_400_000
/** The cron run comes every 15 minutes. */
const SWEEP_OVERDUE = 45 * MINUTE
/** The providers whose ids DataFast's script reads from a landing page (datafa.st/docs/fix-duplicate-payments). */
const READ_BY_SCRIPT = ['stripe', 'polar', 'lemonsqueezy']

type Verdict = Omit<Check, 'id' | 'title'>

const green = (text: string): Verdict => ({ state: 'green', text })
const yellow = (text: string, fix: string): Verdict => ({ state: 'yellow', text, fix })
const red = (text: string, fix: string): Verdict => ({ state: 'red', text, fix })
const NOT_TRIED = yellow('Not tried yet.', 'Press “Check again now”.')

/** @param now - in ms */
export function checksOf(settings: Settings, overview: Overview, here: URL, now: number): Check[] {
  const check = (id: string, title: string, verdict: Verdict): Check => ({ id, title, ...verdict })
  return [
    ...settingChecks(settings),
    check('datafast-key', 'DataFast key', dataFastKey(settings, overview)),
    check('cookie-host', 'This host and the visitor cookie', cookieHost(settings, overview, here)),
    check('cookie-seen', 'Visitor cookies', cookieSeen(overview, now)),
    ...overview.providers.flatMap((provider) => [
      check(`key-${provider.name}`, `${provider.title} key`, providerKey(provider, settings)),
      check(`webhook-${provider.name}`, `${provider.title} webhook`, webhook(provider, now)),
    ]),
    check('native-integration', 'Double counting', nativeIntegration(settings, overview)),
    check('disable-payments', 'DataFast’s script on the thank-you page', disablePayments(settings, overview)),
    check('sweep', 'Sweep', sweep(overview, now)),
  ]
}

function settingChecks({ problems }: Settings): Check[] {
  const title = 'Settings'
  if (!problems.length) return [{ id: 'settings', title, ...green('Every setting is in order.') }]
  return problems.map(({ text, serious }, place) => {
    const say = serious ? red : yellow
    return {
      id: `settings-${place + 1}`,
      title,
      ...say(`${text}.`, 'Mend it in wrangler.toml or with `npx wrangler secret put`, and deploy.'),
    }
  })
}

function dataFastKey({ dataFast }: Settings, { website }: Overview): Verdict {
  if (!dataFast) return red('There is none.', 'Set DATAFAST_API_KEY: create one in DataFast, Website settings → API.')
  if (!website) return NOT_TRIED
  if (website.result === 'ok') return green(`It works${website.domain ? `, for ${website.domain}` : ''}.`)
  if (website.result === 'key-refused-401') {
    return red('DataFast refuses it.', 'Create a new one in DataFast, Website settings → API, and set DATAFAST_API_KEY.')
  }
  if (website.result === 'key-refused-403') {
    return yellow(
      'It may not read analytics, so that this page knows less.',
      'Give the token analytics:read and settings:read beside payments:write.',
    )
  }
  return yellow(`DataFast could not be asked (${website.result}).`, 'Press “Check again now” in a while.')
}

function cookieHost({ publicUrl }: Settings, { website, movements }: Overview, here: URL): Verdict {
  const verdict = cookieAt(publicUrl?.hostname ?? here.hostname, website?.domain)
  // Where links.js stands on the seller's pages nobody needs the cookie here.
  const carried = movements.filter(isCarried).length
  const unseen = movements.filter(({ visitorSeen }) => !visitorSeen).length
  return verdict.state === 'red' && carried > unseen ? green(`${verdict.text} Payment links carry the visitor instead.`) : verdict
}

/** Whether a visitor came with the order itself, and not by a cookie. */
function isCarried({ visitorSeen, cookie }: Movement): boolean {
  return visitorSeen && !cookie
}

/** Whether a host of ours is sent the cookie that DataFast's script sets. @param site - the website's domain, as DataFast tells it */
export function cookieAt(host: string, site: string | undefined): Verdict {
  const domain = site?.toLowerCase().replace(/^https?:\/\//, '')
  if (/\.workers\.dev$/.test(host)) {
    const fix = `Give the Worker a host under ${domain ?? 'your site’s domain'}: uncomment one of the routes in wrangler.toml. Or put its links.js on the page with your Buy button.`
    return red(`${host} can never see the cookie of your site.`, fix)
  }
  if (!domain) return yellow('DataFast did not tell the site’s domain.', 'Press “Check again now”, once the DataFast key works.')
  if (host === domain || host.endsWith(`.${domain}`)) return green(`${host} sees the cookie of ${domain}.`)
  const root = domain.replace(/^www\./, '')
  if (host === root || host.endsWith(`.${root}`)) {
    return red(`The cookie of ${domain} does not reach ${host}.`, `Set data-domain="${root}" on DataFast’s script tag.`)
  }
  return red(
    `${host} cannot see the cookie of ${domain}.`,
    `Give the Worker a host under ${root}, in the routes of wrangler.toml, or put its links.js on the page with your Buy button.`,
  )
}

function cookieSeen({ cookieSeenAt, movements }: Overview, now: number): Verdict {
  const all = movements.filter(({ doors, kind }) => doors.includes('redirect') && (kind === 'sale' || kind === 'trial'))
  const returned = all.filter((movement) => !isCarried(movement))
  if (!cookieSeenAt && !all.length) return yellow('No buyer has come back yet.', 'Make a test purchase.')
  if (!cookieSeenAt && !returned.length) return green('None is needed so far: payment links carry the visitor.')
  const fix =
    'See that DataFast’s script runs on the page with your Buy button, and that this host sees its cookie, or links.js stands there.'
  if (!cookieSeenAt) return red(`None of the last ${returned.length} buyers brought one.`, fix)
  const since = returned.filter(({ at }) => at > cookieSeenAt).length
  if (since >= 5) return yellow(`None of the last ${since} buyers brought one.`, fix)
  return green(now - cookieSeenAt < DAY ? 'One came within the last day.' : `The last one came on ${dayOf(cookieSeenAt)}.`)
}

function providerKey({ title, keySetting, mode, lists }: ProviderState, { testPayments }: Settings): Verdict {
  const refused = lists.find(({ result }) => result.startsWith('key-refused'))
  if (refused) {
    return red(`${title} refuses to list ${refused.list}.`, `Set ${keySetting} to a valid key that may read: ${refused.permission}.`)
  }
  const broken = lists.find(({ result }) => result !== 'ok')
  if (broken?.result === 'not-read-yet') return NOT_TRIED
  if (broken) return yellow(`${title} could not list ${broken.list} (${broken.result}).`, 'It is tried again by itself within 15 minutes.')
  if (mode !== 'test') return green(mode === 'live' ? 'It works, for live orders.' : 'It works.')
  const isSkipped = testPayments === 'skip'
  return yellow(
    `It works, for test orders${isSkipped ? ': they are verified and left out' : ''}.`,
    `Set ${keySetting} to a live key before you sell, or beside the test key where the provider’s page says so.`,
  )
}

function webhook({ title, webhookSetting, webhook, silentSince }: ProviderState, now: number): Verdict {
  const { isExpected, expectedAt = 0, verifiedAt = 0, refusedAt = 0, refusal } = webhook
  if (isExpected && refusedAt > Math.max(verifiedAt, expectedAt)) {
    // Anybody can send something that is not signed: what verified lately is the provider's.
    const say = now - verifiedAt < DAY ? yellow : red
    return say(`Deliveries are refused (${refusal}).`, `Copy the webhook’s secret from ${title} into ${webhookSetting} anew.`)
  }
  if (!isExpected && refusedAt) return yellow('Deliveries come, and there is nothing to check them with.', `Set ${webhookSetting}.`)
  if (!isExpected) {
    const fix = `With a webhook renewals and refunds come at once, and buyers who never return keep their visitor: set ${webhookSetting}.`
    return yellow('There is none: the sweep finds what nobody tells, every 15 minutes.', fix)
  }
  if (silentSince)
    return red('It is silent, while the sweep finds sales.', `See at ${title} whether the webhook is switched on and where it goes.`)
  if (!verifiedAt) return yellow('Nothing has come yet.', `Send a test event at ${title}, or make a test purchase.`)
  return green(`Deliveries arrive and verify; the last one on ${dayOf(verifiedAt)}.`)
}

function nativeIntegration({ connections, postsImported }: Settings, { website, imported }: Overview): Verdict {
  if (!website) return NOT_TRIED
  if (imported.length) {
    const names = imported.join(', ')
    return red(
      `DataFast imports ${names} by itself: these are parked here.`,
      `Disconnect ${names} in DataFast, or set NATIVE_INTEGRATION = "ignore".`,
    )
  }
  const both = website.connected.filter((name) => connections.has(name))
  if (both.length && postsImported) {
    return yellow(
      `DataFast imports ${both.join(', ')} as well, and is told to be ignored.`,
      'Disconnect it there, unless it is another account’s.',
    )
  }
  if (website.unread === 'website-id') {
    return yellow(
      'Whether DataFast imports your sales by itself is not known.',
      'Set DATAFAST_WEBSITE_ID to the website’s id of 24 hex digits.',
    )
  }
  if (website.unread) {
    return yellow(
      `DataFast’s list of integrations could not be read (${website.unread}).`,
      'Use a key that may read settings, or see in DataFast that no provider is connected.',
    )
  }
  return green('DataFast imports none of your providers by itself.')
}

function disablePayments({ connections }: Settings, { website }: Overview): Verdict {
  const fix = 'Add data-disable-payments="true" to DataFast’s script tag on your site.'
  const read = READ_BY_SCRIPT.filter((name) => connections.has(name))
  const both = website?.connected.filter((name) => READ_BY_SCRIPT.includes(name)) ?? []
  if (both.length) return yellow(`With ${both.join(', ')} connected in DataFast its script may count a sale once more.`, fix)
  if (read.length && (!website || website.unread)) return yellow('Advisable, as long as nobody knows what DataFast imports by itself.', fix)
  return green('It finds nothing to count there: this Worker hands on no order ids.')
}

function sweep({ wokenAt, providers }: Overview, now: number): Verdict {
  const fix = 'See that wrangler.toml has crons = ["*/15 * * * *"] under [triggers], and deploy.'
  const begun = Math.min(...providers.map(({ startedAt }) => startedAt))
  if (!wokenAt) return (now - begun > SWEEP_OVERDUE ? red : yellow)('It has not run yet.', fix)
  if (now - wokenAt > SWEEP_OVERDUE) return red(`It last ran on ${dayOf(wokenAt)}, ${timeOf(wokenAt)}.`, fix)
  const readAt = Math.max(...providers.flatMap(({ lists }) => lists.map(({ checkedAt }) => checkedAt)))
  const isIdle = providers.length > 0 && wokenAt - Math.max(readAt, begun) > SWEEP_OVERDUE
  if (isIdle) return red('It is started, and reads nothing.', 'Look for “books” in the Worker’s logs, and report it.')
  return green(`It last ran at ${timeOf(wokenAt)}.`)
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`
}
