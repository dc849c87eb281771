import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GUIDES } from '../../cli/guides/index.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import { PROVIDERS } from '../../src/providers/index.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { settingReader } from '../../src/setting-reader.ts'

const ROOT = join(import.meta.dirname, '../..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** What stands between backticks and looks like an event. */
function eventsIn(text: string): string[] {
  return Array.from(text.matchAll(/`([a-z_]+[._][a-z_.]+)`/g), ([, event = '']) => event).sort()
}

/** The list of events in the section about the webhook, and nothing of what is said about others. */
function eventsOnPage(page: string): string[] {
  const section = page.slice(page.indexOf('\n## 4.'), page.indexOf('\n## 5.'))
  const [, list = ''] = /^\d\. (?:Events|Tick):([\s\S]*?)(?=\n\d\. |\n[A-Z])/m.exec(section) ?? []
  return eventsIn(list)
}

describe.each(PROVIDERS)('the guide to $title', ({ name, title, keySetting, webhook }) => {
  const guide = GUIDES[name]
  const page = readFileSync(join(ROOT, 'docs', `${name}.md`), 'utf8')

  it('names the events that the README names', () => {
    const row = README.split('\n').find((line) => line.startsWith(`| [${title}](docs/${name}.md#4`))
    expect(row).toBeDefined()
    expect([...guide.events].sort()).toEqual(eventsIn(row ?? ''))
  })

  it('names the events that its page names', () => {
    expect([...guide.events].sort()).toEqual(eventsOnPage(page))
  })

  it('leads to places that its page knows', () => {
    const plain = page.replaceAll('*', '').replaceAll('\n', ' ').replaceAll("'", '’')
    for (const step of [guide.keyPage, guide.webhookPage]
      .flatMap((path) => path.split(' → '))
      .map((step) => step.split(/[:;,]/)[0] ?? '')) {
      const isGeneral = /^(your|insert|create|add|Stripe Dashboard|Dodo Payments dashboard)/.test(step)
      if (!isGeneral) expect.soft(plain, step).toContain(step)
    }
  })

  it('knows what the README says of DataFast’s own imports, and of visitors that webhooks alone tell', () => {
    const row = README.split('\n').find((line) => line.startsWith(`| [**${title}**](docs/${name}.md)`)) ?? expect.fail(title)
    expect(guide.importedByDataFast === true).toBe(row.split('|')[2]?.trim() === 'yes')
    const alone = /^\| in webhooks alone \| (.*?) \|/m.exec(README)?.[1]?.split(', ')
    expect(guide.visitorOnlyInEvents === true).toBe(alone?.includes(title))
  })

  it('shows a payment link whole, with the way back where the link itself has to say it', () => {
    const { linkExample = '', successUrlParameter } = guide
    const provider: Provider = PROVIDERS.find((one) => one.name === name) ?? expect.fail(name)
    expect(linkExample !== '').toBe(provider.link !== undefined)
    if (linkExample) expect(page).toContain(linkExample)
    const back = successUrlParameter && new URL(linkExample.replace('…', '')).searchParams.get(successUrlParameter)
    expect(back).toBe(successUrlParameter && `https://pay.example.com/checkout/success/${name}`)
  })

  it('knows the keys and secrets of the sandbox by their form', () => {
    const secrets: Record<string, string> = SECRETS
    expect(secrets[webhook.secret]).toMatch(guide.webhookSecret.pattern)
    if (name !== 'lemonsqueezy' && guide.keyPrefix) expect(secrets[keySetting]).toMatch(guide.keyPrefix)
  })

  it('asks for every permission that a list of the Worker’s needs', () => {
    const lists = PROVIDERS.find((one) => one.name === name)?.connect(settingReader(SECRETS))?.lists ?? []
    const asked = guide.keyMayRead.join(' ').toLowerCase()
    const words = lists.map(({ permission }) => permission.toLowerCase()).filter((permission) => permission !== 'read access')
    for (const permission of words) {
      const [noun = '', verb] = permission.split('.')
      expect.soft(asked).toContain(verb ? `${noun}s: ${verb}` : permission)
    }
    expect(lists.length).toBeGreaterThan(0)
  })
})

it('the guide to Stripe says what subscriptions are read for, as its page does', () => {
  const what = 'subscriptions that can cost 0 today (trials, 100 % coupons)'
  expect(GUIDES.stripe.keyMayRead).toContain(`Subscriptions: Read, if you sell ${what}`)
  expect(readFileSync(join(ROOT, 'docs/stripe.md'), 'utf8')).toContain(`Subscriptions: **Read** | only if you sell ${what}`)
})
