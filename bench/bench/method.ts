import { DAY, KEEP } from '../../src/order/timing.ts'
import { COUNTS } from './counts.ts'
import { PUT_AWAY_AFTER_MS } from './growth.ts'
import { DATAFAST_MS, PROVIDER_MS } from './internet.ts'
import { CONNECTIONS } from './load.ts'
import type { Results } from './results.ts'
import { mean, median, TOLD_FROM } from './statistics.ts'

/** How it was measured, in a few sentences for each table. @param askedInSilence - outgoing requests during all repeats */
export function methodOf({ waiting, repeat, repeatAtEntry, repeatLoad, firstLoad, coldStart }: Results, askedInSilence: number) {
  const acknowledged = median([...waiting.acknowledged.values()].flat())
  const entryMs = median(repeatAtEntry['only-redirects']) - median(repeat['only-redirects'])
  const busy = (name: keyof typeof repeatLoad) => percent(median(repeatLoad[name].map((load) => load.busy)))
  const client = (name: keyof typeof repeatLoad) => percent(median(repeatLoad[name].map(({ clientBusy }) => clientBusy)))
  return {
    times: `All contenders run in one local runtime, built by the same wrangler, ours with everything its \`wrangler.toml\` binds. A simulated provider answers after ${PROVIDER_MS} ms, DataFast after ${DATAFAST_MS} ms. \
Buyers come one by one, to every contender in turn, over a connection that stays open, each from an address of their own: ${COUNTS.firstVisits} first visits and ${count(COUNTS.repeats)} repeats at Stripe, ${COUNTS.firstVisitsEach} first visits and twice ${COUNTS.afterWebhooks} after a webhook at each provider. \
${slowest()}\
Each contender is asked at its own socket: Miniflare’s entry would add ${entryMs.toFixed(2)} ms to all of them, and make their ratios look better. Storage lies in memory.

*Webhook first*: the provider has told of a subscription, and the payment waits for the visitor that this visit brings; DataFast is held meanwhile, so that nothing of what follows falls into what is measured. ${waiting.asked} times a provider had to be asked while a buyer waited. \
*Recorded before*: the link carried the visitor, so that DataFast had it all before the buyer came. A provider’s event was acknowledged after ${acknowledged.toFixed(1)} ms. Outgoing requests during all repeats, under load and with growth as well: ${count(askedInSilence)}.`,

    costs: `CPU is user and system time of the runtime’s process (\`/proc/…/stat\`), KV, objects and the runtime’s own work included, over ${count(COUNTS.loadRounds * COUNTS.loadRepeats)} repeats and ${count(COUNTS.loadRounds * COUNTS.loadVisits)} first visits of each contender, one contender at a time, in ${COUNTS.loadRounds} rounds over ${CONNECTIONS} connections; what a visit sets off afterwards counts as well. Nothing is subtracted: (c) shows what a request costs by itself. \
While there were repeats of ours the runtime used ${busy('success-url')} of a processor and the buyers ${client('success-url')}; of (c) it was ${busy('only-redirects')} and ${client('only-redirects')}: where the buyers are the busier ones, the rate is theirs. Of ours ${percent(mean(firstLoad['success-url'].map(({ pending }) => pending)))} of the first visits were sent on before their payment was verified. \
Cold start: from the start of a runtime with one contender in it to its first answer, ${COUNTS.coldStarts} times each in turn, less that of (c), which took ${median(coldStart['only-redirects']).toFixed(0)} ms. Script loaded anew: the same into a runtime that is up, ${COUNTS.loads} times, without any storage.`,

    growth: `The same before and after ${count(COUNTS.growthEntries)} KV entries of recorded sales, in the form our Worker writes, and ${count(COUNTS.growthOrders)} orders told by webhook, verified and recorded: each has its object, which keeps its state and its next alarm for ${KEEP / DAY} days, and a row in the books. As on the platform, an object leaves the memory after some ${PUT_AWAY_AFTER_MS / 1000} seconds without work; open at the same time are those that are busy. \
The medians of ${COUNTS.growthRounds} rounds before and as many after, ${COUNTS.growthVisits} visits of a kind in each; *noise* is how far the rounds before lie apart.`,
  }
}

/** Where a 99th percentile is none. */
function slowest(): string {
  const { firstVisits, firstVisitsEach, afterWebhooks } = COUNTS
  const few = Object.entries({
    'first visits': firstVisits,
    'first visits at a provider': firstVisitsEach,
    'visits after a webhook at a provider': afterWebhooks,
  })
  const told = few.filter(([, visits]) => visits < TOLD_FROM).map(([what, visits]) => `${visits} ${what}`)
  return told.length ? `*99 %* of fewer than ${TOLD_FROM} visits is the slowest of them: of ${told.join(', of ')}. ` : ''
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function count(number: number): string {
  return number.toLocaleString('en')
}
