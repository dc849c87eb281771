import { describe, expect, it } from 'vitest'
import type { Answers } from '../../cli/setup/answers.ts'
import { addressOf, envOf } from '../../cli/setup/answers.ts'
import { pastesFor } from '../../cli/setup/paste.ts'
import { describePastes } from '../../cli/setup/report.ts'
import { verdictOn } from '../../cli/setup/verdict.ts'
import { settingsFor } from '../../src/settings.ts'
import { SET } from './setup-shops.ts'

const BACK = encodeURIComponent('https://pay.example.com/checkout/success/dodo')
const LINK = 'https://checkout.dodopayments.com/buy/pdt_1?quantity=1'

/** A shop that sells at Dodo and at Stripe. */
function shop(LINKS: Record<string, unknown>, more: Partial<Answers> = {}): Answers {
  const secrets = { ...SET.secrets, STRIPE_SECRET_KEY: 'rk_live_key', DODO_PAYMENTS_API_KEY: 'Abc.dEf-123' }
  return { ...SET, providers: ['stripe', 'dodo'], secrets, vars: { ...SET.vars, LINKS }, ...more }
}

/** What is said of links in the end, as one text. */
function warningsOf(answers: Answers): string {
  return verdictOn(answers, undefined)
    .warnings.filter((text) => text.startsWith('LINKS.'))
    .join('\n')
}

/** What is to be pasted where, as it is shown. @param learned - the workers.dev address */
function pasted(answers: Answers, learned?: string): string {
  const settings = settingsFor(envOf(answers))
  const pastes = pastesFor(answers, settings, addressOf(answers, learned))
  const more = { buyButtons: [], base: '', thankYouUrl: '', isOnPath: false, isOnWorkersDev: false, isGuessed: false }
  return describePastes({ pastes, ...more }).join('\n')
}

describe('a Dodo link', () => {
  it.each([
    [LINK, `${LINK}&redirect_url=${BACK}`],
    [`${LINK}&redirect_url=https%3A%2F%2Fexample.com%2Fthanks&email=a%40b.c`, `${LINK}&email=a%40b.c&redirect_url=${BACK}`],
    [`${LINK}&redirect_url=nonsense`, `${LINK}&redirect_url=${BACK}`],
    [
      `${LINK}&redirect_url=https%3A%2F%2Fold.example.com%2Fcheckout%2Fsuccess%2Fdodo%3Fpage%3Dpro`,
      `${LINK}&redirect_url=${BACK}%3Fpage%3Dpro`,
    ],
    [{ provider: 'dodo', url: 'https://buy.example.com/pdt_1' }, `https://buy.example.com/pdt_1?redirect_url=${BACK}`],
  ])('that does not bring its buyers back here is told, with the link that does: %j', (link, completed) => {
    const told = warningsOf(shop({ pro: link }))
    expect(told).toMatch(/^LINKS\.pro does not bring its buyers back here: .*redirect_url/)
    expect(told).toContain(` ${completed}`)
    expect(told.endsWith(completed)).toBe(true)
    expect(warningsOf(shop({ pro: typeof link === 'string' ? completed : { ...link, url: completed } }))).toBe('')
  })

  it('that leads to the page for a special product, or to the Worker’s public address, is well', () => {
    expect(warningsOf(shop({ pro: `${LINK}&redirect_url=${BACK}%3Fpage%3Dpro` }))).toBe('')
    const moved = shop({ pro: `${LINK}&redirect_url=${BACK.replace('pay.', 'buy.')}` })
    expect(warningsOf({ ...moved, vars: { ...moved.vars, PUBLIC_URL: 'https://buy.example.com' } })).toBe('')
  })

  it('to a workers.dev address cannot be completed before that is known, and is when it is', () => {
    const answers = shop({ pro: LINK }, { install: { is: 'workers-dev' } })
    expect(warningsOf(answers)).toContain('The first deployment tells')
    expect(`${warningsOf(answers)}${pasted(answers)}`).not.toContain(`${LINK}&redirect_url`)
    const there = encodeURIComponent('https://success-url-shop.me.workers.dev/checkout/success/dodo')
    expect(pasted(answers, 'https://success-url-shop.me.workers.dev')).toContain(`\n    ${LINK}&redirect_url=${there}\n`)
    expect(warningsOf(shop({ pro: `${LINK}&redirect_url=${there}` }, { install: { is: 'workers-dev' } }))).toBe('')
  })
})

describe('what to paste', () => {
  it('says of links in LINKS that they are the ones to carry it', () => {
    const text = pasted(shop({ pro: 'https://buy.stripe.com/a', team: 'https://buy.stripe.com/b', book: LINK }))
    const [stripe = '', dodo = ''] = text.split('\nDodo Payments\n')
    expect(stripe).toContain('The links in LINKS are the ones to carry it: pro, team.')
    expect(dodo).toContain('The link in LINKS is the one to carry it: book.')
    expect(dodo).toContain(`\n    ${LINK}&redirect_url=${BACK}\n`)
    expect(pasted(shop({}))).not.toContain('LINKS')
  })
})

describe('a link of the other mode than the key', () => {
  it.each([
    [{ pro: 'https://buy.stripe.com/test_abc' }, 'LINKS.pro is a link of the test mode, and STRIPE_SECRET_KEY a live key.'],
    [
      { pro: `https://test.checkout.dodopayments.com/buy/pdt_1?redirect_url=${BACK}` },
      'LINKS.pro is a link of the test mode, and DODO_PAYMENTS_API_KEY a live key.',
    ],
  ])('is told: %j', (links, said) => {
    expect(warningsOf(shop(links))).toBe(said)
  })

  it('is well where there is a key of either mode', () => {
    const answers = shop({ pro: 'https://buy.stripe.com/test_abc', old: 'https://buy.stripe.com/abc' })
    expect(warningsOf({ ...answers, secrets: { ...answers.secrets, STRIPE_SECRET_KEY: 'rk_live_key rk_test_key' } })).toBe('')
  })
})
