import type { DataFastPayment } from '../../src/datafast.ts'
import type { Outcome } from '../../src/outcome.ts'
import { destination } from '../../src/page.ts'
import type { Answer } from '../../src/payment.ts'
import type { ProviderName } from '../../src/providers/index.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { isRunningTotal, type Reference } from '../../src/reference.ts'
import type { Settings } from '../../src/settings.ts'
import { meaningOf } from '../../src/status/reasons.ts'
import { momentOf, money, plain } from '../../src/status/words.ts'
import { GUIDES } from '../guides/index.ts'
import { fixFor, whyNotThisProduct, whyTheseFields, whyThisAmount, whyThisId, whyThisKind, whyThisVisitor } from './reasons.ts'
import type { Lookup, Rehearsed } from './rehearsal.ts'

/** Everything a dry run tells. `null`: it does not come to that. */
export type Report = {
  order: Reference | null
  door: 'redirect' | 'webhook'
  /** What the provider was asked, one entry for each reference it led to, and what its answer means. */
  provider: { reference: Reference; says: Answer['is']; reason: string | null; text: string; asked: string[] }[]
  /** What a buyer would see who comes back with it; nobody comes back with a webhook. `page`: `null` for the built-in one. */
  buyer: { outcome: Outcome; reason: string; page: string | null } | null
  recorded: boolean
  stage: string
  reason: string
  /** The body of POST https://datafa.st/api/v1/payments. */
  post: DataFastPayment | null
  visitor: string | null
  visitorFrom: string | null
  /** The keys KV would hold it under. */
  remembered: Reference[]
  why: string[]
  /** What to mend, and how. */
  fix: string | null
  notes: string[]
  /** 0: it would be recorded. 1: not. 2: something has to be set first. */
  exitCode: 0 | 1 | 2
}

/** The circumstances of a dry run. `here`: the success URL, as far as it is known. */
export type Asked = { provider: Provider<ProviderName>; settings: Settings; here: URL; door: Report['door']; isSale: boolean }

/** A host for addresses that nobody has told: no page lies there. */
const NOWHERE = 'https://worker.invalid'

/** Where this Worker is reached for one provider's buyers, as far as the settings tell. */
export function successUrlOf({ publicUrl, basePath }: Settings, { name }: Provider): URL {
  return new URL(`${basePath}/success/${name}`, publicUrl ?? NOWHERE)
}

/** What became of an order, with the reasons. */
export function reportOn(reference: Reference, rehearsed: Rehearsed, asked: Asked): Report {
  const { final, lookups, postings, names, waits } = rehearsed
  const { provider, settings, door } = asked
  const posting = postings.get(final.reference)
  const { stage } = final
  const [end, reason] = stage.at === 'ended' ? [stage.end, stage.reason] : ['waiting', waitingFor(rehearsed)]
  const recorded = end === 'recorded' && posting !== undefined
  const last = lookups.at(-1)
  const { payment } = final
  const why = [
    ...(recorded ? [] : [whyNot(end, reason)]),
    ...(payment && recorded ? [whyThisKind(payment), whyThisId(payment), whyThisAmount(payment, settings)] : []),
    ...(posting ? [whyTheseFields(posting, settings), whyThisVisitor(posting, provider, waits.get(final.reference))] : []),
    ...(reason === 'other-product' ? [whyNotThisProduct(soldAs(rehearsed), provider, settings)] : []),
    ...(reason === 'other-success-url' ? [whyNotThisShop(rehearsed)] : []),
    ...firstSaleOf(rehearsed),
  ]
  const isToBeSet = last?.answer.is === 'misconfigured'
  return {
    order: reference,
    door,
    provider: lookups.map((lookup) => ({ reference: lookup.reference, ...inWords(lookup, provider) })),
    buyer: door === 'redirect' ? buyerOf(rehearsed, asked) : null,
    recorded,
    stage: end,
    reason,
    post: recorded ? posting.body : null,
    visitor: posting?.visitor ?? null,
    visitorFrom: posting && posting.from !== 'nobody' ? posting.from : null,
    remembered: names.get(final.reference) ?? [],
    why: why.filter((text) => text !== undefined),
    fix: (!recorded && last && fixFor(last, provider, settings)) || null,
    notes: notesOn(rehearsed, asked),
    exitCode: recorded ? 0 : isToBeSet ? 2 : 1,
  }
}

/** In the words of the status page, which knows nothing of what is only just being asked. */
function whyNot(end: string, reason: string): string {
  if (end === 'refused') return `The provider says that it is not paid: ${plain(reason)}.`
  if (reason !== 'unknown') return meaningOf(end, reason)
  return 'The provider does not know it: it would be asked once more after ten seconds, and then forgotten.'
}

/** What follows from a success URL that names no order: nobody is asked. */
export function reportOnInvalid(reason: string, { provider, settings, here }: Pick<Asked, 'provider' | 'settings' | 'here'>): Report {
  const ending = provider.returnQuery || 'what the provider adds by itself'
  return {
    order: null,
    door: 'redirect',
    provider: [],
    buyer: { outcome: 'invalid', reason, page: destination(settings, here, 'invalid') ?? null },
    recorded: false,
    stage: 'refused',
    reason,
    post: null,
    visitor: null,
    visitorFrom: null,
    remembered: [],
    why: [INVALID[reason] ?? plain(reason)],
    fix: `The success URL at ${provider.title} must end with ${ending}: docs/${provider.name}.md, “The success URL”.`,
    notes: problemsOf(settings),
    exitCode: 1,
  }
}

