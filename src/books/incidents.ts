/** What is worth waking somebody for. Pure: what holds now is compared with what held before. */
import type { Mode } from '../providers/listing.ts'
import type { Movement } from './movement.ts'
import type { DayProof } from './proof.ts'
import type { Website } from './website.ts'

const HOUR = 3_600_000

/** What the books know of one provider that is switched on. */
export type ProviderState = {
  name: string
  title: string
  /** The setting that holds its key, and the one that holds what its webhooks are signed with. */
  keySetting: string
  webhookSetting: string
  mode: Mode
  startedAt: number
  lists: ListState[]
  webhook: WebhookState
  /** When the sweep last found what no webhook had told of, since the last webhook. */
  silentSince?: number
}

/** One of a provider's lists, as it was last read. `result`: `ok`, or why not. */
export type ListState = {
  list: string
  mode: Mode
  permission: string
  result: string
  checkedAt: number
  /** Everything before this moment is known; absent before the list was first read to its end. */
  watermark?: number
  rereadAt?: number
  /** The day the proof of which this list was read for. */
  tallied?: string
}

/** Whether a secret is set, and what came. */
export type WebhookState = { isExpected: boolean; expectedAt?: number; verifiedAt?: number; refusedAt?: number; refusal?: string }

export type Situation = {
  now: number
  providers: readonly ProviderState[]
  website: Website | undefined
  /** Providers that DataFast imports by itself while they are posted here: they are parked. */
  imported: readonly string[]
  open: readonly Movement[]
  /** When something was last recorded. */
  recordedAt: number
  proof: DayProof | undefined
}

export type Incident = { key: string; text: string }

export function incidentsIn({ now, providers, website, imported, open, recordedAt, proof }: Situation): Incident[] {
  const found: Incident[] = []
  const add = (key: string, text: string) => found.push({ key, text })
  for (const provider of providers) {
    const { name, title, keySetting, webhookSetting, lists, silentSince } = provider
    const refused = lists.find(({ result }) => result.startsWith('key-refused'))
    const waiting = open.filter((one) => one.provider === name && one.reason.includes('key-refused')).length
    if (refused || waiting) {
      const need = refused ? ` It must be allowed to read: ${refused.permission}.` : ''
      add(`key:${name}`, `${title} refuses the key in ${keySetting}.${need}${waitingFor(waiting)}`)
    }
    if (silentSince !== undefined) {
      add(
        `webhook:${name}`,
        `${title}’s webhook is silent, while the sweep finds sales. Check the webhook at ${title} and ${webhookSetting}.`,
      )
    }
    if (imported.includes(name)) {
      const text = `DataFast is connected to ${title} itself: its sales would count twice, so ${title}’s are parked here.`
      add(`native:${name}`, `${text} Disconnect ${title} in DataFast, or set NATIVE_INTEGRATION = "ignore".`)
    }
  }
  const unsent = open.filter(({ reason }) => reason.startsWith('datafast'))
  const isRefused = website?.result === 'key-refused-401' || unsent.some(({ reason }) => reason.startsWith('datafast-configuration'))
  if (isRefused) add('key:datafast', `DataFast takes no payments with the key in DATAFAST_API_KEY.${waitingFor(unsent.length)}`)
  const isStuck = unsent.some(({ since }) => (since ?? now) <= now - HOUR) && recordedAt < now - HOUR
  if (isStuck) add('delivery', `Nothing was delivered to DataFast for an hour. ${orders(unsent.length)} and are tried again by themselves.`)
  for (const { stage, reason, reference, transactionId } of open) {
    const isOwn = stage === 'parked' && !reason.startsWith('native-integration')
    if (isOwn)
      add(
        `parked:${reference} ${transactionId}`,
        `The order ${transactionId || reference} is parked: ${reason}. The status page says what to do.`,
      )
  }
  if (proof?.findings.length) add(`proof:${proof.day}`, `${proof.day} does not add up. ${proof.findings.join(' ')}`)
  return found
}

function orders(count: number): string {
  return count === 1 ? '1 order waits' : `${count} orders wait`
}

function waitingFor(count: number): string {
  return count ? ` ${orders(count)} until it is mended; nothing is lost.` : ''
}

/** One incident over time. `isTold`: its message went out; `isOver`: a second message is due. */
export type Raised = Incident & { since: number; isTold: boolean; isOver: boolean }

/** What was raised before, and what holds now: one message when it begins, one when it is over. */
export function raisedAfter(before: readonly Raised[], now: number, holding: readonly Incident[]): Raised[] {
  const byKey = new Map(holding.map((incident) => [incident.key, incident]))
  const kept = before.flatMap((raised) => {
    const current = byKey.get(raised.key)
    byKey.delete(raised.key)
    // Over before anybody was told is as good as never begun.
    if (!current) return raised.isTold ? [{ ...raised, isOver: true }] : []
    return [{ ...raised, text: current.text, isOver: false }]
  })
  return [...kept, ...[...byKey.values()].map((incident) => ({ ...incident, since: now, isTold: false, isOver: false }))]
}
