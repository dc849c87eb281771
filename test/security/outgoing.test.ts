import { describe, expect, it } from 'vitest'
import { delivered } from '../../sandbox/world/provider-event.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import { settingsFor } from '../../src/settings.ts'
import { recorded, withWorker, worker } from '../bundle/at-provider.ts'
import { BEARER, press, TOKEN, untilQuiet } from '../bundle/operator.ts'
import { PROVIDER_NAMES, SELLERS } from '../bundle/sellers.ts'
import { soldAt } from '../bundle/sold-at.ts'
import { eventually, sessionId, uniqueVisitor } from '../bundle/worker.ts'
import { some } from './form.ts'
import { ADDRESSES } from './hostile.ts'

/** Every host that the Worker may ask anything with these keys. */
const HOSTS = [
  ...[
    'api.stripe.com',
    'live.dodopayments.com',
    'api.creem.io',
    'api.polar.sh',
    'api.lemonsqueezy.com',
    'api.gumroad.com',
    'api.paddle.com',
  ],
  ...['datafa.st', 'alerts.example.com'],
]
/** Ids that would lead elsewhere, were they put into an address as they are. */
const STEERING = [
  ...[
    '../../v1/customers',
    '..%2f..%2fcustomers',
    '%2e%2e/x',
    'a/../../b',
    'a?expand[]=customer',
    'a#b',
    'a&b=c',
    'a@evil.example',
    '@evil.example',
  ],
  ...['.evil.example', ':80@evil.example', 'a\\b', 'a b', 'a%00', 'a\u0000', '．．/x', 'a\u3002evil', '／x', 'a\r\nHost: evil.example', ''],
]

describe('A signed event whose id would lead elsewhere', () => {
  withWorker({ vars: { ATTRIBUTION_WAIT_SECONDS: 0 } })

  it.each(PROVIDER_NAMES.map((name, place) => [name, place] as const))(
    'is taken for none, at %s, or for another one',
    async (provider, place) => {
      for (const hostile of some(STEERING, place, 8)) {
        const { id, event } = soldAt(provider, worker.world)
        const prefix = /^(pay|ch|cs|txn)_/.exec(id)?.[0] ?? ''
        const isForm = provider === 'gumroad'
        const written = isForm ? encodeURIComponent(hostile) : JSON.stringify(prefix + hostile).slice(1, -1)
        const replaced = event.body.replaceAll(isForm ? encodeURIComponent(id) : id, written)
        // Some count their orders, and write them as numbers.
        const body = replaced.replaceAll(/"(id|order_id|checkout_id)":\d+/g, `"$1":"${written}"`)
        expect([200, 400]).toContain((await worker.post(delivered({ ...event, body }))).status)
      }
    },
  )

  it('has led to nobody else, and to nothing else of anybody', async () => {
    await untilQuiet()
    const urls = worker.world.calls.map(({ url }) => new URL(url))
    expect([...new Set(urls.map(({ host }) => host))].filter((host) => !HOSTS.includes(host))).toEqual([])
    expect(urls.filter(({ href }) => /evil|customers|\.\.|%2e|%00|%0d|%5c/i.test(href))).toEqual([])
  })
})

/** Whoever was asked something, by host, whether or not anybody is simulated there. */
function hostsAsked(): Set<string> {
  const hosts = new Set<string>()
  const { world } = worker
  const handle = world.handle.bind(world)
  world.handle = (request) => {
    hosts.add(new URL(request.url).host)
    return handle(request)
  }
  return hosts
}

const THANKS = { THANK_YOU_URL: 'https://shop.example.com/' }
const AN_ADDRESS = ['THANK_YOU_URL', 'PENDING_URL', 'NOT_PAID_URL', 'PUBLIC_URL', 'ALERT_URL'] as const
const NO_ADDRESSES = [
  ...[
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'ftp://evil.example/',
    'blob:https://x',
    'about:blank',
  ],
  ...[
    'http://169.254.169.254/',
    'http://metadata.google.internal/',
    'http://10.0.0.1/',
    'http://shop.example.com/',
    '//evil.example/',
    '/thanks',
  ],
  ...[
    'https://user:password@shop.example.com/',
    'https://shop.example.com@evil.example/',
    'http://localhost.evil.example/',
    'http://127.0.0.1.evil.example/',
  ],
  ...[
    'http://[::ffff:169.254.169.254]/',
    'http://2130706433.evil.example/',
    'https://',
    'https://a b/',
    'gopher://x',
    'ws://x',
    'view-source:https://x',
  ],
]

