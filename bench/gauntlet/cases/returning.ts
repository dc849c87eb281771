import { Flaw } from '../flaw.ts'
import { BUYERS_PATIENCE_MS, landed, notRecorded, recordedOnce, thanked } from '../judge.ts'
import { newAddress } from '../sale.ts'
import { cookieOf, pause } from '../stage.ts'
import type { Case } from './case.ts'

const AT_ONCE = 100
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** The buyer comes back, once or many times, in all the ways browsers do. */
export const RETURNING: Case[] = [
  {
    name: 'A buyer who paid lands on the thank-you page, and the sale is recorded once, with its amount and its visitor.',
    async run(stage) {
      const sale = stage.sell()
      thanked(await stage.visit(sale), sale, stage)
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'Reloading the page after the checkout counts nothing twice.',
    async run(stage) {
      const sale = stage.sell()
      for (let time = 0; time < 3; time++) thanked(await stage.visit(sale), sale, stage)
      await recordedOnce(stage, sale)
      thanked(await stage.visit(sale), sale, stage)
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'A double click, or two tabs at the same moment, count once.',
    async run(stage) {
      const sale = stage.sell()
      for (const answer of await Promise.all([stage.visit(sale), stage.visit(sale)])) thanked(answer, sale, stage)
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'A hundred returns from one order at the same moment all land, and count once.',
    alone: true,
    async run(stage) {
      const sale = stage.sell()
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => stage.visit(sale)))
      for (const answer of answers) landed({ ...answer, ms: Math.min(answer.ms, BUYERS_PATIENCE_MS) })
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'The back button, whenever it is pressed, asks neither Stripe nor DataFast again.',
    async run(stage) {
      const sale = stage.sell()
      await stage.visit(sale)
      await recordedOnce(stage, sale)
      const before = stage.calls(sale).length
      thanked(await stage.visit(sale), sale, stage)
      await pause(1_000)
      const more = stage.calls(sale).length - before
      if (more) throw new Flaw(`${more} more ${more === 1 ? 'request' : 'requests'} went out`)
    },
  },
  {
    name: 'The same order opened on a second device, without the cookie or with somebody else’s, counts nothing twice and keeps its visitor.',
    async run(stage) {
      const sale = stage.sell()
      thanked(await stage.visit(sale), sale, stage)
      await recordedOnce(stage, sale)
      const [elsewhere, other] = [{ ...sale, address: newAddress() }, crypto.randomUUID()]
      for (const cookie of ['', cookieOf(other)]) thanked(await stage.visit(elsewhere, { cookie }), sale, stage)
      await recordedOnce(stage, sale)
      if (stage.records({ ...sale, tail: other, visitor: other }).length) throw new Flaw('was recorded for the second visitor')
    },
  },
  {
    name: 'A program that only looks (HEAD) and a browser that loads ahead of a click count nothing; the buyer after them counts.',
    async run(stage) {
      const sale = stage.sell()
      await stage.visit(sale, { method: 'HEAD', cookie: '' })
      await stage.visit(sale, { headers: { 'sec-purpose': 'prefetch', purpose: 'prefetch' } })
      await notRecorded(stage, sale, 2_000)
      thanked(await stage.visit(sale), sale, stage)
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'A checkout that sends its buyer back by a form (POST) is no dead end.',
    async run(stage) {
      const sale = stage.sell()
      thanked(await stage.visit(sale, { method: 'POST', headers: FORM, body: 'from=checkout' }), sale, stage)
      await recordedOnce(stage, sale)
    },
  },
  {
    name: 'No cache may keep the answer: the next buyer would get it instead of being counted.',
    async run(stage) {
      const sale = stage.sell()
      const { status, headers } = await stage.visit(sale)
      const control = headers['cache-control'] ?? ''
      // Without a word on it, caches keep pages and permanent redirects, and no others (RFC 9110, 15.1).
      const isKeptUnasked = [200, 203, 204, 300, 301, 308].includes(status)
      const isForbidden = /no-store|no-cache|private|max-age=0\b/.test(control)
      if (/max-age=[1-9]|immutable/.test(control) || (isKeptUnasked && !isForbidden)) {
        throw new Flaw(`${status} with “${control || 'no Cache-Control'}” may be kept`)
      }
    },
  },
]
