import { describe, expect, it } from 'vitest'
import { addressOf } from '../../cli/setup/answers.ts'
import { isKnown, likelyZone, readInstall, wrongWithHost } from '../../cli/setup/install.ts'
import { suggestedName, wrongWithName } from '../../cli/setup/worker-name.ts'
import { SET } from './setup-shops.ts'

describe('a Worker’s name', () => {
  it.each([
    ['https://harbour.example/thanks', 'success-url-harbour-example'],
    ['https://www.harbour.co.uk/', 'success-url-harbour-co-uk'],
    ['https://shop.harbour.com/', 'success-url-shop-harbour-com'],
    ['nonsense', 'success-url'],
  ])('is suggested by the thank-you page: %s', (page, name) => {
    expect(suggestedName(page)).toBe(name)
    expect(wrongWithName(name)).toBeUndefined()
  })

  it('is another for every shop: a second one does not take the first one’s Worker over', () => {
    const long = 'a-shop-with-a-name-that-goes-on-and-on-and-on-and-on'
    const hosts = ['acme.com', 'acme.io', 'acme.org', 'acme.co.uk', `${long}.com`, `${long}.org`, `eu.${long}.com`]
    const names = hosts.map((host) => suggestedName(`https://${host}/thanks`))
    expect(new Set(names).size).toBe(hosts.length)
    for (const name of names) expect.soft(wrongWithName(name), name).toBeUndefined()
  })

  it.each(['', 'Shop', 'shop_1', '-shop', 'shop-', 'a'.repeat(64), 'a.b'])('is refused when Cloudflare would refuse it: %s', (name) => {
    expect(wrongWithName(name)).toMatch(/^\S.+\.$/)
  })
})

describe('where the Worker answers', () => {
  const path = '/checkout'
  it.each([
    [{ workers_dev: true }, { is: 'workers-dev' }],
    [{}, { is: 'workers-dev' }],
    [{ workers_dev: false }, { is: 'own', host: undefined }],
    [
      { workers_dev: false, routes: [{ pattern: 'pay.a.com', custom_domain: true }] },
      { is: 'host', host: 'pay.a.com' },
    ],
    [
      { workers_dev: false, routes: [{ pattern: 'a.com/checkout/*', zone_name: 'a.com' }] },
      { is: 'path', host: 'a.com', zone: 'a.com' },
    ],
    [
      { workers_dev: true, routes: [{ pattern: 'pay.a.com', custom_domain: true }] },
      { is: 'own', host: 'pay.a.com' },
    ],
    [
      { workers_dev: false, routes: ['pay.a.com/*'] },
      { is: 'own', host: 'pay.a.com' },
    ],
    [
      { workers_dev: false, route: 'pay.a.com/*' },
      { is: 'own', host: 'pay.a.com' },
    ],
    [
      { workers_dev: false, routes: [{ pattern: 'a.com/pay/*', zone_name: 'a.com' }] },
      { is: 'own', host: 'a.com' },
    ],
  ])('is read from wrangler.toml, and left alone where it is of another make: %j', (toml, install) => {
    expect(readInstall(toml, path)).toEqual(install)
  })

  it.each(['https://pay.a.com', 'pay.a.com/x', 'pay', 'pay..com', '10.0.0.1', 'pay.a.com:8080', '', 'pay a.com'])(
    'is no host: %s',
    (host) => {
      expect(wrongWithHost(host)).toMatch(/^\S.+\.$/)
    },
  )

  it.each([
    ['www.shop.example.com', 'example.com'],
    ['shop.co.uk', 'shop.co.uk'],
    ['pay.shop.co.uk', 'shop.co.uk'],
    ['example.com', 'example.com'],
  ])('belongs to a domain, most likely: %s', (host, zone) => {
    expect(likelyZone(host)).toBe(zone)
  })

  it('on workers.dev is not known before the first deployment tells it', () => {
    const guessed = addressOf({ ...SET, install: { is: 'workers-dev' } })
    expect(isKnown(guessed)).toBe(false)
    const learned = addressOf({ ...SET, install: { is: 'workers-dev' } }, 'https://success-url-shop.me.workers.dev')
    expect([learned.host, isKnown(learned)]).toEqual(['success-url-shop.me.workers.dev', true])
  })
})