describe('A setting that is an address', () => {
  const problemsOf = (settings: Record<string, unknown>) => settingsFor({ ...THANKS, ...settings }).problems.map(({ text }) => text)

  it.each(AN_ADDRESS)('%s: is https, or the machine of whoever tries things out; anything else is told by name, not by value', (name) => {
    for (const text of NO_ADDRESSES) {
      const problems = problemsOf({ [name]: text }).filter((problem) => problem.startsWith(name))
      expect(problems, text).toEqual([`${name} must be an absolute https address`])
    }
    // It is the founder's own word where their buyers go: a host inside some network is not refused. Buyers' browsers go there, never the Worker.
    for (const text of ['https://169.254.169.254/', 'http://localhost:8787/', 'http://127.0.0.1/', 'http://[::1]/']) {
      expect(problemsOf({ [name]: text }).filter((problem) => problem.startsWith(name))).toEqual([])
    }
  })

  it('of pages and links, one by one in a table: the same', () => {
    for (const text of NO_ADDRESSES) {
      const { pages, links, problems } = settingsFor({ ...THANKS, THANK_YOU_PAGES: { pro: text }, LINKS: { pro: text } })
      expect([pages.get('THANK_YOU_PAGES.pro'), links.get('pro')]).toEqual([undefined, undefined])
      expect(problems.map((one) => one.text)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^THANK_YOU_PAGES\.pro must/), expect.stringMatching(/^LINKS\.pro/)]),
      )
      if (text.length > 10) expect(problems.some((one) => one.text.includes(text))).toBe(false)
    }
  })

  it('of a base path is a path', () => {
    for (const text of [
      '//evil.example',
      'https://evil.example',
      '/a/../b',
      '/..',
      '/a?b',
      '/a#b',
      '/a b',
      '/(.*)',
      '/:any',
      '/*',
      '/a\\b',
      '/%2e%2e',
    ]) {
      const { basePath } = settingsFor({ ...THANKS, BASE_PATH: text })
      expect(['/checkout', '/evil.example']).toContain(basePath)
    }
  })
})

describe('With addresses in every setting that takes one', () => {
  withWorker({
    vars: {
      ...{ ATTRIBUTION_WAIT_SECONDS: 0, PUBLIC_URL: 'https://configured.example/', THANK_YOU_URL: 'https://configured.example/thanks' },
      ...{
        PENDING_URL: 'https://169.254.169.254/pending',
        NOT_PAID_URL: 'http://localhost:1/',
        THANK_YOU_PAGES: { pro: 'https://[fd00::1]/' },
      },
      LINKS: { a: 'https://configured.example/a', b: { provider: 'stripe', url: 'https://169.254.169.254/b' } },
    },
    secrets: { ...SECRETS, STATUS_TOKEN: TOKEN, ALERT_URL: 'https://alerts.example.com/hook' },
  })

  describe('Whoever answers with a redirect is not followed', () => {
    const redirect = (status: number, location: string) => ({ kind: 'answer', status, headers: { location } }) as const
    const TARGETS = [
      'https://evil.example/',
      'http://169.254.169.254/latest/meta-data/',
      '//evil.example/',
      'https://api.stripe.com.evil.example/',
    ]

    it.concurrent.each([301, 302, 303, 307, 308])('neither a provider nor DataFast, with %i: no key goes elsewhere', async (status) => {
      const hosts = hostsAsked()
      const [unverified, unsent] = [sessionId(), sessionId()]
      for (const id of [unverified, unsent]) worker.world.stripe.sell(id, { payment_intent: `pi_of_${id}` })
      worker.world.service('stripe').failFor(unverified, ...TARGETS.map((target) => redirect(status, target)))
      worker.world.service('datafast').failFor(`pi_of_${unsent}`, redirect(status, TARGETS[status % 4] ?? ''))
      const visit = (id: string) => worker.visit(`/checkout/success/stripe?session_id=${id}`, { visitor: uniqueVisitor() })
      expect(await visit(unverified)).toMatchObject({ outcome: 'pending' })
      expect(await visit(unsent)).toMatchObject({ outcome: 'paid' })
      // It is only an outage, and passes.
      await recorded(`pi_of_${unsent}`)
      expect([...hosts].filter((host) => !HOSTS.includes(host))).toEqual([])
    })

    it('nor a list, nor DataFast’s word on the website, nor the address for alerts', async () => {
      const hosts = hostsAsked()
      for (const name of ['stripe', 'dodo', 'datafast', 'alerts'] as const)
        worker.world.service(name).fault = redirect(302, 'https://evil.example/')
      await press({ checks: '1' })
      await worker.worker.scheduled({ cron: '*/15 * * * *' })
      await untilQuiet()
      for (const name of ['stripe', 'dodo', 'datafast', 'alerts'] as const) worker.world.service(name).fault = undefined
      expect([...hosts].filter((host) => !HOSTS.includes(host))).toEqual([])
      expect(worker.world.callsTo('stripe', 'created').length).toBeGreaterThan(0)
    })
  })

  describe('Whatever is configured, the Worker asks nobody but the providers, DataFast and the address for alerts', () => {
    it('by any route, with any address in any parameter, by webhook and by the cron run', async () => {
      const hosts = hostsAsked()
      for (const provider of PROVIDER_NAMES) await sellAndTell(provider)
      for (const address of some(ADDRESSES, 0)) {
        const query = `url=${encodeURIComponent(address)}&page=${encodeURIComponent(address)}`
        for (const path of ['success/stripe', 'success', 'go/a', 'go/b', 'health', 'links.js', 'status'])
          await worker.visit(`/checkout/${path}?${query}`, { headers: BEARER })
      }
      worker.world.stripe.forbidden.add('refunds')
      await press({ checks: '1' })
      await worker.worker.scheduled({ cron: '*/15 * * * *' })
      await eventually(() => worker.world.alerts.messages.length, Boolean, 20_000)
      await untilQuiet()
      expect([...hosts].filter((host) => !HOSTS.includes(host))).toEqual([])
      expect(hosts.size).toBe(HOSTS.length)
    })

    async function sellAndTell(provider: ProviderName): Promise<void> {
      const { id, event } = soldAt(provider, worker.world)
      await worker.post(delivered(event))
      await worker.visit(`/checkout/success/${provider}?${SELLERS[provider].returning(worker.world, id)}&page=pro`, {
        visitor: uniqueVisitor(),
      })
    }
  })
})
