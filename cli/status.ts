/**
 * The status page in a terminal: `npm run status -- https://pay.example.com`. Ends with 0 when all is well, with 1 when a
 * check is red or an incident is open, with 2 when the report could not be had.
 */
import { readFileSync } from 'node:fs'
import { parseArgs, parseEnv } from 'node:util'
import type { StatusReport } from '../src/status/report.ts'
import { Advice, tell } from './advice.ts'
import { plainJson } from './plain-json.ts'
import { describe, visible } from './terminal.ts'

const USAGE = `Usage: npm run status -- [--json] https://pay.example.com

The address is the Worker's own, or that of its status page where BASE_PATH is not /checkout.
The token is STATUS_TOKEN of the environment, or of .dev.vars in this folder.
`

async function main(): Promise<void> {
  const { address, json } = readArguments()
  const body = await ask(addressOf(address), readToken())
  const report = readReport(body)
  process.stdout.write(json ? plainJson(JSON.parse(body)) : describe(report, isColourful()))
  const red = report.incidents.length > 0 || report.checks.some(({ state }) => state === 'red')
  process.exitCode = red ? 1 : 0
}

function readArguments(): { address: string; json: boolean } {
  const { values, positionals } = parse()
  const [address, ...others] = positionals
  if (!address || others.length) throw new Advice(USAGE)
  return { address, json: values.json }
}

function parse() {
  try {
    return parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } })
  } catch {
    throw new Advice(USAGE)
  }
}

/** Where to ask: the address may be the Worker's host, its base path or the page itself. */
function addressOf(text: string): URL {
  const url = URL.parse(text)
  if (!url) throw new Advice(`“${text}” is no address; give a whole one such as https://pay.example.com.`)
  const isNear = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isNear)) {
    throw new Advice('The token goes over https only: give an address that begins with https://.')
  }
  const path = url.pathname.replace(/\/+$/, '')
  const base = path || `/${(process.env.BASE_PATH ?? 'checkout').replace(/^\/+|\/+$/g, '')}`.replace(/\/$/, '')
  // Built anew: neither credentials nor parameters of the address go along.
  return new URL(path.endsWith('/status') ? path : `${base}/status`, url.origin)
}

function readToken(): string {
  const token = (process.env.STATUS_TOKEN || storedToken())?.trim()
  if (!token) {
    throw new Advice('No token: set STATUS_TOKEN in the environment, or write STATUS_TOKEN=… into .dev.vars in this folder.')
  }
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Advice('STATUS_TOKEN holds blanks or characters that no token has; set it again.')
  return token
}

function storedToken(): string | undefined {
  try {
    return parseEnv(readFileSync('.dev.vars', 'utf8')).STATUS_TOKEN
  } catch {
    return undefined
  }
}

async function ask(url: URL, token: string): Promise<string> {
  const seconds = Number(process.env.STATUS_TIMEOUT_SECONDS) || 10
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', authorization: `Bearer ${token}` },
      // The token is for this address, and for no other that it may name.
      redirect: 'manual',
      signal: AbortSignal.timeout(seconds * 1000),
    })
    if (response.ok) return await response.text()
    await response.body?.cancel()
    throw new Advice(adviceFor(response, url))
  } catch (error) {
    if (error instanceof Advice) throw error
    const isSlow = error instanceof Error && error.name === 'TimeoutError'
    throw new Advice(
      isSlow
        ? `${url} has not answered within ${seconds} seconds; try again, and look at npx wrangler tail if that helps nothing.`
        : `${url.origin} cannot be reached; check the address and your connection.`,
    )
  }
}

function adviceFor({ status, headers }: Response, url: URL): string {
  switch (status) {
    case 401:
      return 'The Worker has another STATUS_TOKEN (401): set the same here and with npx wrangler secret put STATUS_TOKEN.'
    case 404:
      return `There is no status page at ${url} (404): set STATUS_TOKEN at the Worker with npx wrangler secret put STATUS_TOKEN, or give the path of its BASE_PATH.`
    case 429:
      return 'Asked too often (429): wait a minute and try again.'
  }
  const location = headers.get('location')
  if (location && status < 400)
    return `${url} redirects to ${location} (${status}), where the token is not sent; give that address if it is yours.`
  return `${url} answers with ${status}; look at npx wrangler tail for the reason.`
}

/** Every text in it is fit for a terminal. */
function readReport(body: string): StatusReport {
  try {
    const report: StatusReport = JSON.parse(body, (_, value) => (typeof value === 'string' ? visible(value) : value))
    if (report.name === 'success-url') return report
  } catch {
    // Not even JSON: the same advice.
  }
  throw new Advice('What answers there is no status report; check that the address is your Worker’s.')
}

function isColourful(): boolean {
  return Boolean(process.stdout.isTTY) && !process.env.NO_COLOR
}

try {
  await main()
} catch (error) {
  tell(error instanceof Advice ? error.message : 'The report is of another version than this program; update one of them.')
  process.exitCode = 2
}
