import { capital } from '../../src/status/words.ts'
import { visible } from '../terminal.ts'
import type { Report } from './report.ts'

const KEPT: Record<string, string> = {
  provider: 'carried by the provider',
  cookie: 'from the buyer’s cookie',
  'first-sale': 'inherited from the first sale',
}

/** A report as lines for a terminal. Nothing in it steers one. */
export function describe(report: Report): string {
  const { order, door, provider, buyer, recorded, stage, reason, post, visitor, visitorFrom, remembered, why, fix, notes } = report
  const section = (title: string, lines: string[]) => (lines.length ? ['', title, ...lines.map((line) => `  ${line}`)] : [])
  const doorway = door === 'redirect' ? 'a buyer who comes back with it' : 'the provider’s webhook or the sweep'
  const lines = [
    `Dry run: ${order ?? 'no order'}, known from ${doorway}. Nothing is sent to DataFast.`,
    ...section(
      'The provider',
      provider.flatMap(({ reference, text, asked }) => [`${reference}: ${text}`, ...asked.map((address) => `  asked ${address}`)]),
    ),
    ...section('The buyer', buyer ? [`X-Checkout-Outcome: ${buyer.outcome}`, `Page: ${buyer.page ?? 'the small one built in'}`] : []),
    ...section('DataFast would get', post ? jsonLines(post) : []),
    ...section('Under the visitor', recorded ? [visitor ? `${visitor}, ${KEPT[visitorFrom ?? '']}` : 'none'] : []),
    ...section('KV would remember it as', remembered),
    ...section('Why', why),
    ...section('To mend', fix ? [fix] : []),
    ...section('Good to know', notes),
    '',
    recorded ? 'It would be recorded.' : `It would not be recorded now: ${capital(stage)}, ${reason}.`,
  ]
  return `${lines.map(visible).join('\n')}\n`
}

function jsonLines(body: object): string[] {
  return JSON.stringify(body, null, 2).split('\n')
}
