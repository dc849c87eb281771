import type { State } from '../../src/order/state.ts'
import { checkoutNamed } from '../checkouts/list.ts'

/** Where an order stands, in plain words. `due`: when it goes on, in ms; `next`: what happens then. */
export type Standing = { tone: 'busy' | 'wait' | 'good' | 'bad' | 'idle'; headline: string; detail: string; due?: number; next?: string }

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
      return { tone: 'busy', headline: 'Paid', detail: 'Looking for the visitor who bought it.', due: stage.tries.due, next: 'next try' }
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
    case 'trial-pending':
      return { tone: 'wait', headline: 'Waiting for the money', detail: `${provider} says: ${plain(reason)}.` }
    case 'provider-configuration':
      return { tone: 'bad', headline: `${provider} refuses our key`, detail: `Reason: ${plain(reason)}.` }
    case 'unknown':
    case 'announced-unknown':
      return { tone: 'bad', headline: 'Unknown order', detail: `${provider} has never heard of it.` }
    case 'unclear':
      return { tone: 'bad', headline: 'Paid, but how much?', detail: `Reason: ${plain(reason)}.` }
    default:
      return { tone: 'wait', headline: `Waiting for ${provider}`, detail: `It cannot be reached: ${plain(reason)}.` }
  }
}

function ended({ recorded, stage }: State, end: string, reason: string): Standing {
  switch (end) {
    case 'recorded': {
      const detail = recorded?.visitor ? 'Attributed to the visitor who bought.' : 'No visitor is known for it.'
      return { tone: 'good', headline: 'Recorded in DataFast', detail }
    }
    case 'skipped':
      return { tone: 'idle', headline: 'Nothing to record', detail: `Reason: ${plain(reason)}.` }
    case 'parked':
      return { tone: 'bad', headline: 'Parked for the operator', detail: `Reason: ${plain(reason)}.` }
    default:
      return stage.at === 'ended' && stage.outcome === 'not-paid'
        ? { tone: 'bad', headline: 'Not paid', detail: `The provider says: ${plain(reason)}.` }
        : { tone: 'bad', headline: 'Given up', detail: `Reason: ${plain(reason)}.` }
  }
}

/** `no-payment-yet` for people. */
function plain(reason = ''): string {
  return reason.replaceAll('-', ' ')
}
