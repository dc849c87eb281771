import * as v from 'valibot'
import { lenient } from '../lenient.ts'
import type { Money, Price } from '../money.ts'
import type { Answer } from '../payment.ts'
import type { Reference } from '../reference.ts'
import type { Ask, Get } from './ask.ts'

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
export type Page = { is: 'page'; listed: Listed[]; next?: string } | Extract<Answer, { is: 'unreachable' | 'misconfigured' }>

/** `since`, in ms: nothing listed by an earlier moment is wanted. `cursor`: a page's `next`. */
export type Query = { since: number; cursor: string | undefined; get: Get }

/** A list of what moved at a provider, page by page, as far back as it is asked for. */
export type Listing = {
  /** What it lists; its place in the books' memory. */
  readonly name: string
  /** What the key must be allowed to read for it, as the provider's dashboard calls it. */
  readonly permission: string
  /** Entries change after they were listed, as when a sale goes back: they are read again every hour, and not just every day. */
  readonly changes?: boolean
  /** How many orders found here may be looked up in a minute: the provider's limit holds for those of the redirect, too. */
  readonly perMinute: number
  page(since: number, cursor: string | undefined, ask: Ask): Promise<Page>
}

/** How a provider is reached, and how many orders a minute it bears to be asked about. */
type Source = { get: (ask: Ask) => Get; perMinute: number }

type Described = Pick<Listing, 'name' | 'permission' | 'changes'> & { read: (query: Query) => Promise<Page> }

/** A provider's lists, all asked for in the same way. */
export function listings({ get, perMinute }: Source, described: readonly Described[]): Listing[] {
  return described.map(({ read, ...listing }) => ({
    ...listing,
    perMinute,
    page: (since, cursor, ask) => read({ since, cursor, get: get(ask) }),
  }))
}

/** A list whose entries are read one by one: what cannot be read among them must not hide the others. */
export function entries<Schema extends v.GenericSchema>(item: Schema) {
  return v.pipe(
    v.array(lenient(item)),
    v.transform((items) => items.filter((item) => item !== null && item !== undefined)),
  )
}

/** What is paid, where that can be told. */
export function moneyOf(amount: Price): Money | undefined {
  return amount.is === 'priced' ? amount.money : undefined
}
