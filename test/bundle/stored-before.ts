import { readFileSync } from 'node:fs'
import type { State } from '../../src/order/state.ts'
import type { Reference } from '../../src/reference.ts'

/**
 * What a Worker of an earlier version had stored: test/fixtures/stored. Each file was written by the bundle of the commit that it
 * names, while things were broken around it (the provider or DataFast down, a key missing, KV or the orders out of reach), and
 * read from its storage before anything was mended. The files are not to be edited.
 */
export type Stored = {
  memory: { key: string; value: string; metadata?: unknown }[]
  orders: Record<Reference, State>
  books?: { schema: string[]; notes: Record<string, unknown>; movement: Record<string, unknown>[]; expected: Record<string, unknown>[] }
}

export const GENERATIONS = ['before-webhooks', 'before-books', 'before-links'] as const
export type Generation = (typeof GENERATIONS)[number]

/** What was stored, as if it had been written so long ago: every moment in it is moved alike. */
export function storedBefore(generation: Generation, agoMs: number): Stored {
  const text = readFileSync(`test/fixtures/stored/${generation}.json`, 'utf8')
  const { takenAt } = JSON.parse(text) as { takenAt: number }
  const shift = Date.now() - agoMs - takenAt
  // Moments stand in texts as well: in rows, and in what KV holds.
  return JSON.parse(text.replace(/\b\d{13}\b/g, (moment) => String(Number(moment) + shift))) as Stored
}

/** Stands where the bundle will be, and lays into storage what an earlier one had left there, alarms included. */
export const PLANTER = `
import { DurableObject } from 'cloudflare:workers'

export class Order extends DurableObject {
  async plant(state, alarm) {
    this.ctx.storage.kv.put('order', state)
    await this.ctx.storage.setAlarm(alarm)
  }
  // On a slow machine it may be due before the upgrade: it is the upgrade's to answer.
  alarm() {
    return this.ctx.storage.setAlarm(Date.now() + 1000)
  }
}

export class Ledger extends DurableObject {
  async plant({ schema, notes, movement, expected }) {
    for (const statement of schema) this.ctx.storage.sql.exec(statement)
    for (const [key, note] of Object.entries(notes)) this.ctx.storage.kv.put(key, note)
    for (const [table, rows] of Object.entries({ movement, expected })) {
      for (const row of rows) {
        const places = Object.keys(row).map(() => '?').join(', ')
        this.ctx.storage.sql.exec('INSERT INTO ' + table + ' (' + Object.keys(row).join(', ') + ') VALUES (' + places + ')', ...Object.values(row))
      }
    }
  }
}

export default {
  async fetch(request, env) {
    const { memory, orders, books, alarm } = await request.json()
    for (const { key, value, metadata } of memory) await env.RECORDED.put(key, value, { metadata })
    for (const [reference, state] of Object.entries(orders)) await env.ORDERS.getByName(reference).plant(state, alarm)
    if (books) await env.LEDGER.getByName('books').plant(books)
    return new Response('planted')
  },
}
`
