import type { Env } from '../env.ts'
import { log } from '../log.ts'
import type { Authenticity } from '../signature.ts'
import { within } from '../within.ts'
import type { Ledger } from './ledger.ts'
import type { Owed } from './movement.ts'
import type { Standing } from './overview.ts'

const PATIENCE_MS = 5_000
/** A note that says the same again within this time is not worth a call. */
const NOTE_AGAIN_MS = 60_000

/** The books; `undefined` where none are bound. There is one of them for the whole Worker. */
export function booksOf({ LEDGER }: Env): DurableObjectStub<Ledger> | undefined {
  return LEDGER?.getByName('books')
}

/** Tells the books what has become of an order. Without books there is nobody to be told. */
export async function tell(env: Env, owed: readonly Owed[]): Promise<boolean> {
  await booksOf(env)?.record([...owed])
  return true
}

/** What the books know of a provider. */
export async function standingOf(env: Env, provider: string): Promise<Standing | undefined> {
  return booksOf(env)?.standing(provider)
}

/** The cron run: whether the books are awake. When they are not, that is told in the log. */
export async function wakeBooks(env: Env, at: number): Promise<boolean> {
  const woken = booksOf(env)?.wake(at)
  const isAwake =
    !!woken &&
    (await within(
      woken.then(() => true),
      PATIENCE_MS,
      false,
    ))
  if (!isAwake) log('loud', { event: 'books', reason: woken ? 'unreachable' : 'not-bound' })
  return isAwake
}

/** How a delivery was received. */
export type WebhookNote = Authenticity | 'secret-not-set'

/** The last note of each provider. */
const noted = new Map<string, { isAuthentic: boolean; at: number }>()

/** Notes how a webhook was received: for the status page alone, so nobody waits for it and its loss is no loss. */
export async function noteWebhook(env: Env, provider: string, note: WebhookNote): Promise<void> {
  const now = Date.now()
  const last = noted.get(provider)
  const isAuthentic = note === 'authentic'
  if (last?.isAuthentic === isAuthentic && now - last.at < NOTE_AGAIN_MS) return
  noted.set(provider, { isAuthentic, at: now })
  await within(Promise.resolve(booksOf(env)?.noteWebhook(provider, note)), PATIENCE_MS, undefined)
}
