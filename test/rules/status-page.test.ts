import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { renderStatus } from '../../src/status/page.ts'
import type { StatusReport } from '../../src/status/report.ts'
import { STYLE } from '../../src/status/style.ts'
import { newShop, reportWith, rowOf } from './status-fixture.ts'

const RETRY = '/checkout/status/retry'
const pageOf = (report: StatusReport) => renderStatus(report, RETRY)

describe('the status page', () => {
  const page = pageOf(reportWith())

  it('is a whole document in one language, with a title and one main heading', () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(page).toContain('<title>Status of https://pay.example.com – success-url</title>')
    expect(page.match(/<h1[ >]/g)).toHaveLength(1)
    expect(page.match(/<main[ >]/g)).toHaveLength(1)
    expectWellFormed(page)
  })

  it('has its sections in order, each named by its own heading', () => {
    const order = ['incidents', 'attribution', 'checks', 'waiting', 'rehearsal', 'movements', 'proof']
    expect(sectionsOf(page)).toEqual(order)
    expect(sectionsOf(pageOf(reportWith({ incidents: [] })))).toEqual(order.slice(1))
    const first = ['set-up', 'rehearsal', 'attribution', 'checks', 'waiting', 'movements', 'proof']
    expect(sectionsOf(pageOf(newShop()))).toEqual(first)
  })

  it('skips no level of headings', () => {
    const levels = [...page.matchAll(/<h(\d)/g)].map(([, level]) => Number(level))
    for (const [at, level] of levels.entries()) expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1)
  })

  it('names every id once, and only ids that are there', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const named = [...page.matchAll(/ aria-labelledby="([^"]+)"/g)].flatMap(([, names = '']) => names.split(' '))
    expect(ids).toEqual(expect.arrayContaining(named))
  })

  it('needs no script, loads nothing and styles nothing but by its one style sheet', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<object|<embed|<base|javascript:| src=| style=| on[a-z]+=/i)
    expect(page.match(/<style>/g)).toHaveLength(1)
    expect(page).toContain(`<style>${STYLE}</style>`)
    expect(STYLE).not.toMatch(/url\(|@import|[<&]/)
    const leadsTo = [...page.matchAll(/ (?:href|action)="([^"]*)"/g)].map(([, where]) => where)
    expect(new Set(leadsTo)).toEqual(new Set(['#main', RETRY]))
  })

  it('leads with the rate, rounded down', () => {
    expect(textOf(page)).toContain('93.9% of 83 first payments in the last 30 days, 78 are attributed')
    const almost = { ...reportWith().attribution, rate: 1999 / 2000, recorded: 2000, attributed: 1999 }
    expect(textOf(pageOf(reportWith({ attribution: almost })))).toContain('99.9% of 2000')
    const all = { ...almost, rate: 1, recorded: 1, attributed: 1 }
    expect(textOf(pageOf(reportWith({ attribution: all })))).toContain('100% of 1 first payment in the last 30 days, 1 is attributed')
  })

  it('says why payments are not attributed, and how many', () => {
    expect(textOf(page)).toContain('3 The buyer never came back, and the payment carries no visitor id. (no visitor seen)')
  })

  it('draws the days, and tells the same in words', () => {
    expect(page).toContain('<svg role="img" aria-labelledby="chart-title chart-desc"')
    expect(page).toContain('83 first payments recorded, 78 of them attributed. The most in a day: 7, on 20 Nov 2026.')
    expect(page.match(/<svg/g)).toHaveLength(1)
    expect(page).not.toContain('NaN')
  })

  it('puts what is wrong first, and says the state in a word', () => {
    const words = [...sectionIn(page, 'checks').matchAll(/class="badge (\w+)">([^<]+)/g)].map(([, tone, word]) => [tone, word])
    expect(words).toEqual([
      ['red', 'Problem'],
      ['yellow', 'Warning'],
      ['yellow', 'Warning'],
      ['green', 'OK'],
      ['green', 'OK'],
      ['green', 'OK'],
    ])
    expect(textOf(sectionIn(page, 'checks'))).toContain('What to do: Create a new key under Settings → API')
    expect(formsIn(sectionIn(page, 'checks'))).toEqual([{ checks: '1' }])
  })

  it('offers another try only where one is possible', () => {
    const references = reportWith()
      .waiting.filter(({ canRetry }) => canRetry)
      .map(({ reference }) => ({ reference }))
    expect(formsIn(sectionIn(page, 'waiting'))).toEqual([{ all: '1' }, ...references])
  })

  it('offers to try all again only when there are several', () => {
    const one = reportWith({ waiting: [rowOf({ stage: 'waiting', canRetry: true }), rowOf({ stage: 'held' })], waitingCount: 2 })
    expect(formsIn(sectionIn(pageOf(one), 'waiting'))).toEqual([{ reference: rowOf().reference }])
  })

  it('says when the list of what waits is shorter than what waits', () => {
    expect(textOf(pageOf(reportWith({ waitingCount: 120 })))).toContain('120 payments, 4 of them shown')
  })

  it('gives every button a name of its own', () => {
    const names = [...page.matchAll(/<button[^>]*>(.*?)<\/button>/gs)].map(([, name = '']) => textOf(name))
    expect(new Set(names).size).toBe(names.length)
  })

  it('says what a test purchase would have sent', () => {
    expect(textOf(page)).toContain('Verified; would have sent: 19.99 EUR as sale; visitor seen: yes')
    expect(textOf(page)).toContain('Verified; would have sent: 0.00 USD as trial; visitor seen: no')
  })

  it('proves each day in a sentence', () => {
    expect(textOf(page)).toContain('27 orders, 27 recorded, 26 attributed, difference 0.00 EUR')
    expect(textOf(page)).toContain('1 order, 1 recorded, 1 attributed, JPY cannot be compared')
    expect(textOf(page)).toContain('polar:order_7c90 is missing there.')
    const words = [...sectionIn(page, 'proof').matchAll(/class="badge \w*">([^<]+)/g)].map(([, word]) => word)
    expect(words).toEqual(['Look at this', 'Adds up', 'Not compared'])
  })

  it('tells a table’s columns and rows apart', () => {
    const table = sectionIn(page, 'movements')
    expect(table.match(/<th role="columnheader" scope="col"/g)).toHaveLength(5)
    expect(table.match(/<th role="rowheader" scope="row"/g)).toHaveLength(reportWith().movements.length)
  })

  it('shows until the first order what to paste where', () => {
    const text = textOf(sectionIn(pageOf(newShop()), 'set-up'))
    expect(text).toContain('waiting for your first test purchase')
    expect(text).toContain('https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}')
    expect(text).toContain('order_id=[order_id]&order_identifier=[order_identifier]')
    expect(text).toContain('Not set yet npx wrangler secret put LEMONSQUEEZY_WEBHOOK_SECRET')
    expect(text).not.toContain('STRIPE_WEBHOOK_SECRET')
    expect(textOf(pageOf(newShop({ setUp: [] })))).toContain('Give the Worker your provider’s key first')
  })

  it('has a friendly sentence for everything that is empty', () => {
    const empty = pageOf(newShop({ checks: [], setUp: undefined }))
    expectWellFormed(empty)
    for (const id of ['attribution', 'checks', 'waiting', 'rehearsal', 'movements', 'proof']) {
      expect(textOf(sectionIn(empty, id)), id).toMatch(/[a-z ]{12,}\S*\./)
    }
    expect(empty).not.toMatch(/<svg|<table|<ul>|undefined|null|NaN/)
    const quiet = { ...reportWith().attribution, days: [] }
    expect(textOf(pageOf(reportWith({ attribution: quiet })))).toContain('The first one draws its bar here.')
  })

  it('shows times for people and for machines', () => {
    expect(page).toContain('<time datetime="2026-11-25T17:05:00.000Z">25 Nov 2026, 17:05 UTC</time>')
    expect(pageOf(reportWith({ now: '2026-09-05T07:08:09Z' }))).toContain('5 Sep 2026, 07:08 UTC')
    expect(() => pageOf(reportWith({ now: 'yesterday' }))).not.toThrow()
  })

  it.each([
    [19.99, 'EUR', '19.99 EUR'],
    [0, 'EUR', '0.00 EUR'],
    [-0.001, 'EUR', '0.00 EUR'],
    [-5, 'EUR', '-5.00 EUR'],
    [12345.6, 'EUR', '12,345.60 EUR'],
    [1500, 'JPY', '1,500 JPY'],
    [1.5, 'KWD', '1.500 KWD'],
    [7.5, 'WAT?', '7.5 WAT?'],
    [7.5, '', '7.5'],
    [7.5, null, '7.5'],
    [null, 'EUR', '–'],
    [null, null, '–'],
  ])('shows an amount of %s %s as %s', (amount, currency, shown) => {
    const row = pageOf(reportWith({ movements: [rowOf({ amount, currency })] }))
    expect(/<td role="cell" class="amount">([^<]*)</.exec(row)?.[1]).toBe(shown)
  })
})

