import { PROVIDER_NAMES } from '../../test/bundle/sellers.ts'
import { table } from '../proof-page.ts'
import { LABELS } from './contenders.ts'
import { FIGURES, grown } from './growth-figures.ts'
import type { Results } from './results.ts'
import { median } from './statistics.ts'

/** `figure`: what was measured, in the unit of `most`. */
type Target = { what: string; figure: number; most: number; why?: string }

/** Either way of measuring, at a Worker's own socket and through Miniflare's entry, has the same limits. */
const MOST = { webhookFirst: 3, repeat: 2.2 }

/** What we set out for, and whether it is met. A target that is missed has its reason beneath the table. */
export function targets(results: Results): string {
  const all = targetsOf(results)
  const rows = all.map(({ what, figure, most }) => [
    what,
    `≤ ${most.toFixed(2)}`,
    figure.toFixed(2),
    isMet({ figure, most }) ? 'met' : '**missed**',
  ])
  const changes = FIGURES.filter(({ name }) => name !== 'bare').map(({ name, label }) => ({ label, is: grown(results.growth, name).is }))
  const isUnknown = changes.some(({ is }) => is === 'unknown')
  const beyond = changes.flatMap(({ is, label }) => (is === 'beyond' ? [label] : [])).join(', ')
  const verdict = isUnknown ? ['', 'too few rounds'] : [beyond || 'nothing', beyond ? '**missed**' : 'met']
  const growth = ['what growth makes slower by more than noise', 'nothing', ...verdict]
  const reasons = all.flatMap((target) => (isMet(target) || !target.why ? [] : [target.why]))
  return [table(['target', 'at most', 'measured', ''], [...rows, growth]), ...reasons].join('\n\n')
}

function isMet({ figure, most }: Pick<Target, 'figure' | 'most'>): boolean {
  return Number(figure.toFixed(2)) <= most
}

function targetsOf({ first, repeat, repeatAtEntry, waiting, recorded, waitingAtEntry, bytes, gzipKiB }: Results): Target[] {
  const bare = median(repeat['only-redirects'])
  const bareAtEntry = median(repeatAtEntry['only-redirects'])
  const slowest = (visits: Results['waiting']) => Math.max(...[...visits.ours.values()].map(median)) / median(visits.bare)
  const times = (figure: number) => `${figure.toFixed(2)} × (c)`
  const floorOfRepeat = times(median(repeat.straightforward) / bare)
  const repeatThere = times(median(repeatAtEntry['success-url']) / bareAtEntry)
  const floorThere = times(median(repeatAtEntry.straightforward) / bareAtEntry)
  const more = (gzipKiB['success-url'] / gzipKiB['hono-stripe']).toFixed(2)
  return [
    { what: 'first visit, × (a)', figure: median(first['success-url']) / median(first.straightforward), most: 0.3 },
    {
      what: 'webhook first, × (c), slowest provider',
      figure: slowest(waiting),
      most: MOST.webhookFirst,
      why: `*Webhook first:* reading one KV entry, writing into one object and setting its alarm already takes ${times(median(waiting.floor) / median(waiting.bare))} in this runtime, and a visit that brings the visitor does all three before its buyer may go. Through Miniflare’s entry it is ${times(slowest(waitingAtEntry))} with Stripe.`,
    },
    { what: 'webhook first through the entry, × (c), Stripe', figure: slowest(waitingAtEntry), most: MOST.webhookFirst },
    {
      what: 'webhook first and recorded before, × (c), slowest provider',
      figure: slowest(recorded),
      most: 3,
      why: `*Recorded before:* these visits read one KV entry, as repeats do; they come one by one, with pauses.`,
    },
    {
      what: 'repeat, × (c)',
      figure: median(repeat['success-url']) / bare,
      most: MOST.repeat,
      why: `*Repeat:* (a), which does nothing but read one KV entry, needs ${floorOfRepeat} here. Through Miniflare’s entry, which costs everybody the same, a repeat is ${repeatThere}, (a)’s ${floorThere}.`,
    },
    { what: 'repeat through the runtime’s entry, × (c)', figure: median(repeatAtEntry['success-url']) / bareAtEntry, most: MOST.repeat },
    {
      what: 'bundle as minified, × (b)',
      figure: bytes['success-url'] / bytes['hono-stripe'],
      most: 0.6,
    },
    {
      what: 'bundle as gzipped, × (b)',
      figure: gzipKiB['success-url'] / gzipKiB['hono-stripe'],
      most: 0.6,
      why: `*Bundle:* minified bytes are what a starting Worker parses and keeps in memory; gzip is what a deployment uploads, once. Stripe’s SDK repeats itself and so packs well; ours, with ${PROVIDER_NAMES.length} providers, a status page and its texts, does not: ${more} × its size. ${LABELS['hono-stripe'].slice(0, 3)} knows one provider and nothing of webhooks, renewals or refunds.`,
    },
  ]
}
