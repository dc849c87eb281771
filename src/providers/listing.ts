import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import type { Money, Price } from '../money.ts'
import type { Answer } from '../payment.ts'
import type { Reference } from '../reference.ts'
import { type Ask, type Get, named } from './ask.ts'

/** What a provider's own list says of one movement: enough to know whether it is recorded, and as what. */
export type Listed = {
  reference: Reference
  /** ISO 8601, UTC: when it was paid, as far as the list tells. */
  at: string
  /** What was paid, where the list tells it in a currency whose scale is known. */
  money?: Money
  /** Of a running total: how much has gone back by now, in minor units. */
  toldMinor?: number
}

/** One page. `next`: where the following one begins; absent on the last. */
type Page = { listed: Listed[]; next?: string | null }

/** A list of what moved at a provider, page by page, as far back as it is asked for. */
export type Listing = {
  /** What it lists; its place in the books' memory. */
  readonly name: string
  /** Of real money, or of a test mode that has its own: read by keys of their own, from moments of their own. */
  readonly mode: Mode
  /** What the key must be allowed to read for it, as the provider's dashboard calls it. */
  readonly permission: string
  /** Entries change after they were listed, as when a sale goes back or is paid late: they are read again every hour, not just every day. */
  readonly changes?: boolean
  /** How many orders found here may be looked up in a minute: the provider's limit holds for those of the redirect, too. */
  readonly perMinute: number
  /**
   * @param since - in ms: nothing listed by an earlier moment is wanted
   * @param cursor - the `next` of the page before
   */
  page(since: number, cursor: string | undefined, ask: Ask): Promise<({ is: 'page' } & Page) | Trouble>
}

type Trouble = Extract<Answer, { is: 'unreachable' | 'misconfigured' }>

/** Whether a key is for real money, where that can be told. */
export type Mode = 'live' | 'test' | 'unknown'

/** How a provider is reached, with which key, and how many orders a minute it bears to be asked about. */
type Source = { get: (ask: Ask) => Get; mode: Mode; perMinute: number }

/** How one list is asked for and read. `from`: ISO 8601. */
type Described<Schema extends v.GenericSchema> = Pick<Listing, 'name' | 'permission' | 'changes'> & {
  path(from: string, cursor: string | undefined): string
  answer: Schema
  read(answer: v.InferOutput<Schema>, cursor: string | undefined): Page
}

export function listing<Schema extends v.GenericSchema>(source: Source, described: Described<Schema>): Listing {
  const { path, answer, read, ...rest } = described
  return {
    ...rest,
    mode: source.mode,
    perMinute: source.perMinute,
    async page(since, cursor, ask) {
      const from = new Date(since).toISOString()
      const found = named(await source.get(ask)(path(from, cursor), answer))
      if (found.is !== 'found') return found
      const { listed, next } = read(found.object, cursor)
      // Not every list can be asked for by date: the first entry that is too old ends it, as all are sorted by their age.
      return { is: 'page', listed, next: listed.some(({ at }) => at < from) ? undefined : next }
    },
  }
}

/**
 * A list whose entries are read one by one: what cannot be read among them must not hide the others. `size` and `lastId` are
 * of all of them: where the next page begins does not depend on what is readable.
 */
export function entries<Schema extends v.GenericSchema>(item: Schema) {
  const read = (all: unknown[]) => ({
    items: v.parse(v.array(lenient(item)), all).filter((one) => one !== null && one !== undefined),
    size: all.length,
    lastId: lastIdOf(all),
  })
  return v.pipe(v.array(v.unknown()), v.transform(read))
}

function lastIdOf(all: unknown[]): string | undefined {
  const last = v.safeParse(v.object({ id: v.string() }), all.at(-1))
  return last.success ? last.output.id : undefined
}

/** The number of the page after this one, if there is one. */
export function pageAfter(cursor: string, pages: number): string | undefined {
  return Number(cursor) < pages ? `${Number(cursor) + 1}` : undefined
}

/** What was paid, where that can be told. @param tax - a list that does not tell it does not tell what is paid without it */
export function moneyOf(amount: Price, tax: number | null | undefined = 0): Money | undefined {
  if (amount.is === 'unclear') return undefined
  return { ...amount.money, net: tax === null || tax === undefined ? undefined : amount.money.net }
}