describe('what is written into the status page', () => {
  const reports = { 'a busy shop': reportWith(), 'a new shop': newShop({ rehearsal: reportWith().rehearsal }) }
  const fields = Object.entries(reports).flatMap(([name, report]) => [...stringsIn(report)].map((path) => ({ name, report, path })))

  it.each(['"><script>alert(1)</script>', "'onmouseover=alert(1) x='", '</style></title><img src=x>', '&lt;b&gt;$&\\'])(
    'is never markup, in no field: %s',
    (attack) => {
      expect(fields.length).toBeGreaterThan(200)
      for (const { name, report, path } of fields) {
        const page = pageOf(replacedAt(report, path, attack) as StatusReport)
        expect(page.includes(attack), `${path.join('.')} of ${name}`).toBe(false)
        expectWellFormed(page)
      }
      const page = renderStatus(reportWith(), attack)
      expect(page).not.toContain(attack)
      expectWellFormed(page)
    },
  )

  it('is shown as it is', () => {
    const page = pageOf(reportWith({ incidents: [{ since: '', text: `"Tom" & 'Jerry' <3` }] }))
    expect(textOf(page)).toContain(`"Tom" & 'Jerry' <3`)
  })
})

describe('the status in a terminal', { concurrent: true }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'status-'))
  const server = createServer((request, response) => {
    const handle = WORLD[new URL(request.url ?? '', 'http://x').pathname]
    if (handle) handle(request, response)
    else response.writeHead(404).end()
  })
  const listening = new Promise<string>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  )
  afterAll(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })

  it('is printed, and ends with 1 when something is wrong', async () => {
    const { code, output } = await status([await listening])
    expect(output).toContain('93.9% of 83 first payments')
    expect(output).toContain('Problem  Lemon Squeezy’s key')
    expect(output).toContain('27 orders, 27 recorded, 26 attributed, difference 0.00 EUR')
    expect(output).not.toContain('\x1b')
    expect(code).toBe(1)
  })

  it('ends with 0 when nothing is red', async () => {
    const { code, output } = await status([`${await listening}/fine/status`])
    expect(output).toContain('waiting for your first test purchase')
    expect(code).toBe(0)
  })

  it.each(['/fine', '/fine/', '/fine/status', '/fine/status/', '/fine/status?token=x#here'])('is found at %s', async (path) => {
    expect((await status([(await listening) + path])).code).toBe(0)
  })

  it('is found under BASE_PATH', async () => {
    expect((await status([await listening], { BASE_PATH: '/fine' })).code).toBe(0)
  })

  it('takes the token from .dev.vars where the environment has none', async () => {
    const own = join(folder, 'own')
    mkdirSync(own)
    writeFileSync(join(own, '.dev.vars'), '# mine\nSTATUS_TOKEN="right-token"\n')
    expect((await status([`${await listening}/fine`], { STATUS_TOKEN: undefined }, own)).code).toBe(0)
  })

  it('prints the JSON as it came with --json', async () => {
    const { code, output } = await status([await listening, '--json'])
    expect(JSON.parse(output)).toEqual(reportWith())
    expect(code).toBe(1)
  })

  it.each([[], ['--json']])('steers no terminal, whatever a report holds (%s)', async (...options) => {
    const { output } = await status([`${await listening}/hostile`, ...options])
    expect(output).toContain('[2J')
    expect(output).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
    if (options.length) expect(JSON.parse(output).origin).toBe(HOSTILE)
  })

  it.each([
    ['another token', '/checkout', { STATUS_TOKEN: 'wrong-token' }, 'wrangler secret put STATUS_TOKEN'],
    ['no such page', '/nothing', {}, 'BASE_PATH'],
    ['too many questions', '/limited', {}, 'wait a minute'],
    ['a redirect', '/moved', {}, 'redirects to http://127.0.0.1:9/elsewhere'],
    ['a fault', '/broken', {}, 'answers with 500'],
    ['silence', '/silent', { STATUS_TIMEOUT_SECONDS: '0.5' }, 'has not answered within 0.5 seconds'],
    ['another site', '/other', {}, 'no status report'],
    ['another version', '/strange', {}, 'another version'],
    ['no token', '/fine', { STATUS_TOKEN: undefined }, 'set STATUS_TOKEN'],
    ['a token that cannot be sent', '/fine', { STATUS_TOKEN: 'tøken' }, 'set it again'],
  ])('ends with 2 and says what to do: %s', async (_, path, env, advice) => {
    const { code, output, complaint } = await status([(await listening) + path], env)
    expect(complaint).toContain(advice)
    expect(complaint).not.toMatch(/wrong-token|right-token|tøken|at file:/)
    expect(output).toBe('')
    expect(code).toBe(2)
  })

  it.each([
    ['nothing', [], 'Usage'],
    ['too much', ['https://a.example', 'https://b.example'], 'Usage'],
    ['an unknown option', ['--loud', 'https://a.example'], 'Usage'],
    ['no address', ['pay.example.com'], 'is no address'],
    ['an address in the clear', ['http://pay.example.com'], 'https'],
    ['another protocol', ['ftp://localhost'], 'https'],
    ['a host that is not there', ['http://127.0.0.1:9'], 'cannot be reached'],
  ])('ends with 2 when asked for %s', async (_, args, advice) => {
    const { code, complaint } = await status(args)
    expect(complaint).toContain(advice)
    expect(code).toBe(2)
  })

  function status(args: string[], env: Record<string, string | undefined> = {}, cwd = folder) {
    const program = join(import.meta.dirname, '../../cli/status.ts')
    const surroundings = { PATH: process.env.PATH, STATUS_TOKEN: 'right-token', ...env }
    return new Promise<{ code: number; output: string; complaint: string }>((resolve) => {
      const child = execFile(process.execPath, [program, ...args], { cwd, env: surroundings }, (_, output, complaint) =>
        resolve({ code: child.exitCode ?? -1, output, complaint }),
      )
    })
  }
})

