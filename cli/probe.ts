/**
 * Tries what DataFast’s documentation leaves open, on a throwaway website of yours: `npm run probe`. It asks first, posts a
 * handful of payments, reads the totals back, and deletes everything again. Ends with 0 when all was tried and nothing is
 * left, with 1 when something went wrong on the way, with 2 when it was not begun, with 130 when it was interrupted.
 */
import { parseArgs } from 'node:util'
import { confirm, isCancel } from '@clack/prompts'
import { money } from '../src/status/words.ts'
import { readVisitorField } from '../src/visitor.ts'
import { Advice, tell } from './advice.ts'
import { readConfiguration } from './configuration.ts'
import { plainJson } from './plain-json.ts'
import { type Account, accountFor } from './probe/account.ts'
import { commandFor } from './probe/clean-up.ts'
import { describe } from './probe/describe.ts'
import { type Line, openLine, startPace, wordsOf } from './probe/line.ts'
import { probe } from './probe/probe.ts'
import { readGoals, readRevenue, readWebsite, type Website } from './probe/website.ts'
import { visible } from './terminal.ts'

const USAGE = `Usage: npm run probe -- [--visitor UUID] [--yes] [--json] [--even-with-revenue] [--use-datafast-api-key]

Posts a handful of payments to the DataFast website of PROBE_DATAFAST_API_KEY (environment or .dev.vars), a website of its own
that you can throw away, reads its totals, and deletes the payments again. It takes a few minutes: one request a second.

--visitor UUID          a visitor who was really on that website, by its cookie datafast_visitor_id: without one nothing can be
                        said of attribution
--yes                   does not ask first
--json                  prints the answers as JSON
--even-with-revenue     goes on although the website has revenue
--use-datafast-api-key  uses the key of your shop, DATAFAST_API_KEY, and so its real website
`

type Wish = ReturnType<typeof readArguments>

async function main(): Promise<void> {
  const wish = readArguments()
  const { account, keySetting } = readAccount(wish)
  const stop = stopOnSignal()
  // Tests need not wait for a real service.
  const pace = startPace(process.env.PROBE_GAP_MS ? Number(process.env.PROBE_GAP_MS) : undefined)
  const line = openLine(account, stop.signal, pace)
  const website = await websiteFor(line, keySetting)
  const revenue = await revenueFor(line, website, wish)
  await requireVisitor(line, wish, website)
  await agreeOn(website, wish)

  if (!website.currency) tell('DataFast does not tell the currency of that website: US dollars are taken for it.')
  // Whoever cannot even wait for the cleaning up is told what is left, and how to delete it.
  const standing = new Set<string>()
  stop.onSecond = () => {
    const commands = [...standing].map((id) => commandFor(id, account, keySetting))
    tell(['Stopped at once. These may still be there:', ...commands].join('\n'))
    process.exit(130)
  }
  const report = await probe({ account, keySetting, website, visitor: wish.visitor, revenue, pace, stop: stop.signal, tell, standing })
  process.stdout.write(wish.json ? plainJson(report) : describe(report, website.currency ?? 'USD'))
  const isClean = !report.left.length && !report.difference
  process.exitCode = !isClean || report.ended === 'broken' ? 1 : report.ended === 'interrupted' ? 130 : 0
}

function readArguments() {
  const { values, positionals } = parse()
  if (positionals.length) throw new Advice(USAGE)
  const { visitor, ...rest } = values
  if (visitor !== undefined && !readVisitorField(visitor).length) {
    throw new Advice('--visitor is no visitor id of DataFast: it must be the UUID of 36 characters in the cookie datafast_visitor_id.')
  }
  return { visitor, ...rest }
}

function parse() {
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({
      allowPositionals: true,
      options: { visitor: { type: 'string' }, yes: flag, json: flag, 'even-with-revenue': flag, 'use-datafast-api-key': flag },
    })
  } catch {
    throw new Advice(USAGE)
  }
}

function readAccount(wish: Wish): Extract<Account, { is: 'account' }> {
  const configuration = readConfiguration(process.cwd())
  if (configuration.is === 'broken') throw new Advice(`${configuration.file} cannot be read: ${configuration.reason}.`)
  const account = accountFor(configuration, process.env, wish['use-datafast-api-key'])
  if (account.is === 'none') throw new Advice(account.advice)
  return account
}

async function websiteFor(line: Line, keySetting: string): Promise<Website> {
  const read = await readWebsite(line)
  if (read.is === 'read') return read.value
  const { heard } = read
  if (heard.status === 401)
    throw new Advice(`DataFast refuses ${keySetting} (${wordsOf(heard)}): copy it again from the website’s settings, API.`)
  if (heard.status === 403) {
    throw new Advice(`${keySetting} may not read analytics (${wordsOf(heard)}): a token needs analytics:read beside payments:write.`)
  }
  throw new Advice(`DataFast cannot be asked which website ${keySetting} belongs to: ${wordsOf(heard)}.`)
}

/** A website that earns something is none to throw away. */
async function revenueFor(line: Line, { domain, currency }: Website, wish: Wish): Promise<number> {
  const read = await readRevenue(line, Date.now())
  if (read.is === 'failed') {
    throw new Advice(`The totals of ${domain} cannot be read (${wordsOf(read.heard)}): without them nothing can be told.`)
  }
  if (read.value !== 0 && !wish['even-with-revenue']) {
    const revenue = money(read.value, currency ?? null)
    throw new Advice(
      `${domain} has revenue already (${revenue}): that is no website to throw away. If you mean it, say --even-with-revenue; sales that come in meanwhile spoil the answers.`,
    )
  }
  return read.value
}

async function requireVisitor(line: Line, { visitor }: Wish, { domain }: Website): Promise<void> {
  if (!visitor) return
  const read = await readGoals(line, visitor)
  if (read.is === 'failed' && read.heard.status === 404) {
    throw new Advice(`DataFast has never seen that visitor at ${domain} (404): open a page of it, and copy the cookie datafast_visitor_id.`)
  }
}

/** Asks, where somebody can answer. */
async function agreeOn({ domain }: Website, { yes }: Wish): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new Advice('Nobody can be asked here whether to go on: say --yes.')
  const agreed = await confirm({
    message: `Post about ten payments to the DataFast website ${visible(domain)}, and delete them again?`,
    initialValue: false,
    output: process.stderr,
  })
  if (isCancel(agreed) || !agreed) throw new Advice('Nothing was posted.')
}

/** The first signal ends the trying, and everything is taken back; the second one ends that as well. */
function stopOnSignal() {
  const controller = new AbortController()
  const stop = { signal: controller.signal, onSecond: () => process.exit(130) }
  const onSignal = () => {
    if (controller.signal.aborted) return stop.onSecond()
    tell('Stopping: what was posted is deleted first. Once more to stop at once.')
    controller.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
  return stop
}

try {
  await main()
} catch (error) {
  const isStopped = error instanceof Error && error.name === 'AbortError'
  if (!(error instanceof Advice) && !isStopped) throw error
  tell(isStopped ? 'Nothing was posted.' : error.message)
  process.exitCode = isStopped ? 130 : 2
}
