import { type Html, html } from './html.ts'
import type { Attribution } from './report.ts'
import { counted, dayOf } from './words.ts'

type Days = Attribution['days']

/** A day is this wide, in units that the page stretches; the height is a hundred of them. */
const DAY = 10
const BAR = 7

/**
 * First payments day by day, as stacked bars: attributed ones filled, the others hollow above them. The drawing is
 * stretched to the page's width, so everything to be read stands around it, as text that keeps its size.
 */
export function chart(days: Days): Html {
  const top = topFor(Math.max(0, ...days.map(({ recorded }) => recorded)))
  const [first, last] = [days.at(0), days.at(-1)]
  if (!top || !first || !last) return html`<p class="soft">No first payment in the last 30 days. The first one draws its bar here.</p>`
  const heights = days.map(({ recorded, attributed }) => [attributed, recorded - attributed].map((count) => (count * 100) / top))
  const width = days.length * DAY
  return html`<figure>
<div class="chart"><div class="axis" aria-hidden="true"><span>${top}</span><span>${top / 2}</span><span>0</span></div>
<svg role="img" aria-labelledby="chart-title chart-desc" viewBox="0 0 ${width} 100" preserveAspectRatio="none">
<title id="chart-title">First payments by day</title><desc id="chart-desc">${description(days)}</desc>
<path class="grid" d="M0 0H${width}M0 50H${width}M0 100H${width}"/>
<path class="filled" d="${heights.map(([filled = 0], at) => bar(at, 0, filled))}"/>
<path class="hollow" d="${heights.map(([filled = 0, hollow = 0], at) => bar(at, filled, hollow))}"/></svg>
<div class="dates line" aria-hidden="true"><span>${dayOf(first.day)}</span><span>${dayOf(last.day)}</span></div></div>
<figcaption><span class="key filled"></span>attributed<span class="key hollow"></span>not attributed</figcaption>
</figure>`
}

/** The end of the scale: even, so that its middle is a whole number too. */
function topFor(most: number): number {
  const step = 2 * 10 ** Math.max(0, Math.ceil(Math.log10(most)) - 1)
  return Math.ceil(most / step) * step
}

function bar(at: number, from: number, height: number): string {
  if (!(height > 0)) return ''
  return `M${at * DAY + (DAY - BAR) / 2} ${short(100 - from)}v${short(-height)}h${BAR}v${short(height)}z`
}

function short(length: number): number {
  return Number(length.toFixed(2))
}

function description(days: Days): string {
  const sum = (key: 'recorded' | 'attributed') => days.reduce((total, day) => total + day[key], 0)
  const [best] = days.toSorted((one, other) => other.recorded - one.recorded)
  const most = best && `The most in a day: ${best.recorded}, on ${dayOf(best.day)}.`
  return `${counted(sum('recorded'), 'first payment')} recorded, ${sum('attributed')} of them attributed. ${most}`
}
