import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { CASES, CHAPTERS } from '../../bench/gauntlet/cases/index.ts'

const THANK_YOU = 'https://shop.example.com/thank-you'
const handlers: Server[] = []
afterAll(() => {
  for (const handler of handlers) handler.close()
})

type Ended = { code: number; output: string; errors: string }

function gauntlet(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['bench/gauntlet.ts', ...args], (error, output, errors) => {
      resolve({ code: error ? Number(error.code) : 0, output, errors })
    })
  })
}

/** A success handler at an address of its own. @returns its success URL */
async function serve(answer: (request: IncomingMessage) => Promise<string>): Promise<string> {
  const server = createServer(async (request, response) => {
    const location = await answer(request).catch(() => undefined)
    response.writeHead(location ? 303 : 500, location ? { location } : {}).end()
  })
  handlers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/success`
}

/** Where the simulated world can be. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The handler most people write; it asks a world at that port. */
function plain(worldPort: number): Promise<string> {
  const origin = `http://127.0.0.1:${worldPort}`
  return serve(async ({ url = '', headers }) => {
    const id = new URL(url, origin).searchParams.get('session_id')
    const found = await fetch(`${origin}/api.stripe.com/v1/checkout/sessions/${id}`, {
      headers: { authorization: 'Bearer rk_live_test' },
    })
    const session = (await found.json()) as { payment_status: string; amount_total: number; currency: string; payment_intent: string }
    if (session.payment_status === 'paid') {
      await fetch(`${origin}/datafa.st/api/v1/payments`, {
        method: 'POST',
        headers: { authorization: 'Bearer df_test' },
        body: JSON.stringify({
          amount: session.amount_total / 100,
          currency: session.currency.toUpperCase(),
          transaction_id: session.payment_intent,
          datafast_visitor_id: /datafast_visitor_id=([^;]+)/.exec(headers.cookie ?? '')?.[1],
        }),
      })
    }
    return THANK_YOU
  })
}

describe('The gauntlet', () => {
  it.concurrent('has cases of one sentence each, no two alike', () => {
    for (const { name } of CASES) expect(name).toMatch(/^[A-Z][^.]*[^.\s](\.\d+[^.]*)*\.$/)
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length)
  })

  it.concurrent('lists them, as docs/gauntlet.md does under the same headings', async () => {
    const { code, output } = await gauntlet('--list')
    expect(code).toBe(0)
    expect(output.trimEnd().split('\n')).toEqual(CASES.map(({ number, name }) => `${String(number).padStart(2)}  ${name}`))
    const page = readFileSync('docs/gauntlet.md', 'utf8')
    const shown = page.match(/(?<=^✗ ).*$/gm) ?? []
    for (const line of shown) expect(output).toContain(line)
    expect(shown).toHaveLength(1)
    const lines = page
      .replace(/^.*\n## The cases\n/s, '')
      .split('\n')
      .filter((line) => /^(### |\d+\. )/.test(line))
    const chapters = Object.entries(CHAPTERS).map(([title, cases]) => [`### ${title}`, ...cases.map(({ name }) => name)])
    let number = 0
    expect(lines).toEqual(chapters.flat().map((line) => (line.startsWith('### ') ? line : `${++number}. ${line}`)))
  })

  it.concurrent('says of which cases it tries nothing else meanwhile', () => {
    const judged = /## How it is judged\n(.*?)\n## /s.exec(readFileSync('docs/gauntlet.md', 'utf8'))?.[1] ?? ''
    const alone = CASES.filter((one) => one.alone && !one.needs?.includes('restart'))
    expect(new Set(judged.match(/(?<=\(case )\d+(?=\))/g))).toEqual(new Set(alone.map(({ number }) => String(number))))
  })

  it.concurrent('ends well for a handler that survives what it is tried with', async () => {
    const port = await freePort()
    const url = await plain(port)
    const { code, output } = await gauntlet('--world-port', String(port), '--only', '1,2', '--json', url)
    expect(JSON.parse(output)).toMatchObject({ handler: url, all: { survived: 2, of: 2 }, notRun: 0 })
    expect(code).toBe(0)
  })

  it.concurrent('tells what a handler did wrong, and what it was not tried with', async () => {
    const port = await freePort()
    const url = await plain(port)
    const { code, output } = await gauntlet(
      '--world-port',
      String(port),
      '--only',
      'yen',
      '--only',
      'killed while stripe',
      '--only',
      'refund is',
      url,
    )
    expect(output).toMatch(/^✗ \d+ {2}A currency without cents .*\n +1999 JPY were recorded as 19.99 JPY$/m)
    expect(output).toMatch(/^✗ \d+ {2}A refund .*\n +no webhook$/m)
    expect(output).toMatch(/^– \d+ {2}Killed while Stripe .*\n +.*--restart/m)
    expect(output).toContain('survives 0 of 2 (0 of the 1 that need no webhook); 1 were not run.')
    expect(code).toBe(1)
  })

  it.concurrent('says how to point a handler at the simulated world when that is not asked', async () => {
    const [port, url] = [await freePort(), await serve(async () => THANK_YOU)]
    const { code, output, errors } = await gauntlet('--world-port', String(port), url)
    expect(errors).toContain('has not asked the simulated Stripe')
    expect(errors).toContain(`http://127.0.0.1:${port}/api.stripe.com`)
    expect({ code, output }).toEqual({ code: 2, output: '' })
  })

  it.concurrent('says so when nothing answers at the address', async () => {
    const { code, errors } = await gauntlet('--world-port', String(await freePort()), 'http://127.0.0.1:1/success')
    expect(errors).toContain('http://127.0.0.1:1/success?session_id={CHECKOUT_SESSION_ID} could not be visited: no answer: ECONNREFUSED.')
    expect(code).toBe(2)
  })

  it.concurrent('shows its usage to whoever asks for something it does not know', async () => {
    for (const wrong of [['--frobnicate'], ['--webhook', 'http://127.0.0.1:1/hook'], ['http://127.0.0.1:1/a', 'http://127.0.0.1:1/b']]) {
      expect(await gauntlet(...wrong)).toMatchObject({ code: 2, errors: expect.stringContaining('Usage: npm run gauntlet') })
    }
    expect(await gauntlet('--help')).toMatchObject({ code: 0, output: expect.stringContaining('Usage: npm run gauntlet') })
    expect((await gauntlet('--only', 'unheard-of')).errors).toContain('--list')
  })
})