const INVALID: Record<string, string> = {
  missing: 'The address names no order.',
  repeated: 'The address names the order twice, and nobody can tell which is meant.',
  placeholder: 'The provider did not fill in the placeholder of the address.',
  malformed: 'What the address names cannot be an order of this provider.',
}

function buyerOf({ verdict }: Rehearsed, { settings, here }: Asked): Report['buyer'] {
  // Whoever is to be redirected at once is not told what is found out after.
  const { outcome, reason, transactionId } = settings.verifyBudgetMs
    ? verdict
    : ({ outcome: 'pending', reason: 'redirect-at-once' } as const)
  return { outcome, reason, page: destination(settings, here, outcome, transactionId) ?? null }
}

/** What keeps an order that has not ended, in the words of the status page. */
function waitingFor({ final: { stage } }: Rehearsed): string {
  const row = 'tries' in stage ? (stage.tries.row ?? 'not-asked') : stage.at
  const reason = 'reason' in stage ? stage.reason : undefined
  return reason && reason !== row ? `${row}:${reason}` : row
}

function soldAs({ final }: Rehearsed): readonly string[] {
  return final.payment?.soldAs ?? []
}

function whyNotThisShop({ lookups }: Rehearsed): string {
  const paid = lookups.flatMap(({ answer }) => (answer.is === 'paid' ? [answer.payment] : [])).at(-1)
  return `Its success URL is ${paid?.successUrl}. A buyer who comes back to this Worker with it makes it count all the same.`
}

function firstSaleOf({ firstSale, postings }: Rehearsed): string[] {
  if (!firstSale) return []
  const { stage, reference } = firstSale
  if (postings.has(reference)) return [`Its first sale ${reference} would be recorded as well, if it is not yet.`]
  return stage.at === 'ended'
    ? [`Its first sale ${reference} is left out: ${meaningOf(stage.end, stage.reason)}`]
    : [`Its first sale ${reference} cannot be told yet.`]
}

/** The provider's own answer in our terms. */
function inWords({ answer, questions }: Lookup, { title }: Provider): Omit<Report['provider'][number], 'reference'> {
  const reason = 'reason' in answer ? answer.reason : null
  const asked = questions.map(({ address, is, reason: why }) => `${address} (${[is, why].filter(Boolean).join(', ')})`)
  return { says: answer.is, reason, text: `${title} says: ${sentenceFor(answer)}`, asked }
}

function sentenceFor(answer: Answer): string {
  switch (answer.is) {
    case 'paid': {
      const { kind, gross, currency, paidAt, test } = answer.payment
      return `paid, a ${kind} of ${money(gross, currency)} on ${momentOf(paidAt)}${test ? ', in test mode' : ''}.`
    }
    case 'moved':
      return `that is the same as ${answer.to}.`
    case 'pending':
      return `not paid yet (${plain(answer.reason)}).`
    case 'not-paid':
      return `not paid (${plain(answer.reason)}).`
    case 'unknown':
      return 'no such order.'
    case 'ignored':
      return `complete, and no payment for anything (${plain(answer.reason)}).`
    case 'unclear':
      return `paid, but how much cannot be told (${plain(answer.reason)}).`
    case 'unreachable':
      return `nothing that can be used (${plain(answer.reason)}).`
    case 'misconfigured':
      return `not with this key (${plain(answer.reason)}).`
  }
}

function notesOn({ lookups, waits, final, assumedHosts, firstSale }: Rehearsed, asked: Asked): string[] {
  const { provider, settings, door, isSale } = asked
  const { name, title } = provider
  const { importedByDataFast, visitorOnlyInEvents } = GUIDES[name]
  const ms = lookups.reduce((sum, lookup) => sum + lookup.ms, 0)
  const isSlow = door === 'redirect' && settings.verifyBudgetMs > 0 && ms > settings.verifyBudgetMs
  return [
    'Whether the Worker has recorded it before is not known here: then it would be a repeat, and nothing would be sent.',
    isSlow && `Asking took ${ms} ms from here. A buyer waits ${settings.verifyBudgetMs} ms at most, and would be told “pending” then.`,
    waits.size > 0 && isSale && visitorOnlyInEvents && `A visitor that the link carries is told in ${title}’s webhook alone.`,
    assumedHosts.size > 0 &&
      `PUBLIC_URL is not set, so ${[...assumedHosts].join(', ')} is taken to be this Worker, going by the path of the success URL.`,
    isRunningTotal(final.reference) && 'It is a running total: what the Worker has recorded of it before would be subtracted.',
    firstSale &&
      'A sale from before its provider was switched on here is left out, and its refunds with it. Since when that is, only the Worker knows.',
    importedByDataFast &&
      !settings.postsImported &&
      `DataFast was not asked whether it imports ${title} by itself: then the Worker parks this (NATIVE_INTEGRATION).`,
    ...problemsOf(settings),
  ].filter((note) => typeof note === 'string')
}

function problemsOf({ problems }: Settings): string[] {
  return problems.map(({ text }) => `Setting: ${text}.`)
}
