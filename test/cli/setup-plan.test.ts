import { describe, expect, it } from 'vitest'
import type { Answers } from '../../cli/setup/answers.ts'
import { consequences, planFor } from '../../cli/setup/plan.ts'
import { wrapped } from '../../cli/setup/say.ts'
import { cookieWarning, doubleCounting, verdictOn } from '../../cli/setup/verdict.ts'
import { FRESH, SET } from './setup-shops.ts'

const website = (more: object) => ({ checkedAt: 0, result: 'ok', connected: [], domain: 'example.com', ...more })

describe('the plan', () => {
  it('is empty when the answers are what is there', () => {
    expect(planFor(SET, SET, SET.secrets, '/checkout')).toEqual({ toml: [], env: {} })
  })

  it('writes down a secret that only the environment has', () => {
    expect(planFor(SET, SET, {}, '/checkout').env).toEqual(SET.secrets)
  })

  it('leaves a placeholder alone that nobody gave a value for', () => {
    const stored = { ...SET.secrets, CREEM_API_KEY: 'replace-me' }
    expect(planFor(SET, SET, stored, '/checkout').env).toEqual({})
  })

  it('says that another name is another Worker, unless there is none yet', () => {
    expect(consequences(SET, { ...SET, name: 'other' })).toEqual([expect.stringContaining('empty storage')])
    expect(consequences(FRESH, { ...SET, name: 'other' })).toEqual([])
  })

  it('says how a provider is switched off where it is deployed', () => {
    const off = { ...SET, secrets: { ...SET.secrets, STRIPE_SECRET_KEY: '' } }
    expect(consequences(SET, off)).toEqual([expect.stringContaining('npx wrangler secret delete STRIPE_SECRET_KEY')])
  })

  it('says that a public address from before is believed more than the new host', () => {
    const before = { ...SET, vars: { ...SET.vars, PUBLIC_URL: 'https://pay.example.com' } }
    const after: Answers = { ...before, install: { is: 'host', host: 'buy.example.com' } }
    expect(consequences(before, after)).toEqual([expect.stringContaining('PUBLIC_URL still says pay.example.com')])
    expect(consequences(before, before)).toEqual([])
  })
})

describe('the verdict on what is set up', () => {
  it('finds nothing wrong in a shop where nothing is', () => {
    expect(verdictOn(SET, website({}))).toEqual({ problems: [], warnings: [] })
  })

  it('names what is missing, each once', () => {
    const { problems } = verdictOn({ ...FRESH, providers: ['creem'] }, undefined)
    expect(problems.filter((text) => text.includes('CREEM_API_KEY'))).toHaveLength(1)
    expect(problems.join(' ')).toContain('THANK_YOU_URL is not set')
    expect(problems.join(' ')).toContain('DATAFAST_API_KEY is not set')
    expect(problems.join(' ')).not.toContain('another provider')
  })

  it('warns loudly when DataFast imports the same sales, and not when that is meant', () => {
    const imported = website({ connected: ['stripe', 'shopify'] })
    expect(doubleCounting(SET, imported)).toEqual([expect.stringMatching(/DataFast imports Stripe by itself already.*count twice/)])
    expect(doubleCounting({ ...SET, vars: { ...SET.vars, NATIVE_INTEGRATION: 'ignore' } }, imported)).toEqual([])
    expect(doubleCounting({ ...SET, providers: ['creem'] }, imported)).toEqual([])
  })

  it.each([
    ['pay.example.com', 'example.com', undefined],
    ['pay.example.com', 'www.example.com', 'data-domain="example.com"'],
    ['pay.example.com', 'example.org', 'cannot see the cookie of example.org'],
    ['x.me.workers.dev', 'example.com', 'links.js'],
    ['x.your-subdomain.workers.dev', undefined, 'links.js'],
  ])('says whether %s sees the cookie of %s', (host, domain, said) => {
    const warnings = cookieWarning(new URL(`https://${host}`), domain ? website({ domain }) : undefined)
    expect(warnings).toEqual(said ? [expect.stringContaining(said)] : [])
  })
})

describe('a long line', () => {
  it('is broken between words and stays indented, but what is to be copied is never broken', () => {
    const text = '  one two three four five six seven eight\n  https://example.com/a-long-address/that-goes-on'
    expect(wrapped(text, 30)).toBe('  one two three four five six\n  seven eight\n  https://example.com/a-long-address/that-goes-on')
  })
})