const HOSTILE = 'https://\x1b[2J\x07\u009b31m\u202epay.example.com\r\n\u{e0041}'

type Handle = (request: IncomingMessage, response: ServerResponse) => void

const WORLD: Record<string, Handle> = {
  '/checkout/status': answering(JSON.stringify(reportWith())),
  '/fine/status': answering(JSON.stringify(newShop({ checks: reportWith().checks.filter(({ state }) => state !== 'red') }))),
  '/hostile/status': answering(JSON.stringify(reportWith({ origin: HOSTILE }))),
  '/limited/status': (_, response) => response.writeHead(429).end(),
  '/moved/status': (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' }).end(),
  '/broken/status': (_, response) => response.writeHead(500).end(),
  '/silent/status': () => {},
  '/other/status': answering('<!doctype html>Hello'),
  '/strange/status': answering('{"name":"success-url"}'),
}

function answering(body: string): Handle {
  return ({ headers }, response) => {
    const isKnown = headers.authorization === 'Bearer right-token' && headers.accept === 'application/json'
    response.writeHead(isKnown ? 200 : 401).end(isKnown ? body : '')
  }
}

function sectionsOf(page: string): (string | undefined)[] {
  return [...page.matchAll(/<section class="[\w-]+" aria-labelledby="([\w-]+)"><h2 id="\1">/g)].map(([, id]) => id)
}

function sectionIn(page: string, id: string): string {
  return new RegExp(`<section class="${id}".*?</section>`, 's').exec(page)?.[0] ?? ''
}

/** What each form posts. */
function formsIn(markup: string): Record<string, string>[] {
  const forms = markup.matchAll(
    /<form method="post" action="\/checkout\/status\/retry"><input type="hidden" name="(\w+)" value="([^"]*)"><button/g,
  )
  return [...forms].map(([, name = '', value = '']) => ({ [name]: value }))
}

