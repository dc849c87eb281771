import { providerNamed } from '../../src/providers/index.ts'
import { table } from '../proof-page.ts'
import { CONTENDERS, type ContenderName, LABELS } from './contenders.ts'
import { FIGURES, type Growth, grown } from './growth-figures.ts'
import type { Load } from './load.ts'
import type { Results } from './results.ts'
import { median, p99 } from './statistics.ts'

/** How long buyers waited: median and 99th percentile in ms, and the median in times that of another. */
export function timesTable(results: Pick<Results, 'first' | 'repeat' | 'firstEach' | 'waiting' | 'recorded'>): string {
  const { first, repeat, firstEach, waiting, recorded } = results
  const visits = (name: ContenderName) => [
    ...measured(first[name], first.straightforward, 1),
    ...measured(repeat[name], repeat['only-redirects'], 2),
  ]
  const nothing = ['', '']
  return table(
    ['ms: median / 99 %', 'first visit', '× (a)', 'repeat', '× (c)', 'webhook first', '× (c)', 'recorded before', '× (c)'],
    [
      [LABELS['success-url'], ...visits('success-url'), ...nothing, ...nothing],
      ...[...firstEach].map(([provider, waited]) => [
        `subscription at ${providerNamed(provider)?.title}`,
        ...measured(waited, [], 1),
        ...nothing,
        ...measured(waiting.ours.get(provider), waiting.bare, 2),
        ...measured(recorded.ours.get(provider), recorded.bare, 2),
      ]),
      [LABELS.straightforward, ...visits('straightforward'), ...nothing, ...nothing],
      [LABELS['hono-stripe'], ...visits('hono-stripe'), ...nothing, ...nothing],
      [
        LABELS['only-redirects'],
        ...visits('only-redirects'),
        ...measured(waiting.bare, waiting.bare, 2),
        ...measured(recorded.bare, recorded.bare, 2),
      ],
      [
        'one KV entry read, one object written, its alarm set',
        ...nothing,
        ...nothing,
        ...measured(waiting.floor, waiting.bare, 2),
        ...nothing,
      ],
    ],
  )
}

function measured(waited: readonly number[] = [], others: readonly number[], digits: number): [string, string] {
  const ratio = median(waited) / median(others)
  return [`${median(waited).toFixed(digits)} / ${p99(waited).toFixed(digits)}`, Number.isNaN(ratio) ? '' : ratio.toFixed(2)]
}

/** What contenders cost: processor time, how many repeats they bear, how they start and how large they are. */
export function costsTable({ repeatLoad, firstLoad, afterWebhookLoad, coldStart, load, bytes, gzipKiB }: Results): string {
  const cpu = (loads: Load[]) => median(loads.map(({ cpuMs }) => cpuMs)).toFixed(2)
  const more = (times: Record<ContenderName, number[]>, name: ContenderName) =>
    name === 'only-redirects' ? '' : signed(median(times[name]) - median(times['only-redirects']), 1)
  return table(
    [
      ...['', 'repeats per second', 'CPU of a repeat, ms', 'of a first visit', 'of one after the webhook'],
      ...['cold start, ms more than (c)', 'script loaded anew', 'bundle, KiB gzip', 'bytes'],
    ],
    CONTENDERS.map((name) => [
      LABELS[name],
      Math.round(median(repeatLoad[name].map(({ perSecond }) => perSecond))).toLocaleString('en'),
      cpu(repeatLoad[name]),
      cpu(firstLoad[name]),
      name === 'success-url' ? cpu(afterWebhookLoad) : '',
      more(coldStart, name),
      more(load, name),
      gzipKiB[name].toFixed(2),
      bytes[name].toLocaleString('en'),
    ]),
  )
}

/** What changed with growth, beside what changes without. */
export function growthTable(growth: Growth): string {
  const { upkeepBefore, upkeepAfter } = growth
  const information = (label: string, before: number | undefined, after: number | undefined) =>
    before === undefined || after === undefined ? [] : [[label, before.toFixed(1), after.toFixed(1), signed(after - before, 1), '', '']]
  return table(
    ['ms', 'before', 'after', 'change', 'noise', ''],
    [
      ...FIGURES.map(({ name, label }) => {
        const { before, after, change, noise, is } = grown(growth, name)
        const told = is === 'unknown' ? ['', ''] : [noise.toFixed(2), is]
        return [label, before.toFixed(2), after.toFixed(2), signed(change, 2), ...told]
      }),
      ...information('*status page*', upkeepBefore.statusPage, upkeepAfter.statusPage),
      ...information('*CPU of a cron run*', upkeepBefore.cronRun, upkeepAfter.cronRun),
    ],
  )
}

function signed(difference: number, digits: number): string {
  return `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(digits)}`
}
