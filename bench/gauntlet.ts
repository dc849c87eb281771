/**
 * The gauntlet: what any success handler should survive, tried from outside. `npm run gauntlet -- <success URL>` tries yours;
 * without an address it tries this repository's Worker beside two handlers as most people write them.
 */
import { Advice, tell } from '../cli/advice.ts'
import { SECRETS } from '../sandbox/world/secrets.ts'
import { type Tried, tryAll } from './gauntlet/attempt.ts'
import { bundled } from './gauntlet/bundle.ts'
import { restartingBy } from './gauntlet/command.ts'
import { type Handler, withPlaceholder } from './gauntlet/handler.ts'
import { handlerAt, type Known, startKnown } from './gauntlet/known.ts'
import { type Options, readOptions, USAGE } from './gauntlet/options.ts'
import { Outside } from './gauntlet/outside.ts'
import { asJson, asLines, asList, asPage } from './gauntlet/report.ts'
import { selfCheck } from './gauntlet/self-check.ts'
import { startWorker } from './gauntlet/worker.ts'
import { publish, QUICK } from './proof-page.ts'

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options.show) return void process.stdout.write(options.show === 'usage' ? USAGE : asList())
  const { whom, json, isPart } = options
  const columns = whom.is === 'known' ? await runKnown(options) : [await run(options, options.worldPort, (port) => start(options, port))]
  if (json) process.stdout.write(asJson(columns))
  else if (whom.is === 'known' && !isPart) publish('gauntlet', asPage(columns))
  else for (const column of columns) process.stdout.write(asLines(column))
  // Of the handlers that are here for comparison nobody expects that.
  const [judged] = columns
  process.exitCode = judged?.tried.every(({ result }) => result.is === 'survived' || result.is === 'not-run') ? 0 : 1
}

type Started = { handler: Handler; stop: () => void }

/** Each in a world of its own, all at the same time: most of it is waiting. */
function runKnown(options: Options) {
  const names: Known[] = QUICK ? ['success-url'] : ['success-url', 'straightforward', 'hono-stripe']
  return Promise.all(names.map((name) => run(options, 0, (port) => startKnown(name, port))))
}

async function run(
  { cases, patience }: Options,
  wantedPort: number,
  started: (port: number) => Promise<Started>,
): Promise<{ name: string; tried: Tried[] }> {
  const outside = new Outside()
  const port = await outside.listen(wantedPort).catch(() => {
    throw new Advice(`Port ${wantedPort} is taken; choose another with --world-port.`)
  })
  const { handler, stop } = await started(port)
  try {
    const readiness = await selfCheck(handler, outside, port)
    if (readiness.is === 'not-ready') throw new Advice(readiness.advice)
    const tried = await tryAll(handler, outside, cases, { thankYou: readiness.thankYou, patience, onResult: showProgress(cases.length) })
    return { name: handler.name, tried }
  } finally {
    stop()
    await outside.stop()
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