function textOf(markup: string): string {
  const text = markup.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]+>/g, ' ')
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ')
    .trim()
}

/** Stricter than HTML: every tag is closed in order, every attribute quoted, and no `<` or `>` stands anywhere else. */
function expectWellFormed(page: string): void {
  const open: string[] = []
  const rest = page
    .replace(/^<!doctype html>/, '')
    .replace(STYLE, '')
    .replace(/<(\/?)([a-z]\w*)((?: [a-zA-Z-]+="[^"<>]*")*)(\/?)>/g, (_, end, name, attributes, alone) => {
      if (end) expect(open.pop()).toBe(name)
      else if (!alone && !['meta', 'input'].includes(name)) open.push(name)
      expect(attributes).not.toMatch(/ on\w+=/i)
      return ''
    })
  expect(open).toEqual([])
  expect(rest).not.toMatch(/[<>"]/)
  expect(rest.replace(/&#\d+;/g, '')).not.toContain('&')
}

function* stringsIn(value: unknown, path: string[] = []): Generator<string[]> {
  if (typeof value === 'string') yield path
  else if (value && typeof value === 'object') for (const [key, inner] of Object.entries(value)) yield* stringsIn(inner, [...path, key])
}

function replacedAt(value: unknown, [key, ...rest]: string[], text: string): unknown {
  if (key === undefined) return text
  const copy: Record<string, unknown> = Object.assign(Array.isArray(value) ? [] : {}, value)
  copy[key] = replacedAt(copy[key], rest, text)
  return copy
}
