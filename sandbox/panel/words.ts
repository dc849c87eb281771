import type { State } from '../../src/order/state.ts'
import type { Payment } from '../../src/payment.ts'
import { checkoutNamed } from '../checkouts/list.ts'
import { inSentence, plain } from './reasons.ts'

/** Where an order stands, in plain words. `due`: when it goes on, in ms; `next`: what happens then. */
export type Standing = { tone: 'busy' | 'wait' | 'good' | 'bad' | 'idle'; headline: string; detail: string; due?: number; next?: string }

/** What money moved for. */
export const KINDS: Record<Payment['kind'], string> = { sale: 'Sale', trial: 'Trial', renewal: 'Renewal', refund: 'Refund' }

export const UNKNOWN: Standing = { tone: 'idle', headline: 'Not stored', detail: 'No object holds this order.' }
export const UNHEARD_OF: Standing = {
  tone: 'bad',
  headline: 'The Worker knows nothing of it',
  detail: 'The buyer has not come back, and no webhook told of it.',
}

/** The way of every order. `now` marks the step it is at. */
export const STEPS = ['stored', 'verified', 'visitor', 'DataFast', 'remembered'] as const

/** How many steps lie behind, and whether the next one will ever come. */
export type Progress = { done: number; over: boolean }

export function progressOf({ stage, recorded, debts }: State): Progress {
  const reached = { provider: 1, moved: 2, gathering: 2, held: 2, datafast: 3 }
  if (stage.at !== 'ended') return { done: reached[stage.at], over: stage.at === 'moved' }
  if (recorded) return { done: debts.length ? 4 : 5, over: !debts.length }
  return { done: stage.end === 'refused' ? 1 : stage.end === 'parked' ? 3 : 2, over: true }
}

export function standingOf(state: State, now: number): Standing {
  const { stage } = state
  const provider = checkoutNamed(state.reference.split(':')[0])?.title ?? 'the provider'
  switch (stage.at) {
    case 'provider': {
      const { due, row } = stage.tries
      if (due <= now || !row) return { tone: 'busy', headline: `Asking ${provider}`, detail: 'Did money move, and how much?' }
      return { ...waitingFor(provider, row, stage.reason), due, next: 'next try' }
    }
    case 'gathering':
      return { ...lookingFor(stage.tries.row), due: stage.tries.due, next: 'next try' }
    case 'held':
      return {
        tone: 'wait',
        headline: 'Paid, but by whom?',
        detail: 'No visitor id yet, so it is held for one.',
        due: stage.until,
        next: 'sent without a visitor',
      }
    case 'datafast':
      return stage.tries.row
        ? {
            tone: 'wait',
            headline: 'Waiting for DataFast',
            detail: `It answered: ${plain(stage.reason)}.`,
            due: stage.tries.due,
            next: 'next try',
          }
        : { tone: 'busy', headline: 'Telling DataFast', detail: 'The payment is verified and on its way.' }
    case 'moved':
      return { tone: 'idle', headline: 'Handed over', detail: `This order goes on as ${stage.to}.` }
    case 'ended':
      return ended(state, stage.end, stage.reason)
  }
}

function waitingFor(provider: string, row: string, reason: string | undefined): Pick<Standing, 'tone' | 'headline' | 'detail'> {
  switch (row) {
    case 'payment-pending':
    case 'trial-pending': {
      const headline = reason === 'not-refunded-yet' || reason === 'pending-approval' ? 'Waiting for the refund' : 'Waiting for the money'
      return { tone: 'wait', headline, detail: inSentence(reason, `${provider} says`) }
    }
    case 'provider-configuration':
      return { tone: 'bad', headline: `${provider} refuses our key`, detail: inSentence(reason) }
    case 'unknown':
    case 'announced-unknown':
      return { tone: 'bad', headline: 'Unknown order', detail: `${provider} has never heard of it.` }
    case 'unclear': {
      const headline = reason === 'unclear-partial-refund' ? 'Refunded, but how much?' : 'Paid, but how much?'
      return { tone: 'bad', headline, detail: inSentence(reason) }
    }
    default:
      return { tone: 'wait', headline: `Waiting for ${provider}`, detail: `It cannot be reached: ${plain(reason)}.` }
  }
}

function lookingFor(row: string | undefined): Pick<Standing, 'tone' | 'headline' | 'detail'> {
  return row === 'sale-undecided'
    ? { tone: 'wait', headline: 'Waiting for its sale', detail: inSentence(row) }
    : { tone: 'busy', headline: 'Paid', detail: 'Looking for the visitor who bought it.' }
}

function ended({ recorded, stage }: State, end: string, reason: string): Standing {
  switch (end) {
    case 'recorded': {
      const whose = recorded?.visitor ? 'Attributed to the visitor who bought.' : 'No visitor is known for it.'
      return { tone: 'good', headline: 'Recorded in DataFast', detail: reason === 'already-recorded' ? inSentence(reason) : whose }
    }
    case 'skipped':
      return { tone: 'idle', headline: 'Nothing to record', detail: inSentence(reason) }
    case 'parked':
      return { tone: 'bad', headline: 'Parked for the operator', detail: inSentence(reason) }
    default:
      return stage.at === 'ended' && stage.outcome === 'not-paid'
        ? { tone: 'bad', headline: 'Not paid', detail: inSentence(reason, 'The provider says') }
        : { tone: 'bad', headline: 'Given up', detail: inSentence(reason) }
  }
}
