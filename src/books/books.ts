import type { Env } from '../env.ts'
import type { Authenticity } from '../signature.ts'
import { within } from '../within.ts'
import type { Ledger } from './ledger.ts'

const PATIENCE_MS = 5_000
/** A note that says the same again within this time is not worth a call. */
const NOTE_AGAIN_MS = 60_000

/** The books; `undefined` where none are bound. There is one of them for the whole Worker. */
export function booksOf({ LEDGER }: Env): DurableObjectStub<Ledger> | undefined {
  return LEDGER?.getByName('books')
}

const noted = new Map<string, number>()

/** Notes how a webhook was received: for the status page alone, so nobody waits for it and its loss is no loss. */
export async function noteWebhook(env: Env, provider: string, note: Authenticity): Promise<void> {
  const key = `${provider} ${note}`
  if (Date.now() - (noted.get(key) ?? 0) < NOTE_AGAIN_MS) return
  noted.set(key, Date.now())
  await within(Promise.resolve(booksOf(env)?.noteWebhook(provider, note)), PATIENCE_MS, undefined)
}
