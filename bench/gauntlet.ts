/**
 * The gauntlet: what any success handler should survive, tried from outside. `npm run gauntlet -- <success URL>` tries yours;
 * without an address it tries this repository's Worker beside two handlers as most people write them.
 */
import { Advice, tell } from '../cli/advice.ts'
import { SECRETS } from '../sandbox/world/secrets.ts'
import { byNeed, type Tried, tryAll } from './gauntlet/attempt.ts'
import { bundled } from './gauntlet/bundle.ts'
import type { Numbered } from './gauntlet/cases/index.ts'
import { restartingBy } from './gauntlet/command.ts'
import { type Handler, withPlaceholder } from './gauntlet/handler.ts'
import { handlerAt, type Known, startKnown } from './gauntlet/known.ts'
import { type Options, readOptions, USAGE } from './gauntlet/options.ts'
import { Outside } from './gauntlet/outside.ts'
import { asJson, asLines, asList, asPage, type Column, failuresOf } from './gauntlet/report.ts'
import { selfCheck } from './gauntlet/self-check.ts'
import { startWorker } from './gauntlet/worker.ts'
import { publish, QUICK } from './proof-page.ts'

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options.show) return void process.stdout.write(options.show === 'usage' ? USAGE : asList())
  const { whom, json, isPart } = options
  const columns = whom.is === 'known' ? await runKnown(options) : [await runOne(options)]
  // Of the handlers that are here for comparison nobody expects that they survive.
  const failures = columns.slice(0, 1).flatMap(failuresOf)
  process.exitCode = failures.length ? 1 : 0
  if (json) process.stdout.write(asJson(columns))
  else if (whom.is === 'known' && !isPart) publish('gauntlet', asPage(columns, performance.now() / 1000), failures)
  else for (const column of columns) process.stdout.write(asLines(column))
}

type Started = { handler: Handler; stop: () => void }

async function runOne(options: Options): Promise<Column> {
  const { name, tryWith, stop } = await ready(options, options.worldPort, (port) => start(options, port))
  return { name, tried: await tryWith(options.cases).finally(stop) }
}

/**
 * Each in a world of its own, side by side: most of it is waiting. What restarts a handler or takes all of the machine comes
 * when nobody has to be quick any more, one handler after the other. Meanwhile only those still wait who do so for minutes:
 * another instance of each, which nobody kills.
 */
async function runKnown(options: Options): Promise<Column[]> {
  const names: Known[] = QUICK ? ['success-url'] : ['success-url', 'straightforward', 'hono-stripe']
  const { alone, waiting, together } = byNeed(options.cases)
  const readyAll = () => Promise.all(names.map((name) => ready(options, 0, (port) => startKnown(name, port))))
  const [first, second] = [await readyAll(), waiting.length ? await readyAll() : []]
  try {
    const waited = Promise.all(second.map(({ tryWith }) => tryWith(waiting)))
    const quick = await Promise.all(first.map(({ tryWith }) => tryWith(together)))
    const solo: Tried[][] = []
    for (const { tryWith } of first) solo.push(await tryWith(alone))
    const long = await waited
    const all = (place: number) => [quick, solo, long].flatMap((part) => part[place] ?? [])
    return names.map((name, place) => ({ name, tried: all(place).sort((a, b) => a.number - b.number) }))
  } finally {
    for (const { stop } of [...first, ...second]) await stop()
  }
}

/** A handler that an ordinary sale has shown to be in order, and the world around it. */
type Ready = { name: string; tryWith(cases: Numbered[]): Promise<Tried[]>; stop(): Promise<void> }

/** Starts a handler and its world. Throws advice when it cannot be tried. */
async function ready({ patience }: Options, wantedPort: number, started: (port: number) => Promise<Started>): Promise<Ready> {
  const outside = new Outside()
  const port = await outside.listen(wantedPort).catch(() => {
    throw new Advice(`Port ${wantedPort} is taken; choose another with --world-port.`)
  })
  const { handler, stop } = await started(port)
  const stopBoth = () => {
    stop()
    return outside.stop()
  }
  const readiness = await selfCheck(handler, outside, port)
  if (readiness.is === 'not-ready') {
    await stopBoth()
    throw new Advice(readiness.advice)
  }
  const { thankYou } = readiness
  return {
    name: handler.name,
    tryWith: (cases) => tryAll(handler, outside, cases, { thankYou, patience, onResult: showProgress(cases.length) }),
    stop: stopBoth,
  }
}

async function start({ whom, webhook }: Options, worldPort: number): Promise<Started> {
  if (whom.is === 'worker') {
    const worker = await startWorker({ ...bundled(whom.file), bindings: { ...USUAL, ...whom.variables }, worldPort })
    return { handler: handlerAt(worker, whom.file, whom.url, webhook?.url, webhook?.secret), stop: worker.stop }
  }
  if (whom.is === 'known') throw new Error('several are started at once')
  const restart = whom.restart ? restartingBy(whom.restart, whom.url) : undefined
  return { handler: { name: whom.url, successUrl: withPlaceholder(whom.url), webhook, restart }, stop: () => {} }
}

/** What most Workers call their settings. */
const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, DATAFAST_API_KEY } = SECRETS
const USUAL = { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, DATAFAST_API_KEY, THANK_YOU_URL: 'https://shop.example.com/thank-you' }

/** In a terminal, one line that changes. */
function showProgress(all: number) {
  if (!process.stderr.isTTY) return undefined
  return (left: { number: number }[]) => {
    const waiting = left.length > 0 && left.length < 6 ? `, still at ${left.map(({ number }) => number).join(', ')}` : ''
    process.stderr.write(`\r\x1b[K${all - left.length} of ${all} tried${waiting}${left.length ? '' : '\r\x1b[K'}`)
  }
}

try {
  await main()
} catch (error) {
  if (!(error instanceof Advice)) throw error
  tell(error.message)
  process.exitCode = 2
}
process.exit()
