import type { DayProof } from '../books/proof.ts'
import { chart } from './chart.ts'
import { Html, html, type Part } from './html.ts'
import type { Attribution, Check, Row, StatusReport } from './report.ts'
import { STYLE } from './style.ts'
import {
  attributionSentence,
  capital,
  checksSentence,
  counted,
  dayOf,
  momentOf,
  money,
  movementTitle,
  percent,
  plain,
  proofSentence,
  providerTitle,
  rehearsalSentence,
  STATES,
  visitorOf,
  worstFirst,
} from './words.ts'

/** How a stage is coloured; what was left out on purpose is not coloured at all. */
const TONES: Partial<Record<Row['stage'], Check['state']>> = { recorded: 'green', waiting: 'yellow', held: 'yellow', parked: 'red' }

/**
 * The operator's page: a whole document that needs no script and loads nothing.
 * @param retryPath - where its buttons post to
 */
export function renderStatus(report: StatusReport, retryPath: string): string {
  const { origin, setUp, incidents } = report
  const rehearsal = rehearsed(report.rehearsal)
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Status of ${origin} – success-url</title><style>${new Html(STYLE)}</style></head>
<body><a class="skip" href="#main">Skip to the content</a>
${masthead(report)}
<main id="main">
${incidents.length > 0 && current(incidents)}
${setUp && [toPaste(setUp), rehearsal]}
${attribution(report.attribution)}
${checks(report.checks, retryPath)}
${waiting(report, retryPath)}
${!setUp && rehearsal}
${movements(report.movements)}
${proof(report.proof)}
</main>
<footer>success-url ${report.version}. As JSON: ask this address with the header <code>Accept: application/json</code>.</footer>
</body></html>`.text
}

function masthead({ origin, now, checks, incidents }: StatusReport): Html {
  const [worst] = worstFirst(checks)
  const summary = checksSentence(checks)
  return html`<header><div class="line"><h1>success-url</h1>
${worst && badge(incidents.length ? 'red' : worst.state, incidents.length ? counted(incidents.length, 'incident') : summary)}</div>
<p class="soft">${origin} · as of ${time(now)}</p></header>`
}

function current(incidents: StatusReport['incidents']): Html {
  const list = incidents.map(({ since, text }) => html`<p>${text} <span class="soft">Since ${time(since)}.</span></p>`)
  return section('incidents', 'Needs your attention', list)
}

function toPaste(setUp: NonNullable<StatusReport['setUp']>): Html {
  return section(
    'set-up',
    'Set up your payment link',
    setUp.length
      ? html`<p>Paste these addresses at your provider. Everything here is waiting for your first test purchase.</p>`
      : html`<p>Give the Worker your provider’s key first; then the addresses to paste stand here, waiting for your first test purchase.</p>`,
    setUp.map(
      ({ provider, successUrl, webhookUrl, webhookSecret, webhookReady }) => html`<h3>${providerTitle(provider)}</h3>
<dl><dt>Success URL</dt><dd><code>${successUrl}</code></dd><dt>Webhook URL</dt><dd><code>${webhookUrl}</code></dd>
<dt>Webhook secret</dt><dd>${
        webhookReady
          ? html`${badge('green', 'Set')}`
          : html`${badge('yellow', 'Not set yet')} <code>npx wrangler secret put ${webhookSecret}</code>`
      }</dd></dl>`,
    ),
  )
}

function attribution(numbers: Attribution): Html {
  const { rate, misses, days } = numbers
  return section(
    'attribution',
    'Attribution',
    rate === null
      ? html`<p class="soft">No first payment in the last 30 days. How many of them find their visitor will stand here.</p>`
      : html`<p class="rate"><strong>${percent(rate)}</strong> <span>${attributionSentence(numbers)}</span></p>`,
    misses.length > 0 && html`<h3>Why the others are not</h3><ul class="misses">${misses.map(miss)}</ul>`,
    rate !== null && html`<h3>Day by day</h3>${chart(days)}`,
  )
}

function miss({ count, text, reason }: Attribution['misses'][number]): Html {
  return html`<li><strong>${count}</strong><p>${text} <span class="soft">(${plain(reason)})</span></p></li>`
}

function checks(all: Check[], retryPath: string): Html {
  const fine = all.filter(({ state }) => state === 'green')
  const list = (some: Check[]) => some.length > 0 && html`<ul>${some.map(check)}</ul>`
  return section(
    'checks',
    'Set-up checks',
    html`<div class="line"><p class="soft">${checksSentence(all) || 'Nothing has been checked yet.'}</p>
${form(retryPath, 'checks', '1', 'Check again now', 'main')}</div>`,
    list(worstFirst(all).filter(({ state }) => state !== 'green')),
    // What is in order needs no room until somebody wants to see it.
    fine.length > 0 && html`<details><summary>${counted(fine.length, 'check')} in order</summary>${list(fine)}</details>`,
  )
}

function check({ state, title, text, fix }: Check): Html {
  return html`<li><div class="line"><h3>${title}</h3>${badge(state, STATES[state])}</div><p>${text}</p>${
    fix && html`<p><strong>What to do:</strong> ${fix}</p>`
  }</li>`
}

function waiting({ waiting: rows, waitingCount }: StatusReport, retryPath: string): Html {
  const retryAll = rows.filter(({ canRetry }) => canRetry).length > 1 && form(retryPath, 'all', '1', 'Try all again now', 'main')
  const shown = waitingCount > rows.length && `, ${rows.length} of them shown`
  return section(
    'waiting',
    'Waiting',
    rows.length
      ? html`<div class="line"><p class="soft">${counted(waitingCount, 'payment')}${shown}</p>${retryAll}</div>
<ul>${rows.map((row) => waitingRow(row, retryPath))}</ul>`
      : html`<p class="soft">Nothing waits: every payment that is known has come to its end.</p>`,
  )
}

function waitingRow(row: Row, retryPath: string): Html {
  const { reference, at, amount, currency, text, nextTry, attempts, canRetry, doors } = row
  const facts: [string, Part][] = [
    ['Since', time(at)],
    ['Next try', nextTry === null ? 'none' : time(nextTry)],
    ['Attempts', attempts],
    ['Known by', doors.join(', ')],
  ]
  return html`<li><div class="line"><h3>${movementTitle(row)}${amount !== null && `, ${money(amount, currency)}`}</h3>${stage(row)}</div>
<p>${text}</p><dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<div class="line"><p class="soft">${reference}</p>${canRetry && form(retryPath, 'reference', reference, 'Try again now')}</div></li>`
}

function rehearsed(rows: Row[]): Html {
  return section(
    'rehearsal',
    'Rehearsal',
    rows.length
      ? html`<p class="soft">Test purchases are verified like real ones, and not recorded.</p><ul>${rows.map(
          (row) => html`<li><div class="line"><h3>Test purchase at ${providerTitle(row.provider)}</h3>${time(row.at)}</div>
<p>${capital(rehearsalSentence(row))}</p></li>`,
        )}</ul>`
      : html`<p class="soft">No test purchase so far. Make one in your provider’s test mode, and see here what would have been sent.</p>`,
  )
}

/** The roles say what a browser forgets of a table whose rows are laid out as cards. */
function movements(rows: Row[]): Html {
  const columns = ['Movement', 'Amount', 'State', 'Visitor', 'Reference']
  return section(
    'movements',
    'Last movements',
    rows.length
      ? html`<table role="table" aria-labelledby="movements"><thead role="rowgroup"><tr role="row">${columns.map(
          (column) => html`<th role="columnheader" scope="col"${column === 'Amount' && html` class="amount"`}>${column}</th>`,
        )}</tr></thead><tbody role="rowgroup">${rows.map(movement)}</tbody></table>`
      : html`<p class="soft">No payment yet. The first one shows here as soon as its buyer returns or a webhook tells of it.</p>`,
  )
}

function movement(row: Row): Html {
  const { at, amount, currency, text, reference, transactionId, doors } = row
  // "Recorded. Recorded." would be no news.
  const isMore = text !== `${capital(row.stage)}.`
  return html`<tr role="row"><th role="rowheader" scope="row">${movementTitle(row)} ${time(at)}</th>
<td role="cell" class="amount">${money(amount, currency) ?? '–'}</td><td role="cell">${stage(row)}${isMore && html`<p>${text}</p>`}</td>
<td role="cell">${visitorOf(row)} <p class="soft">by ${doors.join(', ')}</p></td>
<td role="cell"><code>${reference}</code> ${transactionId !== null && html`<code>${transactionId}</code>`}</td></tr>`
}

function proof(days: DayProof[]): Html {
  return section(
    'proof',
    'Daily proof',
    html`<p class="soft">What the providers list for a day, against what was recorded and what DataFast tells.</p>`,
    days.length ? html`<ul>${days.map(provenDay)}</ul>` : html`<p class="soft">The first proof comes after the first whole day (UTC).</p>`,
  )
}

function provenDay(day: DayProof): Html {
  const { findings } = day
  return html`<li><div class="line"><h3><time datetime="${day.day}">${dayOf(day.day)}</time></h3>${provenBadge(day)}</div>
<p>${capital(proofSentence(day))}</p>${findings.map((finding) => html`<p>${finding}</p>`)}</li>`
}

/** Nothing is said to add up that could not be compared. */
function provenBadge({ findings, differences }: DayProof): Html {
  if (findings.length) return badge('yellow', 'Look at this')
  return differences.some(({ difference }) => difference === null) ? badge(undefined, 'Not compared') : badge('green', 'Adds up')
}

function section(id: string, title: string, ...body: Part[]): Html {
  return html`<section class="${id}" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${body}</section>`
}

/** A word with a dot beside it, in the same colour. */
function badge(tone: Check['state'] | undefined, word: string): Html {
  return html`<span class="badge ${tone}">${word}</span>`
}

function stage(row: Row): Html {
  return badge(TONES[row.stage], capital(row.stage))
}

function time(iso: string): Html {
  return html`<time datetime="${iso}">${momentOf(iso)}</time>`
}

/** A button of its own; what it acts on is told to those who hear only buttons. */
function form(path: string, name: string, value: string, label: string, style = ''): Html {
  const about = name === 'reference' && html`<span class="hidden"> ${value}</span>`
  return html`<form method="post" action="${path}"><input type="hidden" name="${name}" value="${value}"><button class="${style}">${label}${about}</button></form>`
}
