import { describe, expect, it } from 'vitest'
import type { Answers } from '../../cli/setup/answers.ts'
import { readFlags, withFlags } from '../../cli/setup/flags.ts'
import { FRESH, SET } from './setup-shops.ts'

describe('the flags', () => {
  function answersOf(current: Answers, ...args: string[]): Answers {
    const read = readFlags(args)
    if (read.is === 'wrong') throw new Error(read.text)
    const given = withFlags(current, read.flags)
    if (given.is === 'wrong') throw new Error(given.text)
    return given.answers
  }

  it('become answers', () => {
    const args = [
      '--provider',
      'stripe,creem',
      '--thank-you',
      'https://harbour.example/t',
      '--install',
      'path',
      '--host',
      'www.harbour.example',
    ]
    const more = [
      '--only',
      'stripe=plink_1,plink_2',
      '--link',
      'pro=https://buy.stripe.com/a?b=c',
      '--link',
      'own=creem:https://pay.harbour.example/x',
    ]
    expect(answersOf(FRESH, ...args, ...more)).toMatchObject({
      name: 'success-url-harbour-example',
      install: { is: 'path', host: 'www.harbour.example', zone: 'harbour.example' },
      providers: ['stripe', 'creem'],
      vars: {
        THANK_YOU_URL: 'https://harbour.example/t',
        ONLY: { stripe: ['plink_1', 'plink_2'] },
        LINKS: { pro: 'https://buy.stripe.com/a?b=c', own: { provider: 'creem', url: 'https://pay.harbour.example/x' } },
      },
    })
  })

  it('add to what is there, and never rename a shop that is set up', () => {
    const before = { ...SET, name: 'success-url', vars: { ...SET.vars, LINKS: { a: 'https://buy.stripe.com/a' } } }
    const after = answersOf(before, '--thank-you', 'https://other.example/', '--link', 'b=https://buy.stripe.com/b')
    expect(after.name).toBe('success-url')
    expect(after.vars.LINKS).toEqual({ a: 'https://buy.stripe.com/a', b: 'https://buy.stripe.com/b' })
    expect(answersOf(before)).toEqual(before)
  })

  it.each([
    [['--provider', 'paypal'], '--provider'],
    [['--thank-you', 'http://example.com'], '--thank-you'],
    [['--install', 'moon', '--host', 'a.com'], '--install'],
    [['--install', 'host'], '--host'],
    [['--host', 'https://a.com'], '--host'],
    [['--only', 'stripe'], '--only'],
    [['--link', 'https://buy.stripe.com/a'], '--link'],
    [['--link', 'a=paddle:https://a.com/b'], 'Paddle has no payment links'],
    [['--link', 'a.b=https://buy.stripe.com/a'], 'letters, digits, - and _'],
    [['--link', 'a~b=https://buy.stripe.com/a'], 'letters, digits, - and _'],
    [['--link', 'pro=MY-PAYMENT-LINK'], '--link must lead to an absolute https address'],
    [['--link', 'pro=http://buy.stripe.com/a'], '--link: It must be an absolute https address.'],
    [['--link', 'pro=https://buy.stripe.com/…'], '--link: It still holds a gap'],
    [['--link', 'pro=https://buy.stripe.com/...'], '--link: It still holds a gap'],
    [['--link', 'pro=https://buy.stripe.com/<your link>'], '--link: It still holds a gap'],
    [['--link', 'own=creem:https://pay.harbour.example/…'], '--link: It still holds a gap'],
    [['--link', 'pro=https://l.creem.io/short'], 'loses the visitor'],
    [['--link', 'pro=polar:https://buy.stripe.com/a'], 'the host of Stripe, and not Polar’s'],
    [['--only', 'stripe=plink_…'], '--only: It still holds a gap'],
    [['--only', 'stripe=plink_1,<id>'], '--only: It still holds a gap'],
    [['--only', 'stripe=plink_1;plink_2'], '--only: Ids only'],
    [['--name', 'My Shop'], '--name'],
    [['--website-id', 'dfid_1'], '--website-id'],
    [['--stripe-key', 'rk_live_secret'], '--stripe-key'],
    [['rk_live_secret'], 'none'],
  ])('that make no sense are told by name, and what was given is not repeated: %j', (args, said) => {
    const read = readFlags(args)
    const wrong = read.is === 'wrong' ? read : withFlags(FRESH, read.flags)
    expect(wrong).toMatchObject({ is: 'wrong', text: expect.stringContaining(said) })
    expect(JSON.stringify(wrong)).not.toContain('rk_live_secret')
  })
})
