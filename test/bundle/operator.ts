import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { Row, StatusReport } from '../../src/status/report.ts'
import { worker } from './at-provider.ts'
import { eventually, type TestWorker } from './worker.ts'

/** Unlocks the status page of every Worker that is started `WITH_STATUS`. */
export const TOKEN = 'known-to-the-operator-of-the-tests-alone'
export const BEARER = { authorization: `Bearer ${TOKEN}` }
export const BASIC = { authorization: `Basic ${btoa(`anybody:${TOKEN}`)}` }
export const OWN_FORM = { ...BASIC, origin: 'https://pay.example.com', 'sec-fetch-site': 'same-origin' }

export const WITH_STATUS = { secrets: { ...SECRETS, STATUS_TOKEN: TOKEN } }
export const WEBSITE_ID = '665f0b3c4d2e1a0012345678'
/** Nothing is missing: every check can become green. */
export const ALL_SET = {
  vars: { PUBLIC_URL: 'https://pay.example.com', DATAFAST_WEBSITE_ID: WEBSITE_ID },
  secrets: WITH_STATUS.secrets,
}

/** The status as a script reads it. */
export async function report(of: TestWorker = worker): Promise<StatusReport> {
  const answer = await of.visit('/checkout/status', { headers: { ...BEARER, accept: 'application/json' } })
  return JSON.parse(answer.text) as StatusReport
}

/** The status as a browser shows it. */
export function page(headers: Record<string, string> = {}) {
  return worker.visit('/checkout/status', { headers: { ...BASIC, accept: 'text/html,application/xhtml+xml,*/*;q=0.8', ...headers } })
}

/** A button of the status page, pressed by a script unless the headers say otherwise. */
export function press(fields: Record<string, string> | string, headers: Record<string, string> = BEARER) {
  const body = typeof fields === 'string' ? fields : new URLSearchParams(fields)
  return worker.visit('/checkout/status/retry', { method: 'POST', body, headers })
}

/** How many orders a button woke. */
export async function retried(fields: Record<string, string> | string): Promise<number> {
  const { text } = await press(fields)
  return (JSON.parse(text) as { retried: number }).retried
}

/** The cron run, and everything that follows from it. */
export async function sweep(of: TestWorker = worker): Promise<void> {
  await of.worker.scheduled({ cron: '*/15 * * * *' })
  await untilQuiet(of)
}

/** Nobody has been asked anything for a while. */
export async function untilQuiet({ world }: TestWorker = worker): Promise<void> {
  for (let calls = -1; calls !== world.calls.length; ) {
    calls = world.calls.length
    await new Promise((resolve) => setTimeout(resolve, 600))
  }
}

/** An order among those that wait, as soon as it does. */
export async function waiting(reference: string, isSo: (row: Row) => boolean = () => true, timeoutMs?: number): Promise<Row> {
  const rows = await eventually(
    async () => (await report()).waiting.filter((row) => row.reference === reference),
    ([row]) => row !== undefined && isSo(row),
    timeoutMs,
  )
  return rows[0] as Row
}

/** A movement in the list, as soon as it is there. */
export async function moved(reference: string, isSo: (row: Row) => boolean = () => true, timeoutMs?: number): Promise<Row> {
  const rows = await eventually(
    async () => (await report()).movements.filter((row) => row.reference === reference),
    ([row]) => row !== undefined && isSo(row),
    timeoutMs,
  )
  return rows[0] as Row
}

/** How one check turned out. */
export async function check(id: string, of: TestWorker = worker) {
  const found = (await report(of)).checks.find((one) => one.id === id)
  if (!found) throw new Error(`no check ${id}`)
  return found
}
